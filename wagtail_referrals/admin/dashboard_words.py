"""The dashboard's numbers as people read them: written out, compared, and in tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext

from ..insights.dashboard import Chart, FunnelStep, Number
from ..insights.nps import whole_points
from ..insights.reckon import with_minus
from ..programs.money import format_money

Words = str | Promise
UP, DOWN, SAME = "▲", "▼", "="


def write(value: Decimal | int | None, unit: str = "count", currency: str = "") -> str:
    """A number in its unit, as the reader's language writes it."""
    if value is None:
        return gettext("not enough")
    if unit == "money":
        return with_minus(format_money(Decimal(value).quantize(Decimal("0.01")), currency))
    if unit == "percent":
        return gettext("%(number)s %%") % {"number": _decimal(value, 1)}
    if unit == "days":
        words = ngettext("%(number)s day", "%(number)s days", 1 if value == 1 else 2)
        return words % {"number": _decimal(value, 1)}
    return _decimal(value, 0 if unit == "count" else 2)


def _decimal(value: Decimal | int, places: int) -> str:
    """Without zeros at the end that say nothing."""
    rounded = Decimal(value).quantize(Decimal(1).scaleb(-places))
    exponent = rounded.normalize().as_tuple().exponent
    places = max(-exponent, 0) if isinstance(exponent, int) else 0
    return with_minus(
        number_format(rounded, decimal_pos=places, use_l10n=True, force_grouping=True)
    )


@dataclass(frozen=True)
class Change:
    """How a number moved, by an arrow and in words; no arrow where nobody can tell."""

    arrow: str
    words: str


def compare(
    value: Decimal | int | None, before: Decimal | int | None, unit: str = "count"
) -> Change:
    """Against the period before: shares in points, all else in percent of what it was."""
    if value is None or before is None:
        return Change("", "")
    by = Decimal(value) - Decimal(before)
    if not by:
        return Change(SAME, gettext("as before"))
    arrow, is_more = (UP, True) if by > 0 else (DOWN, False)
    if unit == "percent":
        said = gettext("%(by)s points more") if is_more else gettext("%(by)s points less")
        return Change(arrow, said % {"by": _decimal(abs(by), 1)})
    # There is no percentage of nothing.
    if before <= 0:
        return Change(
            arrow, gettext("more than before") if is_more else gettext("less than before")
        )
    said = gettext("%(by)s %% more") if is_more else gettext("%(by)s %% less")
    return Change(arrow, said % {"by": _decimal(100 * abs(by) / Decimal(before), 0)})


@dataclass(frozen=True)
class Tile:
    """One number in large, what it was, and where it comes from."""

    key: str
    label: Words
    value: str
    is_known: bool
    before: str
    change: Change
    how: Words


def tile(number: Number) -> Tile:
    """A number as a tile."""
    value: Decimal | int | None = number.value
    before: Decimal | int | None = number.before
    unit = number.unit
    change = compare(value, before, unit)
    if number.key == "nps":
        # A score is a whole number, and 44 after 40 is four points more, not a tenth.
        value, before = (whole_points(one) for one in (value, before))
        change, unit = compare(value, before, "percent"), "count"
    return Tile(
        number.key,
        number.label,
        write(value, unit, number.currency),
        value is not None,
        "" if before is None else write(before, unit, number.currency),
        change,
        number.how,
    )


@dataclass(frozen=True)
class Step:
    """A step of the funnel; ``width`` is its bar's, in percent of the longest."""

    label: Words
    count: str
    before: str
    change: Change
    rate: str
    why: Words
    drop: str
    width: str
    url: str


def steps(funnel: Sequence[FunnelStep], urls: Sequence[str]) -> list[Step]:
    """The funnel; ``urls`` are those of the rows behind each step, "" where there are none."""
    most = max((step.count for step in funnel), default=0) or 1
    return [
        Step(
            step.label,
            write(step.count),
            write(step.before),
            compare(step.count, step.before),
            "–" if step.rate is None else write(step.rate, "percent"),
            step.why,
            "–" if step.drop is None else write(step.drop),
            f"{100 * step.count / most:.1f}",
            url,
        )
        for step, url in zip(funnel, urls, strict=True)
    ]


@dataclass(frozen=True)
class Picture:
    """A chart as the table it is drawn from: cells are (number for the chart, words)."""

    key: str
    title: Words
    kind: str
    unit: str
    how: Words
    headings: list[Words]
    rows: list[tuple[str, list[tuple[str, str]]]]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not any(float(raw or 0) for _label, cells in self.rows for raw, _words in cells)


def picture(chart: Chart) -> Picture:
    """The table of a chart: a row for each step, a column for each series."""
    columns = [
        [_cell(value, chart.unit, chart.currency) for value in series.values]
        for series in chart.series
    ]
    rows = list(zip(*columns, strict=True)) or [()] * len(chart.steps)
    return Picture(
        chart.key,
        ", ".join(str(word) for word in (chart.title, chart.currency, chart.by) if word),
        chart.kind,
        chart.unit,
        chart.how,
        [series.label for series in chart.series],
        [(label, list(row)) for label, row in zip(chart.steps, rows, strict=True)],
    )


def _cell(value: Decimal | None, unit: str, currency: str) -> tuple[str, str]:
    if value is None:
        return "", "–"
    return str(value), write(value, unit, currency)
