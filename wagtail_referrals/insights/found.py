"""What the dashboard's numbers are worked out from, read once and in few queries.

Nothing here grows with what happens: counts come of the rollups and what is newer than those,
the rest of what the owner has set up. Only what waits to be given is added up from its own rows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, Sum
from django.utils import timezone

from ..events.models import Event
from ..feedback.changes import day_of
from ..programs.experiment_models import Experiment, ExperimentState, Subject
from ..programs.models import Program
from ..programs.money import CENT
from ..programs.offers import MONEY_KINDS
from ..rewards.ledger import OPEN_STATES
from ..rewards.limits import read_used
from ..rewards.models import Reward
from .champion_models import ValueSettings
from .clock import WEEK, midnight
from .dashboard_parts import Money
from .goal_models import ChannelCost, Goal
from .nps import Scores
from .rollup_models import Level
from .rollups import Counted, Question, Span, count_all, read_state
from .split_labels import labels_of
from .tallies import count_scores

# By (fact, value of the dimension); "" where it is not split.
Counts = Mapping[tuple[str, str], Counted]

FUNNEL = (
    *("asked", "answered", "shared", "clicked", "claimed"),
    *("lead", "qualified", "converted", "rewarded"),
)
# What is told apart by where the customer came from.
BY_SOURCE = ("customer", "purchase", "own_margin", "rated")
# Tests in which not everybody is shown the same offer.
OF_OFFERS = (Subject.FRIEND_OFFER, Subject.ADVOCATE_OFFER)
# Periods are of our days, and no longer than anybody looks at.
FIRST, LAST, MOST_DAYS = date(1970, 1, 2), date(9000, 1, 1), 3660
# So many days are drawn one by one, so many by weeks; what is longer by months.
MOST_DAYS_APART, MOST_DAYS_BY_WEEK = 31, 200
_BEGINNING = midnight(FIRST)


@dataclass(frozen=True)
class Period:
    """Days of the site's clock, both included, the ones before it, and how they are cut up."""

    start: date
    end: date

    @classmethod
    def of(cls, start: date, end: date) -> Period:
        """Any two days put in order; of what is too long the last ten years up to today."""
        first, last = (min(max(day, FIRST), LAST) for day in sorted((start, end)))
        if (last - first).days >= MOST_DAYS:
            last = min(last, max(first, day_of(timezone.now())))
        return cls(max(first, last - timedelta(days=MOST_DAYS - 1)), last)

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    @property
    def span(self) -> Span:
        return Span(midnight(self.start), midnight(self.end + timedelta(days=1)))

    @property
    def before(self) -> Period:
        """As many days, just before it."""
        last = max(self.start - timedelta(days=1), FIRST)
        return Period(max(last - timedelta(days=self.days - 1), FIRST), last)

    @property
    def step(self) -> str:
        """What one point of a chart is: a Level or a week."""
        if self.days <= 2:
            return Level.HOUR
        if self.days <= MOST_DAYS_APART:
            return Level.DAY
        return WEEK if self.days <= MOST_DAYS_BY_WEEK else Level.MONTH


