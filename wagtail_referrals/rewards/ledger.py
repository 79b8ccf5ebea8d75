"""A reward's life: its states, and a ledger entry for every change of state or worth."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import F
from django.utils import timezone

from ..late import tell_late
from ..lookups import Lookup
from ..programs.money import sum_in_database
from ..programs.offers import MONEY_KINDS
from .limits import give_back
from .models import EntryKind, Reward, RewardEntry, RewardState

if TYPE_CHECKING:
    from ..events.models import Event

ZERO = Decimal("0.00")

# From which state into which. A state that leads nowhere is the end.
TRANSITIONS: dict[RewardState, frozenset[RewardState]] = {
    RewardState.PENDING: frozenset([RewardState.HELD, RewardState.APPROVED, RewardState.VOIDED]),
    RewardState.HELD: frozenset([RewardState.APPROVED, RewardState.VOIDED]),
    RewardState.APPROVED: frozenset([RewardState.HELD, RewardState.ISSUED, RewardState.VOIDED]),
    RewardState.ISSUED: frozenset(
        [RewardState.REDEEMED, RewardState.EXPIRED, RewardState.CLAWED_BACK]
    ),
    # A use that is rolled back makes the coupon good again.
    RewardState.REDEEMED: frozenset([RewardState.ISSUED, RewardState.CLAWED_BACK]),
    RewardState.EXPIRED: frozenset(),
    RewardState.VOIDED: frozenset(),
    RewardState.CLAWED_BACK: frozenset(),
}
# What is promised and not yet given.
OPEN_STATES = (RewardState.PENDING, RewardState.HELD, RewardState.APPROVED)
END_STATES = tuple(state for state, targets in TRANSITIONS.items() if not targets)


def entry(
    reward: Reward,
    kind: str,
    *,
    amount: Decimal = ZERO,
    owed: Decimal = ZERO,
    actor: str = "system",
    user: Any = None,
    reason: str = "",
    event: Event | None = None,
    at: datetime | None = None,
) -> RewardEntry:
    """A ledger entry, not yet stored; stored it is in the transaction of this call."""
    tell_late([at])
    return RewardEntry(
        reward=reward,
        kind=kind,
        amount=amount,
        owed=owed,
        currency=reward.currency,
        actor=f"user:{user.pk}" if user else actor,
        user=user,
        reason=reason,
        event=event,
        created_at=at or timezone.now(),
    )


def sources_of(to: RewardState) -> list[RewardState]:
    """The states from which there is a way to this one."""
    return [state for state, targets in TRANSITIONS.items() if to in targets]


def move(reward: Reward, to: RewardState, **why: Any) -> RewardEntry | None:
    """Change the state and write why (see ``entry``); None when it is not in a state for that.

    What ends a reward's worth (voided, expired, taken back) books the rest of it out, and gives
    back what it used of limits. Call it in a transaction: its first statement decides which of
    two callers moves the reward.
    """
    if not Reward.objects.filter(pk=reward.pk, state__in=sources_of(to)).update(state=to):
        return None
    amount = ZERO
    reward.refresh_from_db(fields=["balance", "allowances", "owed"])
    if to in END_STATES:
        amount = -reward.balance
        Reward.objects.filter(pk=reward.pk).update(balance=ZERO)
        give_back(reward.allowances)
        reward.balance = ZERO
    reward.state = to
    line = entry(reward, EntryKind(to.value), amount=amount, **why)
    line.save()
    return line


def move_many(rewards: list[Reward], to: RewardState, **why: Any) -> list[Reward]:
    """Change the state of many whose worth stays (approved, held); those that were moved.

    Whoever asks at the same time waits for the first statement, and then finds none left.
    """
    if to in END_STATES:
        raise ValueError("What ends a reward has its worth to book out: move them one by one.")
    keys = [reward.pk for reward in rewards]
    waiting = Reward.objects.filter(pk__in=keys, state__in=sources_of(to))
    # Locks them in one go; the rows then read are the ones nobody else can move any more.
    waiting.update(state=F("state"))
    movable = set(waiting.values_list("pk", flat=True))
    Reward.objects.filter(pk__in=movable).update(state=to)
    moved = [reward for reward in rewards if reward.pk in movable]
    for reward in moved:
        reward.state = to
    RewardEntry.objects.bulk_create([entry(reward, EntryKind(to.value), **why) for reward in moved])
    return moved


def lock_reward(reward: Reward) -> None:
    """Make whoever else changes the row wait; from then on the object is as the row is."""
    Reward.objects.filter(pk=reward.pk).update(balance=F("balance"))
    reward.refresh_from_db(fields=["balance", "state", "coupon", "allowances"])


def reduce(
    reward: Reward, worth: Decimal, *, kind: EntryKind = EntryKind.REDUCED, **why: Any
) -> bool:
    """Lower the worth to ``worth`` and write the difference; False when it is no more than that.

    What it is lowered to is to be reckoned after ``lock_reward``.
    """
    difference = reward.balance - worth
    if difference <= 0:
        return False
    freed = {key: difference for key in reward.allowances if ":amount" in key}
    kept = {
        key: str(Decimal(amount) - freed.get(key, ZERO))
        for key, amount in reward.allowances.items()
    }
    Reward.objects.filter(pk=reward.pk).update(balance=worth, allowances=kept)
    give_back(freed)
    reward.balance, reward.allowances = worth, kept
    entry(reward, kind, amount=-difference, **why).save()
    return True


def owe(reward: Reward, amount: Decimal, **why: Any) -> None:
    """Note what was handed over and has to come back: later rewards are set against it."""
    Reward.objects.filter(pk=reward.pk).update(owed=sum_in_database(F("owed"), amount))
    reward.owed += amount
    entry(reward, EntryKind.OWED, owed=amount, **why).save()


_debts = Lookup(lambda: Reward.objects.filter(owed__gt=0).order_by("pk"), "person_id", "program_id")


def set_against_debts(rewards: list[Reward], **why: Any) -> list[Decimal]:
    """Lower what is about to be given by what its person owes; by how much, reward by reward.

    The debts are lowered and noted here; the new rewards' rows and entries are the caller's.
    """
    money = [reward for reward in rewards if reward.kind in MONEY_KINDS and reward.balance]
    if not money:
        return [ZERO for reward in rewards]
    people = {reward.person_id for reward in money}
    debts = [debt for person in people for debt in _debts.all(person, money[0].program_id)]
    return [_set_against(debts, reward, why) if reward in money else ZERO for reward in rewards]


def _set_against(debts: list[Reward], reward: Reward, why: dict[str, Any]) -> Decimal:
    before = reward.balance
    for debt in debts:
        if (debt.person_id, debt.currency) == (reward.person_id, reward.currency):
            reward.balance -= _recover(debt, reward.balance, **why)
    return before - reward.balance


def _recover(debt: Reward, most: Decimal, **why: Any) -> Decimal:
    """Take up to ``most`` off a debt; 0 when others have recovered all of it."""
    row = Reward.objects.filter(pk=debt.pk)
    while part := min(debt.owed, most):
        if row.filter(owed__gte=part).update(owed=sum_in_database(F("owed"), -part)):
            debt.owed -= part
            entry(debt, EntryKind.RECOVERED, owed=-part, **why).save()
            break
        # Somebody recovered of it since it was read: there is less, but there may be some.
        debt.refresh_from_db(fields=["owed"])
    return part
