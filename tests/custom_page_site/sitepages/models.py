"""This site's referral pages: our abstract classes on its own base page."""

from tests.custom_page_site.base.models import BasePage
from wagtail_referrals.pages.base import AbstractFeedbackPage, AbstractReferralPage


class HousePage(BasePage):
    pass


class HouseReferralPage(AbstractReferralPage, BasePage):
    pass


class HouseFeedbackPage(AbstractFeedbackPage, BasePage):
    pass
