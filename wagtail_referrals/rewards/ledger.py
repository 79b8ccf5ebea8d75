"""A reward's life: its states, and a ledger entry for every change of state or worth."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import F
from django.utils import timezone

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


def move(reward: Reward, to: RewardState, **why: Any) -> RewardEntry | None:
    """Change the state and write why (see ``entry``); None when it is not in a state for that.

    What ends a reward's worth (voided, taken back) books the rest of it out. Call it in a
    transaction: its first statement decides which of two callers moves the reward.
    """
    sources = [state for state, targets in TRANSITIONS.items() if to in targets]
    if not Reward.objects.filter(pk=reward.pk, state__in=sources).update(state=to):
        return None
    amount = Decimal("0.00")
    reward.refresh_from_db(fields=["balance"])
    if not TRANSITIONS[to]:
        amount = -reward.balance
        Reward.objects.filter(pk=reward.pk).update(balance=Decimal("0.00"))
        reward.balance = Decimal("0.00")
    reward.state = to
    line = entry(reward, EntryKind(to.value), amount=amount, **why)
    line.save()
    return line


def reduce(reward: Reward, worth: Decimal, **why: Any) -> bool:
    """Lower the worth to ``worth`` and write the difference; False when it is no more than that."""
    # Writes nothing new, but makes whoever else changes the row wait until we are through.
    Reward.objects.filter(pk=reward.pk).update(balance=F("balance"))
    reward.refresh_from_db(fields=["balance", "state", "coupon"])
    difference = reward.balance - worth
    if difference <= 0:
        return False
    Reward.objects.filter(pk=reward.pk).update(balance=worth)
    reward.balance = worth
    entry(reward, EntryKind.REDUCED, amount=-difference, **why).save()
    return True
