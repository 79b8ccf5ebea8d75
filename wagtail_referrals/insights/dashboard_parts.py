"""The shapes of the dashboard: what a screen, an export and the weekly digest show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise

from ..programs.models import Program
from .clock import local
from .nps import Scores
from .rollups import Span

Words = str | Promise
# Amounts by currency: two currencies never meet in a sum.
Money = dict[str, Decimal]


@dataclass(frozen=True)
class Number:
    """A count now and in the period before; None where there is not enough to say it."""

    key: str
    label: Words
    value: Decimal | None
    before: Decimal | None = None
    # "count", "percent", "days", "money" or "plain": how it is written.
    unit: str = "count"
    currency: str = ""
    # The formula in words, with its numbers; and what to do about it.
    how: Words = ""


@dataclass(frozen=True)
class FunnelStep:
    """One step: ``rate`` is of the step before, ``drop`` how many did not come so far (never < 0).

    ``key`` is a key of FACTS; ``rows`` a list in the admin: (url name, query) or (). ``why`` says
    why there is no rate, where there is none.
    """

    key: str
    label: Words
    count: int
    before: int
    rate: Decimal | None
    drop: int | None
    rows: tuple[str, dict[str, Any]] | tuple[()] = ()
    why: Words = ""


@dataclass(frozen=True)
class Split:
    """The funnel by one dimension: (label of the value, counts in the order of the steps).

    A count of None: this step does not know the dimension. ``more``: how many values are left out.
    """

    dimension: str
    label: Words
    rows: Sequence[tuple[str, Sequence[int | None]]]
    more: int = 0
    # What has to be known to read it rightly.
    remark: Words = ""


@dataclass(frozen=True)
class Series:
    """One line or bar of a chart; ``values`` as many as the chart has steps, None: unknown."""

    key: str
    label: Words
    values: Sequence[Decimal | None]


@dataclass(frozen=True)
class Chart:
    """A picture that always has its table. ``kind`` is "bar", "line" or "stacked"."""

    key: str
    title: Words
    kind: str
    steps: Sequence[str]
    series: Sequence[Series]
    unit: str = "count"
    currency: str = ""
    how: Words = ""
    # "by day", "by week" …: what one step is.
    by: Words = ""


@dataclass(frozen=True)
class CostRow:
    """What one way to win customers cost; ``each`` None where nobody came or nothing is known.

    ``customers`` are in parts where a cost lies partly outside the period, None where they are not
    known; ``why`` says why not. ``of_answers``: they are counted from what feedback says.
    """

    channel: str
    cost: Decimal
    currency: str
    customers: Decimal | int | None
    each: Decimal | None
    why: Words = ""
    of_answers: bool = False


@dataclass(frozen=True)
class Dashboard:
    """Everything of one choice of programs and period."""

    programs: Sequence[Program]
    span: Span
    # Until when it is counted in rollups; what came later is live.
    counted_until: datetime | None
    headlines: Sequence[Number]
    funnel: Sequence[FunnelStep]
    splits: Sequence[Split]
    charts: Sequence[Chart]
    growth: Sequence[Number]
    costs: Sequence[CostRow]
    money: Sequence[Number]
    # None: not for this reader.
    nps: Scores | None
    # Two currencies, purchases dated in the future, nothing before …: sentences.
    remarks: Sequence[Words] = field(default_factory=list)
    # How many had joined by the end of the period: what the projection begins with.
    advocates: int = 0

    @property
    def days(self) -> tuple[date, date]:
        """The first and the last day that are counted."""
        last = self.span.end - timedelta(seconds=1)
        return local(self.span.start).date(), local(last).date()

    @property
    def is_empty(self) -> bool:
        """Nothing at all has happened."""
        return not any(step.count or step.before for step in self.funnel)