@dataclass
class Found:
    """All that the numbers of one choice of programs and days are worked out from."""

    programs: Sequence[Program]
    period: Period
    at: datetime
    counted_until: datetime | None = None
    # In all: in the period, in the one before, and before the period since the beginning.
    now: Counts = field(default_factory=dict)
    earlier: Counts = field(default_factory=dict)
    since_ever: Counts = field(default_factory=dict)
    # The funnel by one dimension, and what its values are called.
    split_by: str = "channel"
    split: Counts = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    # By the step of time: in all, by source, and by what customers answered.
    steps: Mapping[datetime, Counts] = field(default_factory=dict)
    sourced: Mapping[datetime, Counts] = field(default_factory=dict)
    sourced_earlier: Counts = field(default_factory=dict)
    # The answers between the first and last days of costs that are of other days than the period.
    heard_apart: Mapping[datetime, Counts] = field(default_factory=dict)
    # By day, of the period and of the one before.
    scores: Mapping[date, Scores] = field(default_factory=dict)
    scores_earlier: Scores = field(default_factory=Scores)
    # What the owner has set up. A margin of None: not known, or not the same in all programs.
    margin: Decimal | None = None
    margins_differ: bool = False
    goal: int | None = None
    costs: Sequence[ChannelCost] = ()
    # Worth by currency: what waits; {currency: (budget, what is used of it)}.
    waiting: Money = field(default_factory=dict)
    budgets: Mapping[str, tuple[Decimal, Decimal]] = field(default_factory=dict)
    # Purchases dated in the future.
    ahead: int = 0
    # Whether visitors are shown different offers to see which is better.
    tests_offers: bool = False

    @property
    def step(self) -> str:
        """What one point of a chart is; of what is long ago hours are not known."""
        if self.period.step == Level.HOUR and len(self.steps) <= self.period.days:
            return Level.DAY
        return self.period.step

    def count(self, fact: str, counts: Counts | None = None) -> int:
        """How many of a fact; in the period, where no other counts are given."""
        return _get(self.now if counts is None else counts, fact).count

    def amounts(self, fact: str, counts: Counts | None = None) -> Money:
        """What they are worth by currency."""
        return _get(self.now if counts is None else counts, fact).amounts

    @property
    def currencies(self) -> list[str]:
        """Those of the programs first, then what else occurs."""
        own = [program.currency for program in self.programs]
        facts = ("purchase", "granted", "given", "paid")
        seen = {
            currency
            for counts in (self.now, self.earlier)
            for fact in facts
            for currency in self.amounts(fact, counts)
            if currency
        }
        # What has waited for long was promised before.
        seen |= self.waiting.keys()
        return [*dict.fromkeys(own), *sorted(seen - set(own))]


def _get(counts: Counts, fact: str) -> Counted:
    return counts.get((fact, "")) or Counted()


def read(programs: Sequence[Program], period: Period, split_by: str, at: datetime) -> Found:
    """Everything the numbers need, by a number of queries that is always the same."""
    found = Found(programs, period, at, split_by=split_by)
    pks = [one.pk for one in programs]
    _read_setup(found, pks)
    _count(found, pks)
    found.labels = labels_of(split_by, {value for _fact, value in found.split})
    _read_scores(found, pks)
    found.waiting = _read_waiting(pks)
    return found


def _count(found: Found, pks: list[int]) -> None:
    """All that is counted, at once."""
    period, state, cuts = found.period, read_state(), _cuts(found)
    span, before = period.span, period.before.span
    apart = Span(cuts[0], cuts[-1]) if cuts else Span(span.start, span.start)
    asked = (
        Question(span, {"": (), "source": (*BY_SOURCE, "heard")}, period.step),
        Question(before, {"": (), "source": BY_SOURCE}),
        Question(Span(_BEGINNING, span.start), {"": ("joined", "customer")}),
        Question(span, {found.split_by: FUNNEL}),
        Question(apart, {"source": ("heard",)}, cuts=cuts),
    )
    steps, earlier, ever, split, heard = count_all(pks, asked, at=found.at, state=state)
    found.counted_until = state[0]
    found.steps, found.sourced = steps[""], steps["source"]
    found.now = _added_up(found.steps.values())
    found.earlier, found.sourced_earlier = (_added_up(earlier[way].values()) for way in earlier)
    found.since_ever = _added_up(ever[""].values())
    found.split = _added_up(split[found.split_by].values())
    found.heard_apart = heard["source"]


def _added_up(steps: Iterable[Counts]) -> Counts:
    total: dict[tuple[str, str], Counted] = defaultdict(Counted)
    for counts in steps:
        for key, counted in counts.items():
            total[key].count += counted.count
            for currency, amount in counted.amounts.items():
                total[key].add(currency, 0, amount)
    return dict(total)


