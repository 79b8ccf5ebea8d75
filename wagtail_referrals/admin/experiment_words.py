"""The result of an experiment in words and in the reader's way of writing numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ..insights.experiment_plan import FIELDS, Problem
from ..insights.experiments import SIGNIFICANT, Arm, Result
from ..programs.experiment_models import Experiment, ExperimentState, Variant
from ..programs.money import CENT, format_money

NONE = "–"


@dataclass(frozen=True)
class Row:
    """One variant, as the table shows it."""

    arm: Arm
    rate: str
    difference: str
    interval: str
    p_value: str
    chance: str


@dataclass(frozen=True)
class MoneyRow:
    """What one variant's friends paid in one currency."""

    variant: Variant
    paid: str
    per_visitor: str
    difference: str
    interval: str


def percent(rate: float | None, decimals: int = 1) -> str:
    """A rate of 0 to 1 as percent, in the reader's language."""
    if rate is None:
        return NONE
    return f"{number_format(round(100 * rate, decimals), decimals)}\u00a0%"


def points(rate: float | None) -> str:
    """A difference of rates, in percentage points, with its sign."""
    if rate is None:
        return NONE
    rounded = round(100 * rate, 1)
    sign = "+" if rounded > 0 else "−" if rounded < 0 else "±"
    return f"{sign}{number_format(abs(rounded), 1)}"


def p_text(p_value: float | None) -> str:
    if p_value is None:
        return NONE
    if p_value < 0.001:
        return f"< {number_format(0.001, 3)}"
    return number_format(round(p_value, 3), 3)


def chance_text(chance: float | None) -> str:
    """Never "certain": nobody is."""
    if chance is None:
        return NONE
    bounded = min(max(chance, 0.001), 0.999)
    sign = "> " if chance > bounded else "< " if chance < bounded else ""
    return sign + percent(bounded)


def row_of(arm: Arm) -> Row:
    return Row(
        arm=arm,
        rate=percent(arm.rate),
        difference=points(arm.difference),
        interval=_span(*map(points, arm.interval)) if arm.interval else NONE,
        p_value=p_text(arm.p_value),
        chance=chance_text(arm.chance_better),
    )


def money_rows(arms: Sequence[Arm]) -> list[MoneyRow]:
    """One currency after the other: they never meet."""
    currencies = sorted({currency for arm in arms for currency in arm.money})
    return [_money_row(arm, currency) for currency in currencies for arm in arms]


def _money_row(arm: Arm, currency: str) -> MoneyRow:
    found = arm.money_differences.get(currency)
    per_visitor = arm.money_per_visitor.get(currency)
    if not found and not arm.variant.is_control:
        interval = gettext("not enough")
    else:
        interval = _span(*(more(end, currency) for end in found.interval)) if found else NONE
    return MoneyRow(
        variant=arm.variant,
        paid=format_money(arm.money.get(currency, Decimal(0)), currency),
        per_visitor=NONE if per_visitor is None else format_money(per_visitor, currency),
        difference=more(found.difference, currency) if found else NONE,
        interval=interval,
    )


def more(amount: float, currency: str) -> str:
    """A difference of money, with its sign."""
    rounded = Decimal(amount).quantize(CENT)
    sign = "+" if rounded > 0 else "−" if rounded < 0 else "±"
    return sign + format_money(abs(rounded), currency)


def _span(low: str, high: str) -> str:
    return gettext("%(low)s to %(high)s") % {"low": low, "high": high}


def rate_told(arm: Arm) -> str:
    """A variant with its rate, where one of them is chosen."""
    if arm.rate is None:
        return arm.variant.name
    words = gettext("%(name)s: %(rate)s (%(reached)s of %(visitors)s)")
    return words % {
        "name": arm.variant.name,
        "rate": percent(arm.rate),
        "reached": number_format(arm.reached, force_grouping=True),
        "visitors": number_format(arm.visitors, force_grouping=True),
    }


def says(variant: Variant) -> list[tuple[str | Promise, str]]:
    """What a variant is, by the name of each field; nothing for what is as it is now."""
    found = []
    for name in FIELDS.get(variant.experiment.subject, ()):
        value = getattr(variant, name)
        if value:
            label = variant._meta.get_field(name).verbose_name  # type: ignore[union-attr]
            found.append((label, value.headline if name == "offer" else str(value)))
    return found


def problem_told(problem: Problem) -> str:
    """What is missing, with whose and which field it is."""
    model = Variant if problem.variant else Experiment
    where = [problem.variant.name] if problem.variant else []
    if problem.field:
        where.append(str(model._meta.get_field(problem.field).verbose_name))  # type: ignore[union-attr]
    return f"{', '.join(where)}: {problem.words}" if where else str(problem.words)


def verdict(result: Result) -> str:
    """The result in the words of somebody who keeps a shop."""
    if result.lacks:
        return str(result.lacks)
    if result.sample_ratio_alarm:
        return gettext("Nothing can be said: the variants' shares of the advocates are not right.")
    if result.winner and result.winner.is_control:
        return gettext("As it is now is better than what it was compared with. Keep it so.")
    if result.winner:
        words = gettext("“%(name)s” is better, and chance alone would hardly do that. Keep it.")
        return words % {"name": result.winner.name}
    p_values = [arm.p_value for arm in result.arms if arm.p_value is not None]
    if not result.is_complete:
        if result.experiment.state == ExperimentState.ENDED:
            return gettext("It was ended too early to tell.")
        return gettext("It is too early to decide: the numbers below still change by chance.")
    if min(p_values) < SIGNIFICANT:
        return gettext("There is a difference, but none of them is better than all the others.")
    if result.is_enough:
        return gettext(
            "No difference worth seeing was found. Keep what costs you less, or test something "
            "that differs more."
        )
    return gettext(
        "No difference was found, but fewer came than were planned: a small one would not have "
        "been seen."
    )


def lines_of(result: Result, reached: Any) -> Iterator[list[Any]]:
    """All numbers, as a sheet has them; ``reached`` names what is measured."""
    currencies = sorted({currency for arm in result.arms for currency in arm.money})
    yield [
        *(_("Variant"), _("Weight"), _("Advocates"), _("Visitors"), reached),
        *(_("Rate"), _("Difference"), _("From"), _("To"), "p", _("Chance to be better")),
        *(heading for currency in currencies for heading in _money_headings(currency)),
    ]
    for arm in result.arms:
        low, high = arm.interval or (None, None)
        yield [
            *(arm.variant.name, arm.variant.weight, arm.units, arm.visitors, arm.reached),
            *(arm.rate, arm.difference, low, high, arm.p_value, arm.chance_better),
            *(cell for currency in currencies for cell in _money_cells(arm, currency)),
        ]


def _money_headings(currency: str) -> list[str]:
    names = (_("per visitor"), _("difference"), _("from"), _("to"))
    return [currency, *(f"{currency}: {name}" for name in names)]


def _money_cells(arm: Arm, currency: str) -> list[Any]:
    found = arm.money_differences.get(currency)
    differs = (found.difference, *found.interval) if found else (None, None, None)
    return [
        *(arm.money.get(currency), arm.money_per_visitor.get(currency)),
        *(None if one is None else Decimal(one).quantize(CENT) for one in differs),
    ]
