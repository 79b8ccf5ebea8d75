"""The scores, counted: days that are over in tallies, the newest and the changed ones live.

A day is tallied two days after it began, when no form of it can still be in a transaction. A
later change of such a day, of whatever kind, leaves a ChangedDay in its own commit; until the day
is counted again its tallies are passed over. So what is told is exact at any time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, Min, Q, QuerySet, Sum
from django.utils import timezone

from ..feedback.changes import day_of
from ..feedback.models import FeedbackResponse, ResponseState
from ..transactions import retried
from .models import ChangedDay, FeedbackTally, TallyState
from .nps import Scores

# What a count can be split by.
DIMENSIONS = ("page_id", "program_id", "source", "regular", "locale")
_COLUMNS = [f"score_{score}" for score in range(11)]
_DAY = timedelta(days=1)
_LIVE = {name: Count("pk", filter=Q(score=score)) for score, name in enumerate(_COLUMNS)}
_STATE = 1


def midnight(day: date) -> datetime:
    """When a day of the site's clock begins."""
    return timezone.make_aware(datetime.combine(day, time.min), timezone.get_default_timezone())


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
    state = TallyState.objects.filter(pk=_STATE)
    if not state.update(run_at=at):
        TallyState.objects.create(pk=_STATE, run_at=at)
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
    before = TallyState.objects.values_list("counted_before", flat=True).first() or date.min
    changed = set(ChangedDay.objects.filter(day__lt=before).values_list("day", flat=True))
    start, end, only = start or date.min, end or date.max, only or Q()
    found: dict[tuple[Any, ...], Scores] = defaultdict(Scores)
    tallies = FeedbackTally.objects.filter(only, day__lt=before, day__range=(start, end))
    sums = {name: Sum(name) for name in _COLUMNS}
    for values in _split(tallies.exclude(day__in=changed), sums, by):
        found[tuple(values[name] for name in by)] += _scores(values)
    live = [(max(start, before), end)]
    live += [(day, day) for day in sorted(changed) if start <= day <= end]
    for first, last in live:
        if first <= last:
            _count_live(found, by, of_days(counted_answers().filter(only), first, last))
    return dict(found)


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
    if first > date.min:
        answers = answers.filter(submit_time__gte=midnight(first))
    if last < date.max:
        answers = answers.filter(submit_time__lt=midnight(last + _DAY))
    return answers


def _split(rows: QuerySet, sums: dict[str, Any], by: Sequence[str]) -> QuerySet:
    return rows.order_by().values(*by).annotate(**sums)


def _scores(values: dict[str, Any]) -> Scores:
    return Scores(tuple(values[name] for name in _COLUMNS))