def _read_scores(found: Found, pks: list[int]) -> None:
    period = found.period
    scores = count_scores(
        ("day",), start=period.before.start, end=period.end, only=Q(program__in=pks)
    )
    found.scores = {day: given for (day,), given in scores.items() if day >= period.start}
    earlier = [given for (day,), given in scores.items() if day < period.start]
    found.scores_earlier = sum(earlier, Scores())


def _read_setup(found: Found, pks: list[int]) -> None:
    """Margins, goals, what is ahead, what other channels cost, and budgets."""
    margins, aims, ahead = set(), set(), 0
    for margin, aim, number, is_testing in _of_programs(pks, found.at):
        found.tests_offers |= is_testing
        margins.add(margin)
        aims.add(aim)
        ahead += number or 0
    found.margins_differ = len(margins) > 1
    found.margin = margins.pop() if len(margins) == 1 else None
    found.goal = aims.pop() if len(aims) == 1 else None
    found.ahead = ahead
    costs = ChannelCost.objects.filter(
        program__in=pks, starts_on__lte=found.period.end, ends_on__gte=found.period.start
    )
    found.costs = list(costs.select_related("program").order_by("pk"))
    found.budgets = _read_budgets(found.programs)


def _of_programs(pks: list[int], at: datetime) -> QuerySet:
    """Of each program the margin, the goal, how many purchases are dated in the future, tests."""
    own = {"program": OuterRef("pk")}
    ahead = Event.objects.filter(**own, kind="purchase", occurred_at__gt=at).order_by()
    running = Experiment.objects.filter(state=ExperimentState.RUNNING, subject__in=OF_OFFERS)
    numbers = ahead.values("program").annotate(number=Count("pk")).values("number")
    return Program.objects.filter(pk__in=pks).values_list(
        Subquery(ValueSettings.objects.filter(**own).values("margin_percent")[:1]),
        Subquery(Goal.objects.filter(**own).values("referred_percent")[:1]),
        Subquery(numbers),
        Exists(running.filter(**own)),
    )


def days_of(period: Period, cost: ChannelCost) -> set[date]:
    """The days of the period that a cost is of."""
    first, last = max(period.start, cost.starts_on), min(period.end, cost.ends_on)
    return {first + timedelta(days=number) for number in range((last - first).days + 1)}


def _cuts(found: Found) -> list[datetime]:
    """Where costs begin and end whose customers are to be counted on some days of the period."""
    parts = [days_of(found.period, cost) for cost in found.costs if cost.customers is None]
    days = {
        day
        for part in parts
        if len(part) < found.period.days
        for day in (min(part), max(part) + timedelta(days=1))
    }
    return [midnight(day) for day in sorted(days)]


def _read_budgets(programs: Sequence[Program]) -> dict[str, tuple[Decimal, Decimal]]:
    keys = {f"program:{one.pk}:amount": one for one in programs if one.budget_amount is not None}
    used = read_used(keys) if keys else {}
    budgets: dict[str, tuple[Decimal, Decimal]] = {}
    for key, program in keys.items():
        most, so_far = budgets.get(program.currency, (Decimal(0), Decimal(0)))
        assert program.budget_amount is not None
        spent = Decimal(used.get(key, 0))
        budgets[program.currency] = (most + program.budget_amount, so_far + spent)
    return budgets


def _read_waiting(pks: list[int]) -> Money:
    """What is promised and not yet given: it is soon, so that these are never many."""
    rewards = Reward.objects.filter(
        program__in=pks, state__in=OPEN_STATES, kind__in=MONEY_KINDS
    ).order_by()
    sums = rewards.values_list("currency").annotate(sum=Sum("balance"))
    # SQLite adds in floating point.
    return {currency: Decimal(worth).quantize(CENT) for currency, worth in sums if currency}


def elapsed_days(span: Span, found: Found) -> Decimal:
    """How many days of a span have gone by since the programs began; 0 where none has."""
    begun = min((program.starts_at for program in found.programs), default=found.at)
    seconds = (min(span.end, found.at) - max(span.start, begun)).total_seconds()
    return max(Decimal(str(seconds)) / 86400, Decimal(0))
