"""Days somebody asked for, whichever they are, as times of the site's clock."""

from __future__ import annotations

from datetime import date, timedelta

from django.utils import timezone

from ..insights.clock import midnight
from ..insights.rollups import Span

_DAY = timedelta(days=1)
# Beyond them, a day has no midnight in every time zone.
FIRST, LAST = date(2, 1, 1), date(9998, 12, 31)


def today() -> date:
    """The day it is by the site's clock."""
    return timezone.localdate(timezone=timezone.get_default_timezone())


def bounded(start: date, end: date) -> tuple[date, date]:
    """First and last day, in this order, and such that they have a midnight."""
    start, end = sorted((start, end))
    return min(max(start, FIRST), LAST), max(min(end, LAST), FIRST)


def span_of(start: date, end: date) -> Span:
    """From the beginning of the first to the end of the last; both as ``bounded`` has them."""
    return Span(midnight(start), midnight(end + _DAY))


def before(start: date, end: date) -> tuple[date, date] | None:
    """As many days just before; None where there are not so many."""
    days = end - start
    if start - FIRST <= days:
        return None
    return start - _DAY - days, start - _DAY
