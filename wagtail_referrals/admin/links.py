"""Where an object is shown in the admin."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.db.models import Model
from django.urls import reverse

from ..asks.models import Ask, Touchpoint
from ..coupons.models import Coupon, CouponBatch
from ..events.models import Event
from ..feedback.case_models import Case, CaseRule
from ..feedback.invitation_models import Invitation
from ..feedback.models import FeedbackResponse
from ..feedback.testimonial_models import Testimonial
from ..insights.champion_models import CustomerValue, ValueSettings
from ..insights.goal_models import ChannelCost, Goal
from ..messages.models import Message
from ..messages.template_models import MessageTemplate
from ..partners.collateral_models import Collateral
from ..partners.introduction_models import GradeLine, Introduction, StageWords, WantedContact
from ..partners.models import Partner, PartnerTopic
from ..people.models import Person
from ..programs.experiment_models import Experiment
from ..programs.models import Offer, Program
from ..programs.share_models import ShareText
from ..referrals.friend_mail_models import FriendMail
from ..referrals.models import Advocate, Referral
from ..rewards.models import Reward
from ..rewards.payout_models import Payout
from ..rewards.pool_models import CodePool
from ..rewards.rule_models import RewardRule
from .permissions import can_look, is_visible

SETUP: dict[type[Model], str] = {
    Program: "programs",
    Offer: "offers",
    RewardRule: "rules",
    CodePool: "pools",
    CaseRule: "followup",
    PartnerTopic: "topics",
    WantedContact: "wanted",
    GradeLine: "grades",
    StageWords: "stages",
    ShareText: "texts",
    Touchpoint: "touchpoints",
    ValueSettings: "values",
    Experiment: "experiments",
    Goal: "goals",
    ChannelCost: "costs",
}
RECORDS: dict[type[Model], str] = {
    Person: "people",
    Advocate: "advocates",
    Referral: "referrals",
    Coupon: "coupons",
    CouponBatch: "batches",
    Reward: "rewards",
    Payout: "payouts",
    Event: "events",
    FeedbackResponse: "feedback",
    Case: "cases",
    Invitation: "invitations",
    Message: "messages",
    MessageTemplate: "mails",
    Testimonial: "testimonials",
    Partner: "partners",
    Collateral: "collateral",
    Introduction: "introductions",
    FriendMail: "friend_mails",
    Ask: "asks",
    CustomerValue: "champions",
}


def list_url(model: type[Model]) -> str:
    """The list the model's objects are in."""
    if model in SETUP:
        return reverse(f"referrals_{SETUP[model]}_modeladmin_index")
    return reverse(f"referrals_{RECORDS[model]}:index")


def admin_url(target: Model) -> str:
    """The object's own screen."""
    model = type(target)
    if model in SETUP:
        return reverse(f"referrals_{SETUP[model]}_modeladmin_inspect", args=[target.pk])
    return reverse(f"referrals_{RECORDS[model]}:inspect", args=[target.pk])


def url_for(user: Any, target: Model | None) -> str:
    """The object's own screen, or "" when there is none or the user may not see it."""
    if target is None or not can_look(user, type(target)):
        return ""
    # A person's screen asks for itself: here it would be a query for every row.
    if not isinstance(target, Person) and not is_visible(user, target):
        return ""
    return admin_url(target)


def why_url(user: Any, person: Person | None) -> str:
    """The address of a person's story, or "" for who may not see people."""
    if person is None or not can_look(user, Person):
        return ""
    return f"{reverse('referrals_why:index')}?{urlencode({'person': person.pk})}"
