"""The scores, counted: days that are over in tallies, the newest and the changed ones live.

A day is tallied two days after it began, when no form of it can still be in a transaction. A
later change of such a day, of whatever kind, leaves a ChangedDay in its own commit; until the day
is counted again its tallies are passed over. So what is told is exact at any time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import CharField, Count, Min, Q, QuerySet, Sum, Value
from django.utils import timezone

from ..feedback.changes import day_of
from ..feedback.models import FeedbackResponse, ResponseState
from ..transactions import retried
from .clock import midnight, zone
from .models import ChangedDay, FeedbackTally, TallyState
from .nps import Scores

# What a count can be split by.
DIMENSIONS = ("page_id", "program_id", "source", "regular", "locale")
_COLUMNS = [f"score_{score}" for score in range(11)]
_DAY = timedelta(days=1)
_LIVE = {name: Count("pk", filter=Q(score=score)) for score, name in enumerate(_COLUMNS)}
_STATE = 1
# So many stretches of changed days in one query: SQLite nests no deeper than a thousand.
_MOST_RANGES = 300


def counted_answers() -> QuerySet[FeedbackResponse]:
    """The answers that count: with a score, and neither held nor spam."""
    received = FeedbackResponse.objects.filter(state=ResponseState.RECEIVED)
    return received.filter(score__isnull=False).order_by()


# Keeping them


def note_changed(days: Iterable[date]) -> None:
    """Have these days counted again, but for those that are not over for good."""
    today = day_of(timezone.now())
    ChangedDay.objects.bulk_create(ChangedDay(day=day) for day in sorted(days) if day < today)


def update_tallies(*, at: datetime | None = None) -> int:
    """Tally the days that are over and those that were changed; how many were counted.

    Safe in several workers: each day is a transaction of its own that begins with the lock.
    """
    over = day_of(at or timezone.now()) - _DAY
    count = 0
    while _next(over, at or timezone.now()):
        count += 1
    return count


@retried
def _next(over: date, at: datetime) -> bool:
    """Count one day, if there is one to be counted."""
    before = _lock(at)
    changed = ChangedDay.objects.filter(day__lt=before or date.min).aggregate(first=Min("day"))
    day = changed["first"] or _next_day(before, over)
    if day is None:
        return False
    _count(day)
    if before is None or day >= before:
        TallyState.objects.filter(pk=_STATE).update(counted_before=day + _DAY)
    return True


def _lock(at: datetime) -> date | None:
    """Keep other workers out until our transaction ends; up to where the days are tallied."""
    state, here = TallyState.objects.filter(pk=_STATE), str(zone())
    if not state.update(run_at=at):
        TallyState.objects.create(pk=_STATE, run_at=at, zone=here)
    if state.exclude(zone=here).update(zone=here, counted_before=None):
        # Its days were those of another clock. All answers are there to be tallied anew.
        FeedbackTally.objects.all().delete()
    return state.values_list("counted_before", flat=True).get()


def _next_day(before: date | None, over: date) -> date | None:
    """The first day with answers that is over and not tallied."""
    answers = counted_answers().filter(submit_time__lt=midnight(over))
    if before:
        answers = answers.filter(submit_time__gte=midnight(before))
    first = answers.order_by("submit_time").values_list("submit_time", flat=True).first()
    return day_of(first) if first else None


def _count(day: date) -> None:
    """Replace the tallies of a day by what its answers say now."""
    marks = list(ChangedDay.objects.filter(day=day).values_list("pk", flat=True))
    answers = _split(of_days(counted_answers(), day, day), _LIVE, DIMENSIONS)
    FeedbackTally.objects.filter(day=day).delete()
    FeedbackTally.objects.bulk_create(
        FeedbackTally(day=day, **values) for values in answers.iterator()
    )
    ChangedDay.objects.filter(pk__in=marks).delete()


def recount(on_progress: Callable[[int, int], None] = lambda done, of: None) -> int:
    """Count every day anew; how many days. Reports stay exact meanwhile.

    ``on_progress`` is told how many of how many days are done.
    """
    update_tallies()
    state = TallyState.objects.get(pk=_STATE)
    if state.counted_before is None:
        return 0
    oldest = FeedbackTally.objects.aggregate(day=Min("day"))["day"]
    first = _next_day(None, state.counted_before)
    start = min((day for day in (first, oldest) if day), default=state.counted_before)
    days = (state.counted_before - start).days
    for number in range(days):
        on_progress(number, days)
        _recount_day(start + number * _DAY)
    on_progress(days, days)
    return days


@retried
def _recount_day(day: date) -> None:
    _lock(timezone.now())
    _count(day)


# Telling them


def count_scores(
    by: tuple[str, ...],
    *,
    start: date | None = None,
    end: date | None = None,
    only: Q | None = None,
) -> dict[tuple[Any, ...], Scores]:
    """The scores from ``start`` to ``end``, both included, split ``by`` some of DIMENSIONS or day.

    ``only`` is a condition on DIMENSIONS. The keys are the values in the order of ``by``.
    """
    before, changed = _read_state()
    start, end, only = start or date.min, end or date.max, only or Q()
    found: dict[tuple[Any, ...], Scores] = defaultdict(Scores)
    tallies = FeedbackTally.objects.filter(only, day__lt=before, day__range=(start, end))
    sums = {name: Sum(name) for name in _COLUMNS}
    for values in _split(tallies.exclude(day__in=changed), sums, by):
        found[tuple(values[name] for name in by)] += _scores(values)
    live = _ranges(day for day in changed if start <= day <= end)
    if max(start, before) <= end:
        live.append((max(start, before), end))
    for first in range(0, len(live), _MOST_RANGES):
        days = [_within(*some) for some in live[first : first + _MOST_RANGES]]
        _count_live(found, by, counted_answers().filter(only, reduce(or_, days)))
    return dict(found)


def _read_state() -> tuple[date, set[date]]:
    """Up to where the days are tallied, and those of them that have changed since."""
    state = TallyState.objects.exclude(counted_before=None).filter(zone=str(zone())).order_by()
    days = ChangedDay.objects.order_by().values_list(_kind("changed"), "day")
    rows = list(state.values_list(_kind("before"), "counted_before").union(days))
    before = max((day for kind, day in rows if kind == "before"), default=date.min)
    return before, {day for kind, day in rows if kind == "changed" and day < before}


def _kind(name: str) -> Value:
    return Value(name, output_field=CharField())


def _ranges(days: Iterable[date]) -> list[tuple[date, date]]:
    """Days that follow each other together: (first, last)."""
    found: list[tuple[date, date]] = []
    for day in sorted(days):
        if found and found[-1][1] + _DAY == day:
            found[-1] = found[-1][0], day
        else:
            found.append((day, day))
    return found


def _count_live(
    found: dict[tuple[Any, ...], Scores], by: tuple[str, ...], answers: QuerySet
) -> None:
    """Add answers that are not tallied: few, but for the first run."""
    if "day" not in by:
        for values in _split(answers, _LIVE, by):
            found[tuple(values[name] for name in by)] += _scores(values)
        return
    # By the site's clock: not every database knows its time zone.
    names = [name for name in by if name != "day"]
    scores: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for at, score, *others in answers.values_list("submit_time", "score", *names).iterator():
        values = dict(zip(names, others, strict=True), day=day_of(at))
        scores[tuple(values[name] for name in by)].append(score)
    for key, given in scores.items():
        found[key] += Scores.of(given)


def of_days(answers: QuerySet, first: date, last: date) -> QuerySet:
    """The answers from the first day to the last, both included."""
    return answers.filter(_within(first, last))


def _within(first: date, last: date) -> Q:
    found = Q()
    if first > date.min:
        found &= Q(submit_time__gte=midnight(first))
    if last < date.max:
        found &= Q(submit_time__lt=midnight(last + _DAY))
    return found


def _split(rows: QuerySet, sums: dict[str, Any], by: Sequence[str]) -> QuerySet:
    return rows.order_by().values(*by).annotate(**sums)


def _scores(values: dict[str, Any]) -> Scores:
    return Scores(tuple(values[name] for name in _COLUMNS))
