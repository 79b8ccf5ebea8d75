"""The menu "Referrals": its submenus, and all that is in them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from wagtail.admin.menu import MenuItem, SubmenuMenuItem

from .asks import AskViewSet
from .batches import BatchViewSet
from .case_rules import CaseRuleAdmin
from .cases import CaseViewSet
from .champions import ChampionViewSet
from .choosers import COLLATERAL_CHOOSER, PARTNER_CHOOSER
from .collateral import CollateralViewSet
from .coupons import CouponViewSet
from .dashboard import DashboardViewSet
from .events import EventViewSet
from .experiments import ExperimentAdmin
from .feedback import FeedbackViewSet
from .friend_mails import FriendMailViewSet
from .goals import ChannelCostAdmin, GoalAdmin
from .introduction_setup import GradeLineAdmin, StageWordsAdmin, WantedContactAdmin
from .introductions import IntroductionViewSet
from .invitations import InvitationViewSet
from .leaders import LeadersViewSet
from .mails import MailViewSet
from .menu_groups import Group, GroupedMenu, entry_of
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

MAILS = MailViewSet()
TESTIMONIALS = TestimonialViewSet()
CHOOSERS = [PARTNER_CHOOSER, COLLATERAL_CHOOSER]
WHY = WhyViewSet()
STORED = StoredViewSet()
DASHBOARD = DashboardViewSet()
LEADERS = LeadersViewSet()
NPS = NpsViewSet()
STARTERS = StartersViewSet()

# What an owner looks for, from what is looked at daily to what is set up once.
GROUPS = [
    Group(
        "customers",
        _("Customers"),
        "user",
        [PersonViewSet(), AdvocateViewSet(), ReferralViewSet(), EventViewSet(), STORED],
    ),
    Group(
        "rewards",
        _("Rewards"),
        "pick",
        [
            QueueMenuItem,
            RewardViewSet(),
            WHY,
            PayoutViewSet(),
            CouponViewSet(),
            BatchViewSet(),
            CodePoolAdmin(),
        ],
    ),
    Group(
        "feedback",
        _("Feedback"),
        "form",
        [
            FeedbackViewSet(),
            CaseViewSet(),
            TESTIMONIALS,
            NPS,
            InvitationViewSet(),
            CaseRuleAdmin(),
        ],
    ),
    Group(
        "partners",
        _("Partners"),
        "link",
        [
            PartnerViewSet(),
            IntroductionViewSet(),
            CollateralViewSet(),
            TopicAdmin(),
            WantedContactAdmin(),
            GradeLineAdmin(),
            StageWordsAdmin(),
        ],
    ),
    Group(
        "messages",
        _("Messages"),
        "mail",
        [
            MessageViewSet(),
            FriendMailViewSet(),
            AskViewSet(),
            TouchpointAdmin(),
            MAILS,
            ShareTextAdmin(),
        ],
    ),
    Group(
        "numbers",
        _("Numbers"),
        "table",
        [
            LEADERS,
            ChampionViewSet(),
            ExperimentAdmin(),
            GoalAdmin(),
            ChannelCostAdmin(),
            ValueSettingsAdmin(),
        ],
    ),
    Group(
        "setup",
        _("Setup"),
        "cog",
        [ProgramAdmin(), OfferAdmin(), RewardRuleAdmin(), STARTERS],
    ),
]
_PARTS = [part for group in GROUPS for part in group.parts]
SETUP_ADMINS: list[SetupAdmin] = [part for part in _PARTS if isinstance(part, SetupAdmin)]
RECORD_VIEWSETS: list[RecordViewSet] = [part for part in _PARTS if isinstance(part, RecordViewSet)]


def referrals_menu() -> GroupedMenu:
    """At a glance first, then the submenus. Sites add to it by the two hooks."""
    return GroupedMenu(
        GROUPS,
        items=[entry_of(DASHBOARD, order=100)],
        register_hook_name="register_referrals_menu_item",
        construct_hook_name="construct_referrals_menu",
    )


def referrals_menu_item() -> MenuItem:
    """The group in the main menu."""
    return SubmenuMenuItem(
        _("Referrals"), referrals_menu(), name="referrals", icon_name="group", order=850
    )
