"""The menu group "Referrals", and all that is in it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail.admin.menu import Menu, MenuItem, SubmenuMenuItem

from ..rewards.models import Reward
from .asks import AskViewSet
from .batches import BatchViewSet
from .case_rules import CaseRuleAdmin
from .cases import CaseViewSet
from .champions import ChampionViewSet
from .choosers import COLLATERAL_CHOOSER, PARTNER_CHOOSER
from .collateral import CollateralViewSet
from .coupons import CouponViewSet
from .events import EventViewSet
from .feedback import FeedbackViewSet
from .friend_mails import FriendMailViewSet
from .introduction_setup import GradeLineAdmin, StageWordsAdmin, WantedContactAdmin
from .introductions import IntroductionViewSet
from .invitations import InvitationViewSet
from .mails import MailViewSet
from .messages import MessageViewSet
from .nps import NpsViewSet
from .offers import OfferAdmin
from .partners import PartnerViewSet
from .payouts import PayoutViewSet
from .people import PersonViewSet
from .pools import CodePoolAdmin
from .programs import ProgramAdmin
from .records import RecordViewSet
from .referrals import AdvocateViewSet, ReferralViewSet
from .rewards import QueueMenuItem, RewardViewSet
from .rules import RewardRuleAdmin
from .setup import SetupAdmin
from .share_texts import ShareTextAdmin
from .starters import StartersViewSet
from .stored import StoredViewSet
from .testimonials import TestimonialViewSet
from .topics import TopicAdmin
from .touchpoints import TouchpointAdmin
from .value_settings import ValueSettingsAdmin
from .why import WhyViewSet

SETUP_ADMINS: list[SetupAdmin] = [
    ProgramAdmin(),
    OfferAdmin(),
    RewardRuleAdmin(),
    CodePoolAdmin(),
    CaseRuleAdmin(),
    TopicAdmin(),
    WantedContactAdmin(),
    GradeLineAdmin(),
    StageWordsAdmin(),
    ShareTextAdmin(),
    TouchpointAdmin(),
    ValueSettingsAdmin(),
]
RECORD_VIEWSETS: list[RecordViewSet] = [
    FeedbackViewSet(),
    CaseViewSet(),
    InvitationViewSet(),
    PartnerViewSet(),
    IntroductionViewSet(),
    CollateralViewSet(),
    AdvocateViewSet(),
    ReferralViewSet(),
    FriendMailViewSet(),
    CouponViewSet(),
    BatchViewSet(),
    RewardViewSet(),
    PayoutViewSet(),
    EventViewSet(),
    PersonViewSet(),
    AskViewSet(),
    MessageViewSet(),
    ChampionViewSet(),
]
MAILS = MailViewSet()
TESTIMONIALS = TestimonialViewSet()
CHOOSERS = [PARTNER_CHOOSER, COLLATERAL_CHOOSER]
WHY = WhyViewSet()
STORED = StoredViewSet()
NPS = NpsViewSet()
STARTERS = StartersViewSet()


def referrals_menu() -> Menu:
    """What an owner sets up, then what has happened. Sites add to it by the two hooks."""
    parts: list[Any] = [
        *SETUP_ADMINS,
        MAILS,
        *RECORD_VIEWSETS,
        TESTIMONIALS,
        NPS,
        STARTERS,
        WHY,
        STORED,
    ]
    items: list[MenuItem] = [
        part.get_menu_item(order=100 * number) for number, part in enumerate(parts, start=1)
    ]
    place = next(number for number, part in enumerate(parts, start=1) if part.model is Reward)
    items.append(QueueMenuItem(order=100 * place - 50))
    return Menu(
        register_hook_name="register_referrals_menu_item",
        construct_hook_name="construct_referrals_menu",
        items=items,
    )


def referrals_menu_item() -> MenuItem:
    """The group in the main menu."""
    return SubmenuMenuItem(
        _("Referrals"), referrals_menu(), name="referrals", icon_name="group", order=850
    )
