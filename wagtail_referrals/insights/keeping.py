"""Keeping the rollups: hours that are over, the days and months they make, and what has changed.

Facts are counted before the transaction that stores them: on SQLite nobody else could write
meanwhile. It begins with one conditional UPDATE of RollupState's version, so that of two workers
who counted at once the second one stores nothing and begins again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import F, Max, Min, Q, Sum
from django.utils import timezone

from ..events.bulk_insert import insert_new
from ..retention import retention_days
from ..transactions import retried
from . import clock
from .facts import EDITION, FACTS, MONEY, Fact
from .rollup_models import ChangedHour, Level, Rollup, RollupState
from .slices import fold

# Who writes a fact of more than late.SETTLED ago says so, in the same transaction. A fact that is
# not told of is thus written within half an hour after it; its transaction may then stay open for
# half an hour more, and the hour is not counted before.
MARGIN = timedelta(hours=1)
# Of so many days there are rollups of hours.
HOURS_KEPT = timedelta(days=8)
# These are part of others, or happen only after them: none is the first of all.
_NEVER_FIRST = {
    *("lead", "rewarded", "given", "for_feedback"),
    *("customer", "own_margin", "rated", "heard"),
}
_STATE = 1
_COLUMNS = (
    *("program_id", "level", "starts_at", "fact", "dimension", "value", "currency"),
    *("count", "amount"),
)
_SAME = ("program_id", "fact", "dimension", "value", "currency")
# So many keys in one statement, so many rows in one insert.
_SOME_KEYS, _SOME_ROWS = 500, 2000
Row = tuple[Any, ...]


@dataclass(frozen=True)
class _Job:
    """Stretches of one level to be counted from the facts. No ``until``: they were before."""

    level: str
    bounds: list[datetime]
    until: datetime | None = None
    hours_from: datetime | None = None
    marks: list[int] = field(default_factory=list)

    @property
    def size(self) -> int:
        return len(self.bounds) - 1


def note_late(times: Iterable[datetime]) -> None:
    """Have the hours of these times counted again; call it in the transaction of the change."""
    hours = sorted({clock.hour_of(at) for at in times})
    ChangedHour.objects.bulk_create([ChangedHour(starts_at=hour) for hour in hours], 1000)


def update_rollups(*, at: datetime | None = None) -> int:
    """Count the hours that are over and those that were changed; how many stretches were counted.

    Years of facts from before the first run are counted by days. Safe in several workers. What is
    changed while it counts waits for the next run: else a long import would keep it for as long.
    """
    at = at or timezone.now()
    done = 0
    _note_run(at)
    newest = ChangedHour.objects.aggregate(newest=Max("pk"))["newest"] or 0
    while True:
        state = _begin()
        job = _changed(state, newest) or _next(state, at)
        if job is None:
            break
        done += _work(state, job)
    _forget_hours(state, at)
    return done


def rebuild(
    start: date, end: date, on_progress: Callable[[int, int], None] = lambda done, of: None
) -> int:
    """Count the days from ``start`` to ``end``, both included, anew; how many days.

    What was let go of by retention.py stays as it was counted. ``on_progress`` is told how many of
    how many days are done.
    """
    update_rollups()
    until = RollupState.objects.values_list("counted_until", flat=True).get(pk=_STATE)
    known = [at for at in (_first_fact(None), _first_rollup(None)) if at]
    if not until or not known:
        return 0
    first = max(clock.day_of(min(known)), _start_of(start))
    last = min(until, _start_of(end, after=True))
    if first >= last:
        return 0
    days = clock.bounds(Level.DAY, first, last)[:-1]
    done = 0
    while done < len(days):
        on_progress(done, len(days))
        month = clock.next_month(clock.month_of(days[done]))
        some = [day for day in days[done:] if day < month]
        note_late(_ends_of(some, until))
        update_rollups()
        done += len(some)
    on_progress(done, len(days))
    return done


def _start_of(day: date, *, after: bool = False) -> datetime:
    """When a day begins, or the one after it; dates of other ages are drawn near."""
    day = min(max(day, clock.FIRST.date()), clock.LAST.date())
    return clock.midnight(day + clock.DAY if after else day)


def _ends_of(days: list[datetime], until: datetime) -> Iterable[datetime]:
    """The first and the last hour of each: what lies between is counted with them."""
    for day in days:
        yield day
        yield min(clock.next_day(day), until) - timedelta(minutes=1)


# What is to be counted next


@retried
def _note_run(at: datetime) -> None:
    """From the first run on there is a state."""
    if not RollupState.objects.filter(pk=_STATE).update(run_at=at):
        RollupState.objects.create(pk=_STATE, run_at=at)


def _begin() -> RollupState:
    """The state, of today's time zone and facts."""
    state = RollupState.objects.get(pk=_STATE)
    zone = f"{clock.zone()} {EDITION}"
    if state.zone == zone:
        return state
    _forget_zone(state, zone)
    return RollupState.objects.get(pk=_STATE)


