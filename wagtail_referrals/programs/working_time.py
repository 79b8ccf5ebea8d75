"""Working hours: when something is due that has to be done in so many of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo


@dataclass(frozen=True)
class Week:
    """When somebody is there: days (0 is Monday), hours of the day, and whose clock it is by."""

    days: frozenset[int]
    begin: time
    end: time
    zone: tzinfo

    def spans(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The times at work from ``start`` on, in UTC, without end."""
        day = start.astimezone(self.zone).date()
        while True:
            if day.weekday() in self.days:
                opens, closes = (
                    datetime.combine(day, clock, self.zone).astimezone(UTC)
                    for clock in (self.begin, self.end)
                )
                # In the night of a change of clocks an hour may not be there.
                if max(start, opens) < closes:
                    yield max(start, opens).astimezone(UTC), closes
            day += timedelta(days=1)


def due_after(start: datetime, hours: int, week: Week) -> datetime:
    """When so many working hours have passed since ``start``, in UTC.

    Raises ValueError for a week nobody works in.
    """
    if not week.days or week.begin >= week.end:
        raise ValueError("Nobody works in this week.")
    left = timedelta(hours=hours)
    for opens, closes in week.spans(start):
        if left <= closes - opens:
            return opens + left
        left -= closes - opens
    raise AssertionError("unreachable")
