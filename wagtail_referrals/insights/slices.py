"""Counting the facts themselves, in slices of time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import (
    CharField,
    Count,
    F,
    Func,
    IntegerField,
    QuerySet,
    Sum,
    Value,
)
from django.db.models.functions import Cast, Coalesce

from .facts import FACTS, MONEY, ZERO, Fact

# A value has so many characters at most.
LONGEST_VALUE = 60
# In one query; each takes a parameter or two of each fact.
MOST_SLICES = 500
# (slice, program, fact, dimension, value, currency): how many, and how much.
Folded = dict[tuple[int, int, str, str, str, str], list[Any]]


def in_time(fact: Fact, start: datetime, end: datetime) -> QuerySet:
    """The rows of a stretch of time."""
    time = {f"{fact.time}__gte": start, f"{fact.time}__lt": end}
    return fact.unordered.filter(**time)


class SliceOf(Func):
    """The number of the slice that a time lies in: by halves, in any database and time zone.

    One expression, not one for each slice: Django copies expressions many times.
    """

    output_field = IntegerField()

    def __init__(self, time: Any, starts: Sequence[datetime] = ()) -> None:
        super().__init__(time)
        self.starts = starts

    def as_sql(  # type: ignore[override]
        self, compiler: Any, connection: Any, **context: Any
    ) -> Any:
        column, params = compiler.compile(self.source_expressions[0])
        times = [connection.ops.adapt_datetimefield_value(at) for at in self.starts]
        found: list[Any] = []

        def halve(first: int, end: int) -> str:
            if end - first == 1:
                return str(first)
            half = (first + end) // 2
            found.extend([*params, times[half]])
            return f"CASE WHEN {column} < %s THEN {halve(first, half)} ELSE {halve(half, end)} END"

        return halve(0, len(times)), found


def _amounts(fact: Fact) -> tuple[Any, Any]:
    """The sum and the currency of a fact; 0 and "" where it is no money."""
    currency = fact.currency or Value("", output_field=CharField())
    if fact.amount is None:
        return Value(ZERO, output_field=MONEY), currency
    return Sum(fact.amount, output_field=MONEY), currency


def fold(fact: Fact, bounds: Sequence[datetime]) -> Folded:
    """The rows between the first and the last of ``bounds``, in all and split each way.

    They are read once, by all that they can be split by.
    """
    amount, currency = _amounts(fact)
    by = {f"by_{name}": expression for name, expression in fact.dimensions.items()}
    rows = in_time(fact, bounds[0], bounds[-1]).annotate(
        slice_no=SliceOf(F(fact.time), bounds[:-1]), of_program=F(fact.program), cur=currency, **by
    )
    groups = rows.values_list("slice_no", "of_program", "cur", *by).annotate(
        number=Count("pk"), money=amount
    )
    names = tuple(fact.dimensions)
    found: Folded = defaultdict(lambda: [0, ZERO])
    for number, program, cur, *values, count, money in groups.iterator():
        splits = [("", ""), *zip(names, map(as_value, values), strict=True)]
        for dimension, value in splits:
            sums = found[number, program, fact.key, dimension, value, cur]
            sums[0] += count
            # Of what has no currency there is no sum.
            sums[1] += (money or ZERO) if cur else ZERO
    return found


def as_value(value: Any) -> str:
    """As it is kept: a key as digits, what is not known as ""."""
    return "" if value is None else str(value)[:LONGEST_VALUE]


@dataclass(frozen=True)
class Live:
    """What is asked of the facts themselves: {fact: how it is split} between each two bounds.

    A fact that is split by nothing is counted in all.
    """

    facts: Mapping[str, Sequence[str]]
    bounds: Sequence[datetime]


@dataclass(frozen=True)
class _Part:
    """Some slices of what is asked, the first of which has a number."""

    asked: int
    first: int
    facts: Mapping[str, Sequence[str]]
    bounds: Sequence[datetime]


def count_live(programs: Collection[int], asked: Sequence[Live]) -> Iterator[tuple[Any, ...]]:
    """Rows of (number of what is asked, slice, fact, {dimension: value}, currency, number, amount).

    Each fact is read once, in one query unless there are very many slices.
    """
    width = max((len(by) for live in asked for by in live.facts.values()), default=0)
    for parts in _statements(_parts(asked)):
        branches = [
            _live(FACTS[key], programs, number, part.bounds, by, width)
            for number, part in enumerate(parts)
            for key, by in part.facts.items()
        ]
        for number, place, key, currency, *values, count, money in as_one(branches):
            if count:
                part, amount = parts[number], money if money and currency else ZERO
                split = dict(zip(part.facts[key], values, strict=False))
                yield part.asked, part.first + place, key, split, currency, count, amount


def as_one(rows: Sequence[QuerySet]) -> QuerySet:
    """All of them by one statement."""
    first, *others = rows
    return first.union(*others, all=True).order_by() if others else first


def _parts(asked: Sequence[Live]) -> Iterator[_Part]:
    for number, live in enumerate(asked):
        bounds = live.bounds
        for first in range(0, len(bounds) - 1, MOST_SLICES) if live.facts else ():
            yield _Part(number, first, live.facts, bounds[first : first + MOST_SLICES + 1])


def _statements(parts: Iterable[_Part]) -> Iterator[list[_Part]]:
    """As many together as one query may have."""
    some: list[_Part] = []
    for part in parts:
        if some and sum(len(one.bounds) for one in [*some, part]) > MOST_SLICES:
            yield some
            some = []
        some.append(part)
    if some:
        yield some


def _live(
    fact: Fact,
    programs: Collection[int],
    number: int,
    bounds: Sequence[datetime],
    by: Sequence[str],
    width: int,
) -> QuerySet:
    amount, currency = _amounts(fact)
    nothing = Value("", output_field=CharField())
    values: list[Any] = [Coalesce(Cast(fact.dimensions[name], CharField()), nothing) for name in by]
    # All that are asked at once have as many columns.
    values += [nothing] * (width - len(by))
    split = {f"by_{place}": value for place, value in enumerate(values)}
    rows = in_time(fact, bounds[0], bounds[-1]).filter(**{f"{fact.program}__in": programs})
    named = rows.annotate(
        part=Value(number, output_field=IntegerField()),
        slice_no=SliceOf(F(fact.time), bounds[:-1]),
        key=Value(fact.key, output_field=CharField()),
        cur=currency,
        **split,
    )
    return named.values_list("part", "slice_no", "key", "cur", *split).annotate(
        number=Count("pk"), money=amount
    )
