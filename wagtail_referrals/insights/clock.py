"""Hours, days, weeks and months of the site's clock, as half-open stretches of time."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from django.utils import timezone

from .rollup_models import Level

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# No level of the rollups: it is made of their days, and begins on Monday.
WEEK = "week"
# Nothing of ours is from before, and what comes later has not happened.
FIRST = datetime(1990, 1, 1, tzinfo=UTC)
LAST = datetime(9000, 1, 1, tzinfo=UTC)


def zone() -> tzinfo:
    """The site's own time zone."""
    return timezone.get_default_timezone()


def local(at: datetime) -> datetime:
    return at.astimezone(zone())


def midnight(day: date, by: tzinfo | None = None) -> datetime:
    """When a day begins, by the site's clock or another."""
    return datetime.combine(day, time.min, tzinfo=by or zone()).astimezone(UTC)


def hour_of(at: datetime) -> datetime:
    """When the hour of a time began."""
    return local(at).replace(minute=0, second=0, microsecond=0).astimezone(UTC)


def day_of(at: datetime) -> datetime:
    """When the day of a time began."""
    return midnight(local(at).date())


def week_of(at: datetime) -> datetime:
    """When the week of a time began."""
    day = local(at).date()
    return midnight(day - day.weekday() * DAY)


def month_of(at: datetime) -> datetime:
    """When the month of a time began."""
    return midnight(local(at).date().replace(day=1))


def next_hour(start: datetime) -> datetime:
    """When the hour after this one begins: some clocks are put back by half an hour."""
    after = hour_of(start + HOUR)
    return after if after > start else hour_of(start + 2 * HOUR)


def next_day(start: datetime) -> datetime:
    day = local(start).date()
    for _days in range(3):
        day += DAY
        # A day that a clock leaves out has no length.
        if midnight(day) > start:
            break
    return midnight(day)


def next_week(start: datetime) -> datetime:
    return week_of(start + 8 * DAY)


def next_month(start: datetime) -> datetime:
    return month_of(start + 32 * DAY)


OF: dict[str, Callable[[datetime], datetime]] = {
    Level.HOUR: hour_of,
    Level.DAY: day_of,
    WEEK: week_of,
    Level.MONTH: month_of,
}
NEXT: dict[str, Callable[[datetime], datetime]] = {
    Level.HOUR: next_hour,
    Level.DAY: next_day,
    WEEK: next_week,
    Level.MONTH: next_month,
}


def ceil(level: str, at: datetime) -> datetime:
    """The first beginning of an hour, day, week or month that is not before a time."""
    start = OF[level](at)
    return start if start == at else NEXT[level](start)


def bounds(level: str, start: datetime, end: datetime) -> list[datetime]:
    """All beginnings from ``start``, which is one, up to the first that is not before ``end``."""
    found = [start]
    while found[-1] < end:
        found.append(NEXT[level](found[-1]))
    return found


def place(starts: list[datetime], at: datetime) -> int:
    """In which of the stretches, given by when they begin, a time lies."""
    return bisect_right(starts, at) - 1
