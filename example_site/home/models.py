"""The home page. All it knows of referrals are the blocks an editor may drop into it."""

from __future__ import annotations

from django.db import models
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.fields import StreamField
from wagtail.models import Page

from example_site.home.blocks import ProductsBlock, StoryBlock, VisitBlock
from wagtail_referrals.blocks import (
    AverageRatingBlock,
    FeedbackLinkBlock,
    ReferralOfferBlock,
    TestimonialBlock,
    TestimonialSliderBlock,
    TestimonialWallBlock,
)


class HomePage(Page):
    hero_heading = models.CharField(max_length=120)
    hero_text = models.TextField(max_length=400, blank=True)
    body = StreamField(
        [
            ("story", StoryBlock()),
            ("products", ProductsBlock()),
            ("visit", VisitBlock()),
            ("referral_offer", ReferralOfferBlock()),
            ("feedback_link", FeedbackLinkBlock()),
            ("average_stars", AverageRatingBlock()),
            ("testimonial", TestimonialBlock()),
            ("testimonial_wall", TestimonialWallBlock()),
            ("testimonial_slider", TestimonialSliderBlock()),
        ],
        blank=True,
    )

    content_panels = [
        *Page.content_panels,
        MultiFieldPanel([FieldPanel("hero_heading"), FieldPanel("hero_text")], heading="Top"),
        FieldPanel("body"),
    ]
    max_count = 1
