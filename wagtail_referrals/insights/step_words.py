"""What the steps of a chart are called: hours, days, weeks and months, and parts of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext

from . import clock
from .found import Found, Period
from .rollup_models import Level

_DAY = timedelta(days=1)


def step_words(step: str) -> str:
    """What one step is."""
    return {
        Level.HOUR: gettext("by hour"),
        Level.DAY: gettext("by day"),
        clock.WEEK: gettext("by week"),
        Level.MONTH: gettext("by month"),
    }[step]


def step_labels(found: Found) -> list[str]:
    """What the steps of most charts are called."""
    return labels_of_steps(list(found.steps), found.step, found.period)


def labels_of_steps(starts: Sequence[datetime], step: str, period: Period) -> list[str]:
    """What steps are called by the site's clock; of a week or month that is cut off, its days."""
    return [_label(start, step, period) for start in starts]


def _label(start: datetime, step: str, period: Period) -> str:
    if step == Level.HOUR:
        return date_format(clock.local(start), "j M, H:i")
    day = clock.local(start).date()
    if step == Level.DAY:
        return date_format(day, "j M")
    last = clock.local(clock.NEXT[step](start)).date() - _DAY
    shown = max(day, period.start), min(last, period.end)
    if step == Level.MONTH:
        return date_format(day, "M Y") if shown == (day, last) else _days(*shown, "j M Y")
    return _days(*shown, "j M")


def _days(first: date, last: date, form: str) -> str:
    """From the first to the last; their month is said once."""
    end = date_format(last, form)
    if first == last:
        return end
    short = "j" if (first.year, first.month) == (last.year, last.month) else form
    return gettext("%(first)s – %(last)s") % {"first": date_format(first, short), "last": end}
