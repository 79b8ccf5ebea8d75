"""Payouts: who is to be paid, the lists of them, and the answers of whoever paid."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import F, OuterRef, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext

from ..coupons.codes import LINK_LENGTH, code_key
from ..coupons.upload import LineError
from ..exceptions import ReferralsError
from ..late import tell_late
from ..programs.offers import MONEY_KINDS
from ..text import clean_line
from ..transactions import retried
from .announce import announce_paid
from .ledger import ZERO, move_many, owe
from .models import Reward, RewardState
from .payout_models import Payout, PayoutRun, PayoutState

MOST_LINES = 20_000
SLICE = 500
_RELATED = ("reward__person", "reward__program__site")
UNPAID = (PayoutState.DUE, PayoutState.EXPORTED)
# What an answer may say of a payout.
PAID_WORDS = frozenset(["paid", "ok", "yes", "done"])
FAILED_WORDS = frozenset(["failed", "error", "no", "returned"])


class BadAnswers(ReferralsError):
    """Nothing was changed; ``errors`` names every line that has to be mended."""

    def __init__(self, errors: list[LineError]) -> None:
        self.errors = errors
        super().__init__(
            "invalid_answers", "; ".join(f"{e.line}: {e.message}" for e in errors[:10])
        )


@dataclass
class Answered:
    """What an answer did: payouts by what became of them, with the line that said so."""

    paid: list[tuple[int, Payout]] = field(default_factory=list)
    failed: list[tuple[int, Payout]] = field(default_factory=list)
    # Said before: nothing was done for these.
    known: list[tuple[int, Payout]] = field(default_factory=list)


def new_payouts(rewards: list[Reward], at: datetime) -> None:
    """Put issued rewards on the list of what is due."""
    Payout.objects.bulk_create(
        Payout(reward=reward, amount=reward.balance, currency=reward.currency, created_at=at)
        for reward in rewards
    )


def cancel_payout(reward: Reward) -> bool:
    """Pay it no more, unless it is on a list already: then the answer says what became of it."""
    due = Payout.objects.filter(reward=reward.pk, state=PayoutState.DUE)
    return bool(due.update(state=PayoutState.CANCELLED))


@retried
def export_payouts(
    payouts: QuerySet[Payout], *, user: Any = None, at: datetime | None = None
) -> PayoutRun | None:
    """Put what is due of these on one list; None when nothing is.

    Whoever exports at the same time gets the others: no payout is on two lists.
    """
    at = at or timezone.now()
    run = PayoutRun.objects.create(created_by=user, created_at=at)
    keys = list(payouts.filter(state=PayoutState.DUE).order_by().values_list("pk", flat=True))
    worth = Reward.objects.filter(pk=OuterRef("reward")).values("balance")
    due = Payout.objects.filter(pk__in=keys, state=PayoutState.DUE)
    # From here on the list counts: what is refunded later is a debt, not a smaller payout.
    taken = due.update(state=PayoutState.EXPORTED, run=run, amount=Subquery(worth))
    if not taken:
        run.delete()
        return None
    return run


Said = dict[str, tuple[int, dict[str, str]]]


def answer_payouts(
    lines: Iterable[tuple[int, Mapping[str, str]]],
    *,
    payouts: QuerySet[Payout] | None = None,
    user: Any = None,
    at: datetime | None = None,
) -> Answered:
    """Note what was paid and what was not, from the lines of an answer.

    A line is its number and a mapping with "number" (of the payout), "result" (paid or failed,
    or empty: not yet), and perhaps "list" (the key of the PayoutRun), "reference" and "problem".
    A line that says again what is known changes nothing, nor does a failure of another list than
    the payout is on. ``payouts`` are those it may speak of (all, if not said). Raises
    BadAnswers for unknown or repeated numbers and for what contradicts an earlier answer; then
    nothing is changed.
    """
    allowed = Payout.objects.all() if payouts is None else payouts
    return _answer(_read(lines), allowed, user, at or timezone.now())


@retried
def _answer(said: Said, allowed: QuerySet[Payout], user: Any, at: datetime) -> Answered:
    payouts = _lock(said, allowed)
    _refuse_contradictions(said, payouts)
    answered = Answered()
    for key, (line, values) in said.items():
        payout = payouts[key]
        paid = values["result"] in PAID_WORDS
        if paid and payout.state in UNPAID:
            if payout.state == PayoutState.DUE:
                # On no list: what was paid is what the reward is worth by now.
                payout.amount = payout.reward.balance
            payout.reference = values.get("reference", "")[:120]
            answered.paid.append((line, payout))
        elif not paid and _is_of_its_list(payout, values):
            payout.problem = values.get("problem") or gettext("no reason given")
            answered.failed.append((line, payout))
        else:
            answered.known.append((line, payout))
    _pay([payout for _line, payout in answered.paid], user, at)
    _put_back([payout for _line, payout in answered.failed])
    return answered


def _is_of_its_list(payout: Payout, values: dict[str, str]) -> bool:
    """Whether a payout is on a list, and this is an answer to that list, not to an older one."""
    asked = values.get("list", str(payout.run_id))
    return payout.state == PayoutState.EXPORTED and asked == str(payout.run_id)


def _read(lines: Iterable[tuple[int, Mapping[str, str]]]) -> Said:
    said: Said = {}
    errors: list[LineError] = []
    for number, line in lines:
        values = {name: clean_line(value, 255) for name, value in line.items()}
        values["result"] = values.get("result", "").lower()
        key = code_key(values.get("number", "").upper().removeprefix("P-"), LINK_LENGTH)
        message = _wrong_with(key, values, said)
        if message:
            errors.append(LineError(number, message))
        elif values["result"]:
            said[key] = (number, values)
    if len(said) > MOST_LINES:
        errors = [LineError(0, gettext("At most %(most)s lines at once.") % {"most": MOST_LINES})]
    if errors:
        raise BadAnswers(errors)
    if not said:
        raise BadAnswers([LineError(0, gettext("No line of it says what became of a payout."))])
    return said


def _wrong_with(key: str, values: dict[str, str], said: Said) -> str:
    if not key:
        return gettext("“%(number)s” is no number of a payout.") % {
            "number": values.get("number", "")[:40]
        }
    if key in said:
        return gettext("The same payout as on line %(line)d.") % {"line": said[key][0]}
    if values["result"] and values["result"] not in PAID_WORDS | FAILED_WORDS:
        return gettext("The result is “paid” or “failed”, not “%(result)s”.") % {
            "result": values["result"][:40]
        }
    asked = values.get("list", "")
    if asked and not asked.isdecimal():
        return gettext("“%(list)s” is no number of a list.") % {"list": asked[:40]}
    return ""


def _lock(said: Said, allowed: QuerySet[Payout]) -> dict[str, Payout]:
    """The payouts that are spoken of; nobody else changes them until we are through."""
    numbers = list(said)
    Payout.objects.filter(number_key__in=numbers).update(state=F("state"))
    rows = allowed.filter(number_key__in=numbers)
    return {payout.number_key: payout for payout in rows.select_related(*_RELATED)}


def _refuse_contradictions(said: Said, payouts: dict[str, Payout]) -> None:
    errors = []
    for key, (line, values) in said.items():
        message = _contradiction(payouts.get(key), values)
        if message:
            errors.append(LineError(line, message))
    if errors:
        raise BadAnswers(errors)


def _contradiction(payout: Payout | None, values: dict[str, str]) -> str:
    if payout is None:
        return gettext("There is no payout of this number.")
    if payout.state == PayoutState.CANCELLED:
        return gettext("This payout was cancelled, as its reward was taken back.")
    if payout.state != PayoutState.PAID:
        return ""
    if values["result"] in FAILED_WORDS:
        return gettext("This payout was reported as paid before.")
    reference = values.get("reference", "")[:120]
    if reference and payout.reference and reference != payout.reference:
        return gettext("This payout was paid before, by “%(reference)s”.") % {
            "reference": payout.reference
        }
    return ""


def _pay(payouts: list[Payout], user: Any, at: datetime) -> None:
    """Note them as paid. What a reward is worth no more by now is to be recovered."""
    for payout in payouts:
        payout.state, payout.paid_at, payout.problem = PayoutState.PAID, at, ""
    fields = ["state", "amount", "paid_at", "reference", "problem"]
    Payout.objects.bulk_update(payouts, fields, batch_size=SLICE)
    tell_late([at])
    why: dict[str, Any] = {"user": user, "at": at}
    rewards = [payout.reward for payout in payouts]
    # Who was told meanwhile that it is theirs no more hears of no payment.
    announce_paid(move_many(rewards, RewardState.REDEEMED, reason=gettext("Paid out"), **why), at)
    now = Reward.objects.in_bulk([payout.reward_id for payout in payouts])
    for payout in payouts:
        excess = payout.amount - now[payout.reward_id].balance
        if payout.reward.kind in MONEY_KINDS and excess > 0:
            reason = gettext("Paid before the refund was known")
            owe(payout.reward, excess, reason=reason, **why)


def paid_for(reward: Reward) -> Decimal:
    """What was paid for a reward."""
    paid = Payout.objects.filter(reward=reward.pk, state=PayoutState.PAID)
    return paid.values_list("amount", flat=True).first() or ZERO


def _put_back(payouts: list[Payout]) -> None:
    """What could not be paid is due again; cancelled where the reward has ended meanwhile."""
    keys = [payout.reward_id for payout in payouts]
    issued = Reward.objects.filter(pk__in=keys, state=RewardState.ISSUED)
    still = set(issued.values_list("pk", flat=True))
    for payout in payouts:
        payout.run = None
        payout.state = PayoutState.DUE if payout.reward_id in still else PayoutState.CANCELLED
    Payout.objects.bulk_update(payouts, ["state", "run", "problem"], batch_size=SLICE)
