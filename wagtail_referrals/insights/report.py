"""What the NPS report says: the score, how it came about, and how it moved."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Q

from .nps import Comparison, Scores, compare
from .tallies import DIMENSIONS, count_scores

WEEK, MONTH = "week", "month"
# Beyond so many weeks months are drawn instead.
MOST_WEEKS = 105
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Period:
    """Days from ``start`` to ``end``, both included."""

    start: date
    end: date

    @property
    def before(self) -> Period:
        """As many days, just before it."""
        try:
            return Period(self.start - (self.end - self.start) - _DAY, self.start - _DAY)
        except OverflowError:
            return Period(date.min, date.min)


@dataclass(frozen=True)
class Report:
    """All numbers of a period; ``steps`` by the first day of each week or month."""

    period: Period
    step: str
    whole: Scores
    steps: dict[date, Scores]
    # {dimension: {value: its scores}}, most answers first.
    splits: dict[str, dict[Any, Scores]] = field(default_factory=dict)
    earlier: Scores = field(default_factory=Scores)

    @property
    def change(self) -> Comparison:
        """Against the period before."""
        return compare(self.whole, self.earlier)


def make_report(period: Period, *, step: str = "", only: Q | None = None) -> Report:
    """The report of a period; ``only`` is a condition on the tallies' DIMENSIONS.

    ``step`` is "week" or "month"; "" and too many weeks are decided here.
    """
    days = (period.end - period.start).days + 1
    if not step:
        step = WEEK if days <= 7 * 26 else MONTH
    if days > 7 * MOST_WEEKS:
        step = MONTH
    span = {"start": period.start, "end": period.end}
    splits = split(count_scores(DIMENSIONS, **span, only=only))
    before = period.before
    earlier = count_scores(("regular",), start=before.start, end=before.end, only=only)
    return Report(
        period=period,
        step=step,
        whole=sum(splits["regular"].values(), Scores()),
        steps=by_step(count_scores(("day",), **span, only=only), period, step),
        splits=splits,
        earlier=sum(earlier.values(), Scores()),
    )


def split(found: dict[tuple[Any, ...], Scores]) -> dict[str, dict[Any, Scores]]:
    """What was counted by all dimensions, for each of them alone."""
    splits: dict[str, dict[Any, Scores]] = {}
    for place, name in enumerate(DIMENSIONS):
        sums: dict[Any, Scores] = defaultdict(Scores)
        for values, scores in found.items():
            sums[values[place]] += scores
        splits[name] = dict(sorted(sums.items(), key=lambda item: -item[1].total))
    return splits


def first_day(day: date, step: str) -> date:
    """The first day of the week or month a day lies in."""
    if step == MONTH:
        return day.replace(day=1)
    return day - min(timedelta(days=day.weekday()), day - date.min)


def by_step(found: dict[tuple[Any, ...], Scores], period: Period, step: str) -> dict[date, Scores]:
    """The days' scores by week or month, those without answers too, from the first answer on."""
    sums: dict[date, Scores] = defaultdict(Scores)
    for (day,), scores in found.items():
        sums[first_day(day, step)] += scores
    if not sums:
        return {}
    here, last, steps = min(sums), max(sums), {}
    while here <= last:
        steps[here] = sums[here] if here in sums else Scores()
        here = first_day(here + timedelta(days=31 if step == MONTH else 7), step)
    return steps
