"""All numbers of the dashboard: what a screen, an export and the weekly digest say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from django.utils import timezone
from django.utils.translation import gettext, ngettext

from ..programs.models import Program
from .costs import make_costs
from .dashboard_parts import (
    Chart,
    CostRow,
    Dashboard,
    FunnelStep,
    Money,
    Number,
    Series,
    Split,
    Words,
)
from .dashboard_rows import about, as_rows
from .facts import DIMENSIONS
from .found import MOST_DAYS, Found, Period, read
from .funnel import make_funnel, make_split
from .growth import advocates_of, make_growth, project
from .money_numbers import make_headlines, make_money
from .nps import Scores
from .sources import margin_words
from .trends import make_charts

__all__ = [
    "Chart",
    "CostRow",
    "Dashboard",
    "FunnelStep",
    "Money",
    "Number",
    "Series",
    "Split",
    "Words",
    "about",
    "as_rows",
    "make_dashboard",
    "project",
    "sample_dashboard",
    "without_answers",
]
# Headlines and charts made of what feedback says.
OF_ANSWERS = ("nps", "heard")


def make_dashboard(
    programs: Sequence[Program],
    start: date,
    end: date,
    *,
    split_by: str = "channel",
    at: datetime | None = None,
) -> Dashboard:
    """The dashboard of some programs from ``start`` to ``end``, both included, of the site's clock.

    ``split_by`` is a key of DIMENSIONS; "channel" stands in for any other word. It reads rollups
    and, since the last one, the newest facts. Of more than ten years the last ten are told.
    """
    split_by = split_by if split_by in DIMENSIONS else "channel"
    made = assemble(read(programs, Period.of(start, end), split_by, at or timezone.now()))
    if abs((end - start).days) < MOST_DAYS:
        return made
    remark = gettext("Of so long a time the last ten years are shown.")
    return replace(made, remarks=[remark, *made.remarks])


def without_answers(dashboard: Dashboard) -> Dashboard:
    """The same for who may not see feedback: not what was answered, and how well we did."""
    return replace(
        dashboard,
        nps=None,
        headlines=[one for one in dashboard.headlines if one.key not in OF_ANSWERS],
        charts=[one for one in dashboard.charts if one.key not in OF_ANSWERS],
        costs=[_uncounted(row) if row.of_answers else row for row in dashboard.costs],
    )


def _uncounted(row: CostRow) -> CostRow:
    """What was paid, but not whom it won: that was said in answers."""
    words = gettext("Its customers are counted from answers, which you may not all see.")
    return replace(row, customers=None, each=None, why=words)


def assemble(found: Found) -> Dashboard:
    """Every number, worked out from what was found; without a query."""
    return Dashboard(
        programs=found.programs,
        span=found.period.span,
        counted_until=found.counted_until,
        headlines=make_headlines(found),
        funnel=make_funnel(found),
        splits=[make_split(found)],
        charts=make_charts(found),
        growth=make_growth(found),
        costs=make_costs(found),
        money=make_money(found),
        nps=sum(found.scores.values(), Scores()),
        remarks=_remarks(found),
        advocates=advocates_of(found),
    )


def _remarks(found: Found) -> list[Words]:
    """What has to be known to read the numbers rightly."""
    said: list[Words] = []
    if len(found.currencies) > 1:
        words = gettext("Amounts in %(currencies)s are shown apart: they are never added up.")
        said.append(words % {"currencies": ", ".join(found.currencies)})
    if found.ahead:
        words = ngettext(
            "%(number)d purchase has a date in the future and counts when its time comes.",
            "%(number)d purchases have a date in the future and count when their time comes.",
            found.ahead,
        )
        said.append(words % {"number": found.ahead})
    if found.margins_differ or (found.margin is None and found.amounts("rated")):
        said.append(margin_words(found))
    if any(c.count for c in found.now.values()) and not any(
        c.count for c in found.earlier.values()
    ):
        said.append(gettext("In the period before nothing had happened: there is no comparison."))
    return said


def sample_dashboard(programs: Sequence[Program], *, at: datetime | None = None) -> Dashboard:
    """The same from invented facts: for looking at, on a site where nothing has happened yet."""
    from .sample import sample_dashboard as make

    return make(programs, at=at)
