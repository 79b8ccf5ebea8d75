"""This site's referral pages: our abstract classes on its own base page, as the docs show."""

from django.db import models
from modelcluster.fields import ParentalKey

from tests.custom_page_site.base.models import BasePage
from wagtail_referrals.pages.base import (
    AbstractFeedbackPage,
    AbstractFeedbackQuestion,
    AbstractReferralPage,
)


class HousePage(BasePage):
    pass


class HouseReferralPage(AbstractReferralPage, BasePage):
    content_panels = [*BasePage.content_panels, *AbstractReferralPage.referral_panels]


class HouseFeedbackPage(AbstractFeedbackPage, BasePage):
    content_panels = [*BasePage.content_panels, *AbstractFeedbackPage.feedback_panels]


class HouseQuestion(AbstractFeedbackQuestion):
    page = ParentalKey(HouseFeedbackPage, on_delete=models.CASCADE, related_name="form_fields")
