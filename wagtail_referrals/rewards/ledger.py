"""A reward's life: its states, and a ledger entry for every change of state or worth."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import F
from django.utils import timezone

from ..programs.money import sum_in_database
from .models import EntryKind, Reward, RewardEntry, RewardState

if TYPE_CHECKING:
    from ..events.models import Event

# From which state into which. A state that leads nowhere is the end.
TRANSITIONS: dict[RewardState, frozenset[RewardState]] = {
    RewardState.PENDING: frozenset([RewardState.APPROVED, RewardState.VOIDED]),
    RewardState.APPROVED: frozenset([RewardState.ISSUED, RewardState.VOIDED]),
    RewardState.ISSUED: frozenset([RewardState.CLAWED_BACK]),
    RewardState.VOIDED: frozenset(),
    RewardState.CLAWED_BACK: frozenset(),
}
OPEN_STATES = (RewardState.PENDING, RewardState.APPROVED)


def entry(
    reward: Reward,
    kind: str,
    *,
    amount: Decimal = Decimal("0.00"),
    actor: str = "system",
    user: Any = None,
    reason: str = "",
    event: Event | None = None,
    at: datetime | None = None,
) -> RewardEntry:
    """A ledger entry, not yet stored."""
    return RewardEntry(
        reward=reward,
        kind=kind,
        amount=amount,
        currency=reward.currency,
        actor=f"user:{user.pk}" if user else actor,
        user=user,
        reason=reason,
        event=event,
        created_at=at or timezone.now(),
    )


def move(reward: Reward, to: RewardState, **why: Any) -> bool:
    """Change the state and write why (see ``entry``); False when it is not in a state for that.

    What ends a reward's worth (voided, taken back) books the rest of it out. Call it in a
    transaction: its first statement decides which of two callers moves the reward.
    """
    sources = [state for state, targets in TRANSITIONS.items() if to in targets]
    if not Reward.objects.filter(pk=reward.pk, state__in=sources).update(state=to):
        return False
    amount = Decimal("0.00")
    reward.refresh_from_db(fields=["balance"])
    if not TRANSITIONS[to]:
        amount = -reward.balance
        Reward.objects.filter(pk=reward.pk).update(balance=Decimal("0.00"))
        reward.balance = Decimal("0.00")
    reward.state = to
    entry(reward, EntryKind(to.value), amount=amount, **why).save()
    return True


def reduce(reward: Reward, amount: Decimal, **why: Any) -> bool:
    """Take part of the worth away; False when it is not worth as much."""
    worth_it = Reward.objects.filter(pk=reward.pk, balance__gt=amount)
    if not worth_it.update(balance=sum_in_database(F("balance"), -amount)):
        return False
    reward.refresh_from_db(fields=["balance", "state", "coupon"])
    entry(reward, EntryKind.REDUCED, amount=-amount, **why).save()
    return True
