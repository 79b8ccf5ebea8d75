from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.models import Page

from .base import (
    AbstractFeedbackPage,
    AbstractFeedbackQuestion,
    AbstractPartnerHubPage,
    AbstractPartnerPage,
    AbstractReferralPage,
    AbstractReviewRequestPage,
)


class ReferralPage(AbstractReferralPage, Page):
    """The landing page a friend is led to."""

    content_panels = [*Page.content_panels, *AbstractReferralPage.referral_panels]
    page_description = _("Where friends land: who recommends, what they get, one field.")

    class Meta:
        verbose_name = _("referral page")
        verbose_name_plural = _("referral pages")


class FeedbackPage(AbstractFeedbackPage, Page):
    """A feedback form that ends with a coupon for a friend."""

    content_panels = [*Page.content_panels, *AbstractFeedbackPage.feedback_panels]
    page_description = _("A few questions, then a coupon for a friend.")

    class Meta:
        verbose_name = _("feedback page")
        verbose_name_plural = _("feedback pages")


class FeedbackQuestion(AbstractFeedbackQuestion):
    page = ParentalKey(FeedbackPage, on_delete=models.CASCADE, related_name="form_fields")


class ReviewRequestPage(AbstractReviewRequestPage, Page):
    """A request for a review, which hands people their own words and the places to say them."""

    content_panels = [*Page.content_panels, *AbstractReviewRequestPage.review_panels]
    page_description = _("A rating and a few sentences, a coupon, then the review sites.")

    class Meta:
        verbose_name = _("review request")
        verbose_name_plural = _("review requests")


class ReviewRequestQuestion(AbstractFeedbackQuestion):
    page = ParentalKey(ReviewRequestPage, on_delete=models.CASCADE, related_name="form_fields")


class PartnerHubPage(AbstractPartnerHubPage, Page):
    """A guide with a directory of partners."""

    content_panels = [*Page.content_panels, *AbstractPartnerHubPage.hub_panels]
    page_description = _("A guide on one topic or for one town, with a directory of partners.")

    class Meta:
        verbose_name = _("partner hub")
        verbose_name_plural = _("partner hubs")


class PartnerPage(AbstractPartnerPage, Page):
    """What visitors read about a partner."""

    content_panels = [*Page.content_panels, *AbstractPartnerPage.partner_panels]
    search_fields = [*Page.search_fields, *AbstractPartnerPage.partner_search_fields]
    page_description = _("A partner: whom they serve, how to introduce them, what they offer.")

    class Meta:
        verbose_name = _("partner's page")
        verbose_name_plural = _("partners' pages")
