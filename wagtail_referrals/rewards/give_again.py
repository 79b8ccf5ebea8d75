"""Giving again what was taken back for a fact that turned out to be true after all."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import F

from ..programs.offers import MONEY_KINDS
from .announce import announce
from .issue import RELATED, issue_reward
from .ledger import END_STATES, ZERO, entry
from .models import EntryKind, Reward, RewardEntry, RewardState

if TYPE_CHECKING:
    from ..events.models import Event

# What ends a reward because its own event counts no more has that event on its line.
_TAKEN = (EntryKind.VOIDED, EntryKind.CLAWED_BACK)


def give_again(event: Event, *, reason: str, user: Any, at: datetime) -> list[Reward]:
    """Grant anew what was ended because of ``event`` itself; the new rewards.

    What had been given is given at once, the rest waits as it did. As for every reward that staff
    brings back, no limit counts it. Call it in a transaction that only one caller gets to.
    """
    ended = Reward.objects.select_related(*RELATED).filter(
        event=event, entries__event=F("event"), entries__kind__in=_TAKEN, person__erased_at=None
    )
    why = {"reason": reason, "user": user, "at": at}
    return [new for old in ended.exclude(award_key=None) if (new := _again(old, why))]


def _again(old: Reward, why: dict[str, Any]) -> Reward | None:
    *before, end = [line for line in old.entries.all() if line.kind in RewardState.values]
    was = before[-1].kind if before else RewardState.PENDING
    # What they had of money is a debt, which takes care of itself; the rest they still have.
    if old.kind not in MONEY_KINDS and (was == RewardState.REDEEMED or old.given):
        return None
    if not Reward.objects.filter(pk=old.pk, state__in=END_STATES).update(award_key=None):
        return None
    new = _granted(old, -end.amount, why, held=was == RewardState.HELD)
    if end.kind == EntryKind.CLAWED_BACK:
        issue_reward(new, **why)
    elif new.state == RewardState.PENDING:
        announce([], [new], {}, why["at"])
    return new


def _granted(old: Reward, worth: Any, why: dict[str, Any], *, held: bool) -> Reward:
    """A reward as the old one was, with a ledger and a key of its own."""
    new: Reward = Reward.objects.select_related(*RELATED).get(pk=old.pk)
    offsets = RewardEntry.objects.filter(reward=old.pk, kind=EntryKind.OFFSET)
    new.pk, new.coupon, new.given, new.expires_at = None, None, "", None
    new._state.adding = True
    new.state = RewardState.HELD if held else RewardState.PENDING
    # What of it had gone against a debt is owed again since it was taken back.
    new.balance = worth - sum((line.amount for line in offsets), ZERO)
    new.owed, new.allowances, new.created_at = ZERO, {}, why["at"]
    new.award_key = f"{':'.join(str(old.award_key).split(':')[:4])}:{old.pk}"
    new.save(force_insert=True)
    entry(new, EntryKind.GRANTED, amount=new.balance, **why).save()
    if held:
        entry(new, EntryKind.HELD, **why).save()
    return new