def _changed(state: RollupState, newest: int) -> _Job | None:
    """What was counted before and has changed: of one month by days, or of one day by hours.

    ``newest``: the key of the last mark of a change that is looked at.
    """
    until = state.counted_until
    if until is None:
        return None
    waiting = ChangedHour.objects.order_by("starts_at").filter(starts_at__lt=until, pk__lte=newest)
    first = waiting.values_list("starts_at", flat=True).first()
    if first is None:
        return None
    hours_from = state.hours_from or until
    level = Level.DAY if first < hours_from else Level.HOUR
    if level == Level.DAY:
        end = min(clock.next_month(clock.month_of(first)), hours_from)
    else:
        end = min(clock.next_day(clock.day_of(first)), until)
    marks = list(waiting.filter(starts_at__lt=end).values_list("pk", "starts_at"))
    last = clock.NEXT[level](clock.OF[level](marks[-1][1]))
    bounds = clock.bounds(level, clock.OF[level](first), min(last, end))
    return _Job(level, bounds, marks=[pk for pk, _at in marks])


def _next(state: RollupState, at: datetime) -> _Job | None:
    """What is over and not counted: a month of days of long ago, or the hours since."""
    over = clock.hour_of(at - MARGIN)
    window, until = clock.day_of(over - HOURS_KEPT), state.counted_until
    if until is not None and until >= window:
        bounds = clock.bounds(Level.HOUR, until, over) if until < over else []
        return _Job(Level.HOUR, bounds, until=bounds[-1]) if bounds else None
    if until is not None and until != clock.day_of(until):
        # The day in which counting stopped is made of its hours, some of which are counted.
        bounds = clock.bounds(Level.HOUR, until, clock.next_day(clock.day_of(until)))
        return _Job(Level.HOUR, bounds, until=bounds[-1])
    first = min((at for at in (_first_fact(until), _first_rollup(until)) if at), default=None)
    if first is None or first >= window:
        return _Job(Level.DAY, [window], until=window, hours_from=window)
    start = clock.day_of(max(first, until) if until else first)
    end = min(clock.next_month(clock.month_of(start)), window)
    return _Job(Level.DAY, clock.bounds(Level.DAY, start, end), until=end, hours_from=end)


def _first_fact(since: datetime | None) -> datetime | None:
    """When the first of all facts was that are not before."""
    times = []
    for key in FACTS.keys() - _NEVER_FIRST:
        fact = FACTS[key]
        rows = fact.rows().order_by(fact.time).filter(**{f"{fact.time}__gte": since or clock.FIRST})
        times.append(rows.values_list(fact.time, flat=True).first())
    return min((time for time in times if time), default=None)


def _first_rollup(since: datetime | None) -> datetime | None:
    """The first day there is anything of, where its facts may be gone."""
    days = Rollup.objects.filter(level=Level.DAY, starts_at__gte=since or clock.FIRST)
    first: datetime | None = days.aggregate(first=Min("starts_at"))["first"]
    return first


# Counting and storing it


def _work(state: RollupState, job: _Job) -> int:
    """Count a job and store it; 0 when another worker was first."""
    since = {key: _known_since(fact, job, state) for key, fact in FACTS.items()}
    rows: list[Row] = []
    for key, fact in FACTS.items():
        starts = _starts(job, since[key])
        if len(starts) > 1:
            bounds = [max(starts[0], since[key]), *starts[1:]]
            rows += [
                (program, job.level, starts[number], *of, *sums)
                for (number, program, *of), sums in fold(fact, bounds).items()
            ]
    return job.size if _store(state, job, rows, since) else 0


def _starts(job: _Job, known: datetime) -> list[datetime]:
    """When the stretches begin that are counted; of new ones also what is left of the first."""
    whole = [start for start in job.bounds if start >= known]
    cut_off = len(job.bounds) - len(whole)
    return job.bounds[cut_off - 1 :] if job.until and cut_off else whole


def _known_since(fact: Fact, job: _Job, state: RollupState) -> datetime:
    """From when on the facts are all there; what was counted before is left as it is."""
    start = job.bounds[0]
    if not fact.kept:
        return start
    # What was never counted has not been let go of.
    gone = getattr(state, f"{fact.kept}_purged") if job.until else _purged(fact, state)
    return max(start, gone or start)


