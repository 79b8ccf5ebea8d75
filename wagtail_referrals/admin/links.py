"""Where an object is shown in the admin."""

from __future__ import annotations

from typing import Any

from django.db.models import Model
from django.urls import reverse

from ..coupons.models import Coupon
from ..events.models import Event
from ..feedback.models import FeedbackResponse
from ..messages.models import Message
from ..people.models import Person
from ..programs.models import Offer, Program
from ..referrals.models import Advocate, Referral
from ..rewards.models import Reward, RewardRule
from .permissions import can_view

SETUP: dict[type[Model], str] = {Program: "programs", Offer: "offers", RewardRule: "rules"}
RECORDS: dict[type[Model], str] = {
    Person: "people",
    Advocate: "advocates",
    Referral: "referrals",
    Coupon: "coupons",
    Reward: "rewards",
    Event: "events",
    FeedbackResponse: "feedback",
    Message: "messages",
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
    if target is None or not can_view(user, type(target)):
        return ""
    return admin_url(target)
