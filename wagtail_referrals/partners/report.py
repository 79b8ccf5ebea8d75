"""What is between us and each partner: given, received, won, over time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Max, Q, QuerySet, Sum
from django.utils import timezone

from ..programs.money import CENT
from .introduction_models import Direction, Introduction, IntroductionStage
from .models import PartnerState

# After so many days without an introduction or a favour, a partner is asleep.
ASLEEP_DAYS = 90


@dataclass
class Side:
    """One direction: how many, how many of them won, and what they were worth by currency."""

    count: int = 0
    won: int = 0
    value: dict[str, Decimal] = field(default_factory=dict)


@dataclass
class Balance:
    """What a partner was given and what it gave us."""

    received: Side = field(default_factory=Side)
    given: Side = field(default_factory=Side)
    last: datetime | None = None

    @property
    def difference(self) -> int:
        """Above zero: we gave more than we got; below, we owe."""
        return self.given.count - self.received.count

    @property
    def ratio(self) -> str:
        """Given to received, in small numbers: “3 : 1”; "" without either."""
        given, received = self.given.count, self.received.count
        if not given or not received:
            return f"{given} : {received}" if given or received else ""
        if given >= received:
            return f"{_short(given / received)} : 1"
        return f"1 : {_short(received / given)}"


def _short(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")


def balances(introductions: QuerySet[Introduction]) -> dict[int, Balance]:
    """The balance of every partner that has any, by its key: one statement over one index."""
    found: dict[int, Balance] = {}
    for partner, currency, direction, stage, count, value, last in _sums(introductions):
        balance = found.setdefault(partner, Balance())
        side = balance.received if direction == Direction.RECEIVED else balance.given
        side.count += count
        side.won += count if stage == IntroductionStage.WON else 0
        _add(side.value, currency, value)
        balance.last = max(filter(None, [balance.last, last]), default=None)
    return found


def _sums(introductions: QuerySet[Introduction]) -> QuerySet[Any, Any]:
    """Grouped as the index is ordered: nothing is compared row by row."""
    rows = introductions.filter(partner__isnull=False).order_by()
    grouped = rows.values_list("partner_id", "currency", "direction", "stage")
    return grouped.annotate(count=Count("*"), value=Sum("amount"), last=Max("created_at"))


def _add(sums: dict[str, Decimal], currency: str, value: Decimal | None) -> None:
    if value is None or not currency:
        return
    # SQLite adds in floating point.
    total = sums.get(currency, Decimal(0)) + Decimal(str(value))
    sums[currency] = total.quantize(CENT)


def owed(found: dict[int, Balance]) -> list[int]:
    """The keys of partners who gave us more than they got, the largest debt first."""
    debts = [(balance.difference, key) for key, balance in found.items() if balance.difference < 0]
    return [key for _difference, key in sorted(debts)]


def quiet_since(now: datetime) -> Q:
    """Active partners, not new, that nobody did a favour for a long time."""
    since = now - timedelta(days=ASLEEP_DAYS)
    no_favour = Q(last_favour_on=None) | Q(last_favour_on__lte=timezone.localdate(since))
    return no_favour & Q(state=PartnerState.ACTIVE, created_at__lte=since)


def is_asleep(balance: Balance | None, now: datetime) -> bool:
    """Whether nobody was introduced either way for a long time; of a partner that is quiet."""
    since = now - timedelta(days=ASLEEP_DAYS)
    return not (balance and balance.last and balance.last > since)


@dataclass(frozen=True)
class Month:
    """A month of one partner; ``balance`` is what stood at its end, given less received."""

    first: date
    received: int
    given: int
    balance: int


def months(introductions: QuerySet[Introduction], last: int = 24) -> list[Month]:
    """The last months with anything before them, of one partner."""
    rows = introductions.order_by("created_at").values_list("created_at", "direction")
    counted: dict[date, dict[str, int]] = {}
    for at, direction in rows.iterator():
        month = timezone.localdate(at).replace(day=1)
        counts = counted.setdefault(month, {Direction.RECEIVED: 0, Direction.GIVEN: 0})
        counts[direction] += 1
    return list(_in_turn(counted))[-last:] if counted else []


def _in_turn(counted: dict[date, dict[str, int]]) -> Iterator[Month]:
    """Every month from the first to this one, with the running balance."""
    balance = 0
    for month in _months_between(min(counted), timezone.localdate().replace(day=1)):
        counts = counted.get(month, {})
        received, given = counts.get(Direction.RECEIVED, 0), counts.get(Direction.GIVEN, 0)
        balance += given - received
        yield Month(month, received, given, balance)


def _months_between(first: date, last: date) -> Iterable[date]:
    while first <= last:
        yield first
        first = (first + timedelta(days=31)).replace(day=1)
