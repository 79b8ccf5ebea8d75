"""Fulfilling a reward: the coupon, and the message that brings it."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext

from ..coupons.issue import issue_coupon
from ..coupons.models import Coupon
from ..messages.queue import queue_message
from ..programs.money import format_money
from ..programs.offers import MONEY_KINDS
from ..referrals.links import link_url
from ..referrals.models import Advocate
from ..referrals.share import share_text
from ..signals import reward_issued
from ..text import clean_reason
from ..transactions import retried
from .ledger import move
from .models import Beneficiary, Reward, RewardState

logger = logging.getLogger(__name__)

MESSAGE_KINDS = {
    Beneficiary.ADVOCATE: "reward_issued",
    Beneficiary.FRIEND: "friend_coupon",
    Beneficiary.HAND_ON: "coupon_to_hand_on",
}


def fulfil(reward: Reward, advocate: Advocate | None, *, at: datetime) -> Coupon:
    """The reward's coupon and the message with it. The caller's change of state makes it once.

    ``advocate`` is the beneficiary's own membership, whose link the message carries.
    """
    hand_on = reward.beneficiary == Beneficiary.HAND_ON
    coupon = issue_coupon(
        reward.program,
        reward,
        amount=reward.balance if reward.kind in MONEY_KINDS else reward.amount,
        offer=reward.offer,
        holder=None if hand_on else reward.person,
        given_by=reward.person if hand_on else None,
        valid_days=reward.valid_days,
        max_uses=reward.max_uses,
        at=at,
    )
    kind = MESSAGE_KINDS[Beneficiary(reward.beneficiary)]
    _announce(reward, kind, advocate, at, coupon)
    transaction.on_commit(lambda: _signal(reward), robust=True)
    return coupon


def _signal(reward: Reward) -> None:
    reward_issued.send(Reward, reward=reward)


def announce_pending(reward: Reward, advocate: Advocate | None) -> None:
    """Tell the beneficiary what waits for them, and until when."""
    _announce(reward, "reward_pending", advocate, reward.created_at)


def _announce(
    reward: Reward,
    kind: str,
    advocate: Advocate | None,
    at: datetime,
    coupon: Coupon | None = None,
) -> None:
    with translation.override(reward.person.locale or settings.LANGUAGE_CODE):
        context = _context(reward, advocate, coupon)
    queue_message(
        kind,
        about=reward.award_key,
        person=reward.person,
        program=reward.program,
        context=context,
        at=at,
    )


def _context(reward: Reward, advocate: Advocate | None, coupon: Coupon | None) -> dict[str, Any]:
    context: dict[str, Any] = {
        "offer_headline": reward.headline,
        "reason": reward.rule_name,
        "hold_until": reward.hold_until.isoformat(),
    }
    if reward.kind in MONEY_KINDS:
        context["amount_text"] = format_money(reward.balance, reward.currency)
    if coupon:
        context["code"] = coupon.display_code
        context["conditions"] = coupon.conditions
        context["expires_at"] = coupon.expires_at.isoformat() if coupon.expires_at else ""
    if advocate and reward.beneficiary != Beneficiary.FRIEND:
        context["share_link"] = link_url(advocate, "email")
        context["share_text"] = share_text(reward.program, context["share_link"])
    return context


@retried
def issue_reward(
    reward: Reward, *, reason: str, user: Any = None, at: datetime | None = None
) -> bool:
    """Approve a waiting reward and issue it; False when it is not waiting (any more).

    Raises InvalidInput("invalid_reason").
    """
    reason = clean_reason(reason)
    why: dict[str, Any] = {"reason": reason, "user": user}
    at = at or timezone.now()
    # The row decides, not the object: a run before this one may have left its mark on that.
    move(reward, RewardState.APPROVED, at=at, **why)
    if not move(reward, RewardState.ISSUED, at=at, **why):
        return False
    advocates = Advocate.objects.select_related("program__site")
    advocate = advocates.filter(program=reward.program_id, person=reward.person_id).first()
    reward.coupon = fulfil(reward, advocate, at=at)
    Reward.objects.filter(pk=reward.pk).update(coupon=reward.coupon)
    return True


def issue_due_rewards(*, at: datetime | None = None, limit: int = 1000) -> int:
    """Issue the rewards whose hold is over, each in its own transaction; returns how many.

    Safe to run twice at once: whoever changes the state issues.
    """
    at = at or timezone.now()
    related = Reward.objects.select_related("person", "program__site", "offer")
    due = related.filter(state=RewardState.PENDING, hold_until__lte=at).order_by("hold_until")
    why = gettext("Hold is over")
    issued = 0
    for reward in due[:limit]:
        try:
            issued += issue_reward(reward, at=at, reason=why)
        except Exception:  # the next reward is not to blame; this one is tried again next time
            logger.exception("Reward %s could not be issued", reward.pk)
    return issued
