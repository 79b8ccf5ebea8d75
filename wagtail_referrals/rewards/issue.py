"""Giving what was granted, when its time has come or somebody of the staff says so."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext

from ..people.models import Person
from ..referrals.models import Advocate
from ..text import clean_reason
from ..transactions import retried
from .announce import announce, announce_settled
from .fulfilment import follow_up, prepare
from .ledger import OPEN_STATES, entry, move, set_against_debts
from .models import EntryKind, Reward, RewardState

logger = logging.getLogger(__name__)

# When there is nothing to give, the others have their turn before it is tried again.
TRY_AGAIN = timedelta(hours=1)
# What due work gives. What is held waits for somebody of the staff.
RIPE_STATES = (RewardState.PENDING, RewardState.APPROVED)
RELATED = ("person", "program__site", "offer", "referral__friend")


@retried
def issue_reward(
    reward: Reward,
    *,
    reason: str,
    user: Any = None,
    at: datetime | None = None,
    states: Iterable[RewardState] = OPEN_STATES,
) -> bool:
    """Approve a waiting reward and give it; False when it is not in one of ``states`` (any more).

    Also False when its way of giving has nothing to give now: then it is approved, and tried
    again by the next due work. Raises InvalidInput("invalid_reason").
    """
    reason = clean_reason(reason)
    why: dict[str, Any] = {"reason": reason, "user": user}
    at = at or timezone.now()
    if not _still_in(reward, states):
        return False
    move(reward, RewardState.APPROVED, at=at, **why)
    [offset] = set_against_debts([reward], reason=reason, at=at)
    if offset:
        Reward.objects.filter(pk=reward.pk).update(balance=reward.balance)
        entry(reward, EntryKind.OFFSET, amount=-offset, at=at, **why).save()
    if offset and not reward.balance:
        move(reward, RewardState.ISSUED, at=at, **why)
        move(reward, RewardState.REDEEMED, at=at, **why)
        announce_settled([reward], at)
        return True
    if not prepare([reward], at):
        Reward.objects.filter(pk=reward.pk).update(hold_until=at + TRY_AGAIN)
        return False
    Reward.objects.filter(pk=reward.pk).update(
        coupon=reward.coupon, given=reward.given, expires_at=reward.expires_at
    )
    move(reward, RewardState.ISSUED, at=at, **why)
    follow_up([reward], at)
    advocates = Advocate.objects.select_related("program__site")
    own = advocates.filter(program=reward.program_id, person=reward.person_id).first()
    announce([reward], [], {reward.person_id: own} if own else {}, at)
    return True


def _still_in(reward: Reward, states: Iterable[RewardState]) -> bool:
    """Whether it is in one of the states, and its person not blocked; whoever has it is waited for.

    The row decides, not the object: a run before this one may have left its mark there.
    """
    welcome = Person.objects.filter(blocked_at=None)
    still = Reward.objects.filter(pk=reward.pk, state__in=states, person__in=welcome)
    if not still.update(state=F("state")):
        return False
    reward.refresh_from_db(fields=["state", "balance"])
    return True


def issue_due_rewards(*, at: datetime | None = None, limit: int = 1000) -> int:
    """Give the rewards whose hold is over, each in its own transaction; returns how many.

    Safe to run twice at once: whoever changes the state issues.
    """
    at = at or timezone.now()
    due = Reward.objects.select_related(*RELATED).filter(state__in=RIPE_STATES, hold_until__lte=at)
    due = due.filter(person__blocked_at=None)
    why = gettext("Hold is over")
    issued = 0
    for reward in due.order_by("hold_until")[:limit]:
        try:
            issued += issue_reward(reward, at=at, reason=why, states=RIPE_STATES)
        except Exception:  # the next reward is not to blame, and has its turn before this one
            logger.exception("Reward %s could not be issued", reward.pk)
            waiting = Reward.objects.filter(pk=reward.pk, state__in=RIPE_STATES)
            waiting.update(hold_until=at + TRY_AGAIN)
    return issued
