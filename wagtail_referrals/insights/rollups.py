"""What has happened, counted: hours that are over in rollups, the newest live.

Periods are half-open and begin and end with an hour of the site's clock. What is longer ago than
some days is known by whole days only: a period that begins or ends within such an hour or day has
all of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import chain
from typing import Any

from django.db.models import F, IntegerField, Q, QuerySet, Sum, Value
from django.utils import timezone

from . import clock
from .cover import Piece, cover
from .facts import FACTS, MONEY, ZERO
from .keeping import rebuild as rebuild
from .keeping import update_rollups as update_rollups
from .rollup_models import Level, Rollup, RollupState
from .slices import Live, SliceOf, as_one, count_live


@dataclass(frozen=True)
class Span:
    """From ``start`` up to, not including, ``end``; both aware."""

    start: datetime
    end: datetime


@dataclass
class Counted:
    """How many, and their amounts by currency."""

    count: int = 0
    amounts: dict[str, Decimal] = field(default_factory=dict)

    def add(self, currency: str, count: int, amount: Decimal) -> None:
        self.count += count
        if currency:
            self.amounts[currency] = self.amounts.get(currency, ZERO) + amount


Found = dict[tuple[str, str], Counted]
# Until when it is counted, and from when on by hours.
State = tuple[datetime | None, datetime | None]
# What is counted: {dimension, "" in all: keys of FACTS; none: all of them}.
Ways = Mapping[str, Sequence[str]]


def count_facts(
    programs: Iterable[int],
    span: Span,
    *,
    facts: Sequence[str] = (),
    dimension: str = "",
    at: datetime | None = None,
    state: State | None = None,
) -> Found:
    """What happened in a span, by (fact, value of the dimension); the value is "" in all.

    ``programs`` are keys; no ``facts``: all of them. What did not happen is not in it. Split by a
    dimension, the value is "" of what is not known; facts that do not know it are not there.
    What is after ``at`` has not happened yet. Who counts several times reads the ``state`` once.
    """
    asked = Question(span, {dimension: facts})
    [found] = count_all(programs, [asked], at=at, state=state)
    return next(iter(found[dimension].values()), {})


def count_steps(
    programs: Iterable[int],
    span: Span,
    step: str,
    *,
    facts: Sequence[str] = (),
    dimension: str = "",
    at: datetime | None = None,
    state: State | None = None,
) -> dict[datetime, Found]:
    """The same by hour, day, week or month, each by when it begins; empty ones are there.

    The first is the one in which the span begins. Of what is known by days only there are no hours.
    """
    asked = Question(span, {dimension: facts}, step)
    [found] = count_all(programs, [asked], at=at, state=state)
    return found[dimension]


@dataclass(frozen=True)
class Question:
    """Several splits of a span at once, each by ``step`` or between ``cuts``, the starts of days.

    Without either the whole span is one step.
    """

    span: Span
    ways: Ways
    step: str = ""
    cuts: Sequence[datetime] = ()


def count_all(
    programs: Iterable[int],
    questions: Sequence[Question],
    *,
    at: datetime | None = None,
    state: State | None = None,
) -> list[dict[str, dict[datetime, Found]]]:
    """What happened, for each question by dimension and step; by two statements in all."""
    state, now = state or read_state(), at or timezone.now()
    plans = [_plan(question, state, now) for question in questions]
    keys = set(programs)
    for number, place, dimension, fact, value, currency, count, money in chain(
        _stored(keys, plans, state), _live(keys, plans, state[0])
    ):
        plans[number].found[dimension][place][fact, value].add(currency, count, money)
    return [plan.told for plan in plans]


@dataclass(frozen=True)
class _Plan:
    """A question in slices of time: ``starts`` of all, ``past`` bounds of those that began."""

    ways: Ways
    longest: str
    starts: list[datetime]
    past: list[datetime]
    found: dict[str, list[Found]]

    @property
    def told(self) -> dict[str, dict[datetime, Found]]:
        """What was found; steps to come are empty."""
        return {
            dimension: {
                start: dict(steps[place]) if place < len(steps) else {}
                for place, start in enumerate(self.starts)
            }
            for dimension, steps in self.found.items()
        }


def _plan(question: Question, state: State, now: datetime) -> _Plan:
    begin, end, step = _begin(question.span), question.span.end, question.step
    if begin >= end:
        return _Plan(question.ways, "", [], [], {dimension: [] for dimension in question.ways})
    if step == Level.HOUR and state[1] and begin < state[1]:
        step = Level.DAY
    starts = [begin, *(cut for cut in question.cuts if begin < cut < end), end]
    if step:
        starts = clock.bounds(step, clock.OF[step](begin), min(end, clock.LAST))
    # What is before the span, of its first step, is not in it.
    bounds = [begin, *starts[1:-1], min(end, starts[-1])]
    past = [bound for bound in bounds[:-1] if bound < now]
    if past:
        past.append(min(bounds[len(past)], now))
    found: dict[str, list[Found]] = {
        dimension: [defaultdict(Counted) for _slice in past[1:]] for dimension in question.ways
    }
    # Neither a week nor some days have rollups of their own.
    is_of_days = question.cuts or step == clock.WEEK
    longest = Level.DAY if is_of_days else step or Level.MONTH
    return _Plan(question.ways, longest, starts[:-1], past, found)


def _begin(span: Span) -> datetime:
    return clock.hour_of(min(max(span.start, clock.FIRST), clock.LAST))


def read_state() -> State:
    """Up to where the rollups reach, and from when on by hours; what came later is live."""
    states = RollupState.objects.values_list("counted_until", "hours_from")
    until, hours_from = states.first() or (None, None)
    return until, hours_from or until


def _stored(keys: Collection[int], plans: Sequence[_Plan], state: State) -> Iterable[Any]:
    """From the rollups, as far as they reach: rows of (plan, slice, dimension, fact, value, …)."""
    rows = [
        _of_pieces(keys, pieces, plan, number)
        for number, plan in enumerate(plans)
        if plan.past and (pieces := cover(plan.past[0], plan.past[-1], *state, plan.longest))
    ]
    return as_one(rows) if rows else ()


def _of_pieces(
    keys: Collection[int], pieces: Sequence[Piece], plan: _Plan, number: int
) -> QuerySet:
    wanted = Q()
    for piece in pieces:
        when = Q(level=piece.level, starts_at__gte=piece.start, starts_at__lt=piece.end)
        for dimension, facts in plan.ways.items():
            some = {"fact__in": facts} if facts else {}
            wanted |= when & Q(dimension=dimension, **some)
    rollups = Rollup.objects.filter(wanted, program__in=keys).order_by()
    # A day that begins before the span is in its first slice, whole.
    named = rollups.annotate(
        plan=Value(number, output_field=IntegerField()),
        place=SliceOf(F("starts_at"), plan.past[:-1]),
    )
    by = ("plan", "place", "dimension", "fact", "value", "currency")
    sums = {"number": Sum("count"), "money": Sum("amount", output_field=MONEY)}
    return named.values_list(*by).annotate(**sums)


def _live(
    keys: Collection[int], plans: Sequence[_Plan], until: datetime | None
) -> Iterator[tuple[Any, ...]]:
    """The same from the facts themselves, of what is newer than the rollups."""
    # Questions of the same time are answered by the same rows.
    together: dict[tuple[datetime, datetime], list[int]] = defaultdict(list)
    for number, plan in enumerate(plans):
        if plan.past and (until is None or until < plan.past[-1]):
            begin = max(until or plan.past[0], plan.past[0])
            together[begin, plan.past[-1]].append(number)
    asked, wanted = [], []
    for (begin, end), numbers in together.items():
        times = {at for number in numbers for at in plans[number].past if begin < at < end}
        who = _who(plans, numbers)
        by = {key: sorted({name for _number, name in some if name}) for key, some in who.items()}
        asked.append(Live(by, [begin, *sorted(times), end]))
        wanted.append(who)
    for place, step, key, split, *counted in count_live(keys, asked):
        at = asked[place].bounds[step]
        for number, name in wanted[place][key]:
            own = clock.place(plans[number].past[:-1], at)
            yield number, own, name, key, split.get(name, ""), *counted


def _who(plans: Sequence[_Plan], numbers: Iterable[int]) -> dict[str, list[tuple[int, str]]]:
    """Of each fact which plans ask for it, split by what."""
    found: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for number in numbers:
        for name, facts in plans[number].ways.items():
            for key in facts or FACTS:
                if not name or name in FACTS[key].dimensions:
                    found[key].append((number, name))
    return found
