"""The host's own pages. All they know of referrals are the blocks one may drop into them."""

from __future__ import annotations

from django.db import models
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.fields import RichTextField, StreamField
from wagtail.images import get_image_model_string
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
from wagtail_referrals.blocks_people import LeaderboardBlock, WallOfThanksBlock
from wagtail_referrals.blocks_share import ShareKitBlock


class HomePage(Page):
    hero_heading = models.CharField(max_length=120)
    hero_text = models.TextField(max_length=400, blank=True)
    body = StreamField(
        [
            ("story", StoryBlock()),
            ("products", ProductsBlock()),
            ("visit", VisitBlock()),
            ("referral_offer", ReferralOfferBlock()),
            ("share_kit", ShareKitBlock()),
            ("feedback_link", FeedbackLinkBlock()),
            ("average_stars", AverageRatingBlock()),
            ("testimonial", TestimonialBlock()),
            ("testimonial_wall", TestimonialWallBlock()),
            ("testimonial_slider", TestimonialSliderBlock()),
            ("wall_of_thanks", WallOfThanksBlock()),
            ("board", LeaderboardBlock()),
        ],
        blank=True,
    )

    content_panels = [
        *Page.content_panels,
        MultiFieldPanel([FieldPanel("hero_heading"), FieldPanel("hero_text")], heading="Top"),
        FieldPanel("body"),
    ]
    max_count = 1


class GuidePage(Page):
    """Something worth knowing, on one page."""

    introduction = models.TextField(max_length=400)
    picture = models.ForeignKey(
        get_image_model_string(), null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    text = RichTextField(blank=True, features=["h2", "bold", "italic", "link", "ul", "ol"])

    content_panels = [
        *Page.content_panels,
        FieldPanel("introduction"),
        FieldPanel("picture"),
        FieldPanel("text"),
    ]
