"""Reminding people of coupons that lie unused: each once."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Concat
from django.utils import timezone, translation

from ..conf import setting
from ..messages.models import Message
from ..messages.queue import new_message, queue_messages
from .models import Reward, RewardState
from .rule_models import Beneficiary
from .triggers import CLAIMED

EXPIRES = "coupon_expires"
FRIENDS_COUPON = "friend_coupon_reminder"
# A worker that was down tells of what it has missed within so long.
LATE = timedelta(days=7)


def remind_of_coupons(*, at: datetime | None = None, limit: int = 1000) -> int:
    """Queue a mail for each coupon that is about to expire, and for each friend who forgot theirs.

    How many mails. Safe to run twice at once: a mail's key names the reward.
    """
    at = at or timezone.now()
    return _remind(EXPIRES, _expiring(at), at, limit) + _remind(
        FRIENDS_COUPON, _forgotten(at), at, limit
    )


def _expiring(at: datetime) -> QuerySet[Reward]:
    """Unused coupons that end within COUPON_REMINDER_DAYS, of those that were good for longer."""
    days = setting("COUPON_REMINDER_DAYS")
    if not days:
        return Reward.objects.none()
    soon = at + timedelta(days=days)
    # Of a coupon for a week its own mail is the reminder.
    lasting = Q(created_at__lte=at - timedelta(days=days))
    return _unused().filter(lasting, expires_at__gt=at, expires_at__lte=soon)


def _forgotten(at: datetime) -> QuerySet[Reward]:
    """Friends' coupons unused CLAIM_REMINDER_DAYS after the claim, by who has not bought at all.

    Not those that end soon: of these the other mail tells.
    """
    days = setting("CLAIM_REMINDER_DAYS")
    if not days:
        return Reward.objects.none()
    claimed = at - timedelta(days=days)
    lasting = Q(expires_at=None) | Q(
        expires_at__gt=at + timedelta(days=2 * (setting("COUPON_REMINDER_DAYS") or 0))
    )
    return _unused().filter(
        lasting,
        created_at__gt=claimed - LATE,
        created_at__lte=claimed,
        beneficiary=Beneficiary.FRIEND,
        event__kind=CLAIMED,
        person__customer_since=None,
    )


def _unused() -> QuerySet[Reward]:
    """Coupons that were given and lie there; of people who may use them and can be written to."""
    given = Reward.objects.filter(state=RewardState.ISSUED, coupon__uses=0, person__blocked_at=None)
    return given.exclude(coupon=None).exclude(award_key=None).exclude(person__email="")


def _remind(kind: str, rewards: QuerySet[Reward], at: datetime, limit: int) -> int:
    told = Message.objects.filter(key=Concat(Value(f"{kind}:"), OuterRef("award_key")))
    untold = rewards.filter(~Exists(told)).select_related("person", "program__site", "coupon")
    mails = [_mail(kind, reward, at) for reward in untold.order_by("expires_at", "pk")[:limit]]
    queue_messages(mails)
    return len(mails)


def _mail(kind: str, reward: Reward, at: datetime) -> Message:
    assert reward.coupon is not None
    with translation.override(reward.person.locale or settings.LANGUAGE_CODE):
        ends = reward.coupon.expires_at
        context = {
            "offer_headline": reward.coupon.headline,
            "code": reward.coupon.display_code,
            "conditions": reward.coupon.conditions,
            "expires_at": ends.isoformat() if ends else "",
            "hand_on": reward.beneficiary == Beneficiary.HAND_ON,
        }
    return new_message(
        kind,
        about=reward.award_key,
        person=reward.person,
        program=reward.program,
        context=context,
        at=at,
    )
