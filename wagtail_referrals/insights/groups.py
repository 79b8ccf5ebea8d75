"""The four groups: who is above both thresholds, above one of them, or above none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_FLOOR, Decimal
from itertools import islice
from math import sqrt
from typing import Any

from django.db.models import Count, FloatField, Max, Min, Q, QuerySet, Sum, Value
from django.db.models.functions import Abs, Cast, Floor, Greatest, Least, Sign, Sqrt
from django.utils import timezone

from ..programs.money import CENT
from ..transactions import retried
from .champion_models import CustomerValue, Group, SegmentMove, ValueSettings, ValueSummary

# With fewer customers a median says nothing.
FEW = 10
# The picture's grid.
COLUMNS, ROWS = 64, 40
# Keys of why there is not enough yet.
FEW_CUSTOMERS, NOBODY_BUYS_MORE, NOBODY_BRINGS = "few", "lifetime", "referral"
ZERO = Decimal("0.00")
_CHUNK = 2000


@dataclass(frozen=True)
class Thresholds:
    """What is above them is high; ``lacks`` says why there are none."""

    lifetime: Decimal | None = None
    referral: Decimal | None = None
    lacks: str = ""


def middle(values: QuerySet, name: str, count: int) -> Decimal:
    """The median; between two values the cent below their mean, which parts them as well."""
    found = values.order_by(name).values_list(name, flat=True)
    start = (count - 1) // 2
    pair = list(found[start : count // 2 + 1])
    return ((pair[0] + pair[-1]) / 2).quantize(CENT, rounding=ROUND_FLOOR)


@retried
def sort_into_groups(settings: ValueSettings, *, at: datetime, ahead_of_time: int) -> bool:
    """End the run of ``at``: groups, moves and summaries in one. False when it was superseded."""
    run = ValueSettings.objects.filter(pk=settings.pk, run_at=at)
    if not run.update(
        run_at=None, run_seen=timezone.now(), computed_at=at, ahead_of_time=ahead_of_time
    ):
        return False
    values = CustomerValue.objects.filter(program=settings.program_id).order_by()
    sizes: dict[str, Any] = {
        row["currency"]: row
        for row in values.values("currency").annotate(
            count=Count("pk"),
            lifetime_low=Min("lifetime"),
            lifetime_high=Max("lifetime"),
            referral_low=Min("referral_value"),
            referral_high=Max("referral_value"),
        )
    }
    for currency, size in sizes.items():
        _sort_currency(settings, values.filter(currency=currency), currency, size, at)
    gone = ValueSummary.objects.filter(program=settings.program_id)
    gone.exclude(currency__in=list(sizes)).delete()
    return True


def _sort_currency(
    settings: ValueSettings, values: QuerySet, currency: str, size: dict[str, Any], at: datetime
) -> None:
    thresholds = find_thresholds(settings, values, currency, size)
    _move(values, settings.program_id, currency, thresholds, at)
    span = {name: size[name] for name in _SPAN}
    ValueSummary.objects.update_or_create(
        program_id=settings.program_id,
        currency=currency,
        defaults={
            **span,
            "customers": size["count"],
            "lifetime_from": thresholds.lifetime,
            "referral_from": thresholds.referral,
            "lacks": thresholds.lacks,
            "groups": _sums(values),
            "dots": _dots(values, **span),
            "computed_at": at,
        },
    )


def find_thresholds(
    settings: ValueSettings, values: QuerySet, currency: str, size: dict[str, Any]
) -> Thresholds:
    """As the owner chose them, else the medians; none where they would part nobody."""
    if size["count"] < FEW:
        return Thresholds(lacks=FEW_CUSTOMERS)
    is_own = currency == settings.program.currency
    lifetime = settings.lifetime_from if is_own else None
    referral = settings.referral_from if is_own else None
    if lifetime is None:
        lifetime = middle(values, "lifetime", size["count"])
    if referral is None:
        referral = middle(values, "referral_value", size["count"])
    if size["lifetime_high"] <= lifetime:
        return Thresholds(lacks=NOBODY_BUYS_MORE)
    if size["referral_high"] <= referral:
        return Thresholds(lacks=NOBODY_BRINGS)
    return Thresholds(lifetime, referral)


def _move(
    values: QuerySet, program: int, currency: str, thresholds: Thresholds, at: datetime
) -> None:
    """Put everybody into their group, and write down who left which."""
    if thresholds.lifetime is None or thresholds.referral is None:
        values.exclude(segment="").update(segment="")
        return
    buys = Q(lifetime__gt=thresholds.lifetime)
    brings = Q(referral_value__gt=thresholds.referral)
    groups = {
        Group.CHAMPIONS: buys & brings,
        Group.AFFLUENTS: buys & ~brings,
        Group.ADVOCATES: ~buys & brings,
        Group.MISERS: ~buys & ~brings,
    }
    why = {
        "program_id": program,
        "currency": currency,
        "lifetime_from": thresholds.lifetime,
        "referral_from": thresholds.referral,
        "moved_at": at,
    }
    for group, condition in groups.items():
        arriving = values.filter(condition).exclude(segment=group)
        # Who is sorted for the first time has not moved.
        moved = arriving.exclude(segment="").values_list("person_id", "segment")
        moves = (
            SegmentMove(person_id=person, before=before, after=group, **why)
            for person, before in moved.iterator(chunk_size=_CHUNK)
        )
        while some := list(islice(moves, _CHUNK)):
            SegmentMove.objects.bulk_create(some)
        arriving.update(segment=group)


_SUMS = {
    "lifetime": Sum("lifetime"),
    "referral": Sum("referral_value"),
    "referral_low": Sum("referral_low"),
    "referral_high": Sum("referral_high"),
}
_SPAN = ("lifetime_low", "lifetime_high", "referral_low", "referral_high")


def _sums(values: QuerySet) -> dict[str, dict[str, Any]]:
    """Counts and sums of the groups, as ValueSummary has them."""
    rows = values.values("segment").annotate(count=Count("pk"), **_SUMS)
    return {
        row.pop("segment"): {
            name: told if name == "count" else str((told or ZERO).quantize(CENT))
            for name, told in row.items()
        }
        for row in list(rows)
    }


def _dots(
    values: QuerySet,
    *,
    lifetime_low: Decimal,
    lifetime_high: Decimal,
    referral_low: Decimal,
    referral_high: Decimal,
) -> list[list[Any]]:
    """How many customers of each group lie in which field of the grid, counted by the database."""
    fields = values.annotate(
        column=_cell("lifetime", lifetime_low, lifetime_high, COLUMNS),
        row=_cell("referral_value", referral_low, referral_high, ROWS),
    )
    counts = fields.values_list("column", "row", "segment").annotate(count=Count("pk"))
    return [
        [column, row, count, group]
        for column, row, group, count in sorted(
            (int(column), int(row), group, count) for column, row, group, count in counts
        )
    ]


def _cell(name: str, low: Decimal, high: Decimal, cells: int) -> Any:
    """In which of the cells an amount lies: ``position`` in the database, without its fraction."""
    start = _root(float(low))
    width = _root(float(high)) - start
    if not width:
        return Value(cells // 2)
    # Where a dot is need not be right to the cent.
    amount = Cast(name, FloatField())
    place = (Sign(amount) * Sqrt(Abs(amount)) - Value(start)) * Value(cells / width)
    return Floor(Least(Greatest(place, Value(0.0)), Value(cells - 1.0)))


def position(low: Decimal, high: Decimal, cells: int) -> Callable[[float], float]:
    """Where an amount lies, from 0 to ``cells``: by its root, for few are far above the others."""
    start = _root(float(low))
    width = _root(float(high)) - start
    if not width:
        return lambda amount: cells / 2
    each = cells / width
    return lambda amount: max((_root(amount) - start) * each, 0.0)


def _root(amount: float) -> float:
    return sqrt(amount) if amount >= 0 else -sqrt(-amount)