def _purged(fact: Fact, state: RollupState) -> datetime:
    """Before then some of the facts were let go of, or may be at any moment."""
    assert state.run_at is not None
    gone: datetime = getattr(state, f"{fact.kept}_purged") or clock.FIRST
    days = retention_days(fact.kept)
    return gone if days is None else max(gone, state.run_at - timedelta(days=days))


@retried
def _store(state: RollupState, job: _Job, rows: list[Row], since: dict[str, datetime]) -> bool:
    """Replace the rollups of a job; False when another worker has changed any meanwhile."""
    until = job.until or state.counted_until
    hours_from = job.hours_from or state.hours_from
    if not _take(state, counted_until=until, hours_from=hours_from):
        return False
    assert until is not None
    _delete(job, since)
    _insert(rows)
    if job.hours_from:
        Rollup.objects.filter(level=Level.HOUR, starts_at__lt=job.hours_from).delete()
    _add_up(job, state.counted_until, until, hours_from or until)
    for first in range(0, len(job.marks), _SOME_KEYS):
        ChangedHour.objects.filter(pk__in=job.marks[first : first + _SOME_KEYS]).delete()
    return True


def _take(state: RollupState, **values: Any) -> bool:
    """Change the state and whatever follows in this transaction, unless somebody else did."""
    unchanged = RollupState.objects.filter(pk=_STATE, version=state.version)
    return bool(unchanged.update(version=F("version") + 1, **values))


def _delete(job: _Job, since: dict[str, datetime]) -> None:
    start, end = job.bounds[0], job.bounds[-1]
    replaced = Rollup.objects.filter(level=job.level, starts_at__gte=start, starts_at__lt=end)
    kept = Q()
    for key, known in since.items():
        if known > start:
            kept |= Q(fact=key, starts_at__lt=known)
    (replaced.exclude(kept) if kept else replaced).delete()


def _insert(rows: list[Row]) -> None:
    for first in range(0, len(rows), _SOME_ROWS):
        insert_new(Rollup, _COLUMNS, rows[first : first + _SOME_ROWS])


def _add_up(job: _Job, counted: datetime | None, until: datetime, hours_from: datetime) -> None:
    """Make the days of hours, and the months of days, that are over."""
    start, end = job.bounds[0], job.bounds[-1]
    if job.level == Level.HOUR:
        for day in clock.bounds(Level.DAY, clock.day_of(start), end)[:-1]:
            if day >= hours_from and clock.next_day(day) <= until:
                _sum(Level.HOUR, Level.DAY, day)
    # Days without facts are leapt over: with them the months in which counting had stopped.
    first = min(start, counted or start)
    for month in clock.bounds(Level.MONTH, clock.month_of(first), end)[:-1]:
        if clock.next_month(month) <= until:
            _sum(Level.DAY, Level.MONTH, month)


def _sum(of: str, level: str, start: datetime) -> None:
    time = Q(starts_at__gte=start, starts_at__lt=clock.NEXT[level](start))
    Rollup.objects.filter(time, level=level).delete()
    parts = Rollup.objects.filter(time, level=of).order_by().values_list(*_SAME)
    sums = parts.annotate(number=Sum("count"), money=Sum("amount", output_field=MONEY))
    _insert([(program, level, start, *others) for program, *others in sums])


# What goes


@retried
def _forget_hours(state: RollupState, at: datetime) -> None:
    """Of days that are longer ago there are no hours."""
    window = clock.day_of(clock.hour_of(at - MARGIN) - HOURS_KEPT)
    if state.hours_from is None or state.hours_from >= window:
        return
    if _take(state, hours_from=window):
        Rollup.objects.filter(level=Level.HOUR, starts_at__lt=window).delete()


@retried
def _forget_zone(state: RollupState, zone: str) -> None:
    """The days or facts are not those of now: all is counted anew, but for what is gone."""
    kept, gone = Q(), {}
    for key, fact in FACTS.items():
        if fact.kept:
            before = _purged(fact, state)
            kept |= Q(level=Level.DAY, fact=key, starts_at__lt=before)
            gone[f"{fact.kept}_purged"] = _end_of_kept(key, before, state)
    known = {column: at for column, at in gone.items() if at}
    if _take(state, zone=zone, counted_until=None, hours_from=None, **known):
        Rollup.objects.exclude(kept).delete()


def _end_of_kept(fact: str, before: datetime, state: RollupState) -> datetime | None:
    """Until when days of before are kept: the last of them ended by the clock of then."""
    days = Rollup.objects.filter(level=Level.DAY, fact=fact, starts_at__lt=before)
    last: datetime | None = days.aggregate(last=Max("starts_at"))["last"]
    if last is None:
        return None
    then = ZoneInfo(state.zone.split()[0])
    return max(before, clock.midnight(last.astimezone(then).date() + clock.DAY, then))
