"""Every number of a dashboard in one table: for a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext

from .clock import zone
from .dashboard_parts import Chart, Dashboard, Number, Words
from .nps import Scores, as_points

Row = list[Any]


def as_rows(dashboard: Dashboard) -> list[Row]:
    """Every number as (part, of, name, value, unit, currency); None where there is not enough.

    ``of`` is "now" or "before", a step of the funnel or of time, a channel, a value of a split.
    """
    return [
        *_numbers(gettext("Headlines"), dashboard.headlines),
        *_funnel(dashboard),
        *_splits(dashboard),
        *(row for chart in dashboard.charts for row in _chart(chart)),
        *_numbers(gettext("Money"), dashboard.money),
        *_numbers(gettext("Growth"), dashboard.growth),
        *_costs(dashboard),
        *(_scores(dashboard.nps) if dashboard.nps else ()),
    ]


def about(dashboard: Dashboard) -> list[Row]:
    """What the numbers are of, in rows of the same shape: programs, days and time zone."""
    part = gettext("What these numbers are of")
    first, last = dashboard.days
    return [
        *(_row(part, "", gettext("program"), one.name, "text") for one in dashboard.programs),
        _row(part, "", gettext("first day"), first.isoformat(), "day"),
        _row(part, "", gettext("last day"), last.isoformat(), "day"),
        _row(part, "", gettext("time zone"), str(zone()), "text"),
    ]


def _row(part: Words, of: Words, name: Words, value: Any, unit: str, currency: str = "") -> Row:
    return [str(part), str(of), str(name), value, unit, currency]


def _numbers(part: str, numbers: Iterable[Number]) -> Iterable[Row]:
    for one in numbers:
        yield _row(part, gettext("now"), one.label, one.value, one.unit, one.currency)
        yield _row(part, gettext("before"), one.label, one.before, one.unit, one.currency)


def _funnel(dashboard: Dashboard) -> Iterable[Row]:
    part = gettext("Funnel")
    for step in dashboard.funnel:
        yield _row(part, step.label, gettext("now"), step.count, "count")
        yield _row(part, step.label, gettext("before"), step.before, "count")
        yield _row(part, step.label, gettext("of the step before"), step.rate, "percent")
        yield _row(part, step.label, gettext("did not come so far"), step.drop, "count")


def _splits(dashboard: Dashboard) -> Iterable[Row]:
    for split in dashboard.splits:
        part = gettext("Funnel by: %(dimension)s") % {"dimension": split.label}
        for label, counts in split.rows:
            for step, count in zip(dashboard.funnel, counts, strict=True):
                yield _row(part, label, step.label, count, "count")


def _chart(chart: Chart) -> Iterable[Row]:
    for series in chart.series:
        for step, value in zip(chart.steps, series.values, strict=True):
            yield _row(chart.title, step, series.label, value, chart.unit, chart.currency)


def _costs(dashboard: Dashboard) -> Iterable[Row]:
    part = gettext("Cost of a new customer")
    for row in dashboard.costs:
        yield _row(part, row.channel, gettext("cost"), row.cost, "money", row.currency)
        yield _row(part, row.channel, gettext("customers"), row.customers, "plain")
        yield _row(part, row.channel, gettext("each"), row.each, "money", row.currency)


def _scores(scores: Scores) -> Iterable[Row]:
    part, of = gettext("NPS"), gettext("now")
    low, high = scores.interval or (None, None)
    points = {
        gettext("score"): scores.nps,
        gettext("at least"): low,
        gettext("at most"): high,
    }
    counts = {
        gettext("answers"): scores.total,
        gettext("promoters"): scores.promoters,
        gettext("passives"): scores.passives,
        gettext("detractors"): scores.detractors,
    }
    for name, number in counts.items():
        yield _row(part, of, name, number, "count")
    for name, value in points.items():
        yield _row(part, of, name, as_points(value), "plain")
