"""How it went: customers, answers, money and scores, by hour, day, week or month."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from decimal import Decimal

from django.utils.translation import gettext

from ..referrals.models import Source
from . import clock
from .dashboard_parts import Chart, Series, Words
from .found import Counts, Found
from .growth import make_projection
from .nps import Scores, as_points
from .reckon import percent
from .rollup_models import Level
from .sources import (
    by_source,
    margin_in,
    margin_words,
    referred_amount,
    referred_of,
    whole_amount,
)
from .step_words import labels_of_steps, step_labels, step_words

# So many answers to "how did you hear of us?" have a colour of their own.
MOST_ANSWERS = 8


def make_charts(found: Found) -> list[Chart]:
    """Every picture of the dashboard, each a table as well."""
    charts = [_customers(found), _heard(found), _share(found)]
    for currency in found.currencies:
        charts += [_revenue(found, currency), _margin(found, currency), _rewards(found, currency)]
    charts += [_scores(found), make_projection(found)]
    return [chart for chart in charts if chart]


def _customers(found: Found) -> Chart:
    """New customers by how they came."""
    rows = [by_source(counts, "customer") for counts in found.sourced.values()]
    used = {source for row in rows for source in row}
    known = [source for source in Source.values if source in used]
    series = [
        Series(source, _source(source), [Decimal(row.get(source, 0)) for row in rows])
        for source in [*known, *sorted(used - set(known))]
    ]
    others = [
        Decimal(found.count("customer", counts) - sum(row.values()))
        for counts, row in zip(found.steps.values(), rows, strict=True)
    ]
    series.append(Series("others", gettext("Without a recommendation"), others))
    return Chart(
        key="customers",
        title=gettext("New customers by how they came"),
        kind="stacked",
        steps=step_labels(found),
        by=step_words(found.step),
        series=series,
        how=gettext("First purchases: those that count for somebody, and all others."),
    )


def _source(source: str) -> Words:
    return str(dict(Source.choices).get(source, source))


def _heard(found: Found) -> Chart | None:
    """What new customers say themselves, most often said first."""
    rows: list[Counter[str]] = []
    names: dict[str, str] = {}
    for counts in found.sourced.values():
        row: Counter[str] = Counter()
        for answer, number in by_source(counts, "heard").items():
            row[answer.casefold()] += number
            names.setdefault(answer.casefold(), answer)
        rows.append(row)
    totals = sum(rows, Counter())
    if not totals:
        return None
    order = sorted(totals, key=lambda answer: (-totals[answer], answer))
    series = [
        Series(f"heard-{number}", names[answer], [Decimal(row[answer]) for row in rows])
        for number, answer in enumerate(order[:MOST_ANSWERS])
    ]
    rest = order[MOST_ANSWERS:]
    if rest:
        values = [Decimal(sum(row[answer] for answer in rest)) for row in rows]
        series.append(Series("heard-rest", gettext("Other answers"), values))
    return Chart(
        key="heard",
        title=gettext("“How did you hear of us?”"),
        kind="stacked",
        steps=step_labels(found),
        by=step_words(found.step),
        series=series,
        how=gettext("What was answered in feedback forms, whether or not anybody is credited."),
    )


def _share(found: Found) -> Chart:
    """The share of new customers who came by a recommendation, beside the goal."""
    shares = [
        percent(referred_of(sourced, "customer"), found.count("customer", counts))
        for counts, sourced in zip(found.steps.values(), found.sourced.values(), strict=True)
    ]
    series = [Series("share", gettext("By recommendation"), shares)]
    if found.goal is not None:
        goal: list[Decimal | None] = [Decimal(found.goal)] * len(shares)
        series.append(Series("goal", gettext("Goal"), goal))
    return Chart(
        key="share",
        title=gettext("Share of new customers who came by a recommendation"),
        kind="line",
        steps=step_labels(found),
        by=step_words(found.step),
        series=series,
        unit="percent",
        how=gettext("New customers by recommendation ÷ all new customers of the same time."),
    )


def _money_chart(
    found: Found,
    key: str,
    title: str,
    currency: str,
    rows: Sequence[tuple[str, str, Sequence[Decimal | None]]],
    how: Words = "",
) -> Chart | None:
    """A chart of amounts; None where there are none of this currency."""
    if not any(any(values) for _key, _label, values in rows):
        return None
    return Chart(
        key=f"{key}-{currency.lower()}",
        title=title,
        kind="bar",
        steps=step_labels(found),
        by=step_words(found.step),
        series=[Series(name, label, values) for name, label, values in rows],
        unit="money",
        currency=currency,
        how=how,
    )


def _apart(
    found: Found,
    amount: Callable[[Counts], Decimal | None],
    whole: Callable[[Counts], Decimal | None],
) -> list[tuple[str, str, list[Decimal | None]]]:
    """Two series: of referred customers, and of all others."""
    referred = [amount(counts) for counts in found.sourced.values()]
    everything = [whole(counts) for counts in found.steps.values()]
    others = [
        None if one is None or both is None else both - one
        for one, both in zip(referred, everything, strict=True)
    ]
    return [
        ("referred", gettext("Referred customers"), referred),
        ("others", gettext("Other customers"), others),
    ]


def _revenue(found: Found, currency: str) -> Chart | None:
    rows = _apart(
        found,
        lambda counts: referred_amount(counts, "purchase", currency),
        lambda counts: whole_amount(counts, "purchase", currency),
    )
    how = gettext("What purchases came to, less what was refunded of them.")
    return _money_chart(found, "revenue", gettext("Revenue"), currency, rows, how)


def _margin(found: Found, currency: str) -> Chart | None:
    rows = _apart(
        found,
        lambda counts: margin_in(found, counts, currency, referred=True),
        lambda counts: margin_in(found, counts, currency),
    )
    return _money_chart(found, "margin", gettext("Margin"), currency, rows, margin_words(found))


def _rewards(found: Found, currency: str) -> Chart | None:
    labels = {
        "granted": gettext("Promised"),
        "given": gettext("Given"),
        "paid": gettext("Paid out"),
    }
    rows = [
        (
            fact,
            label,
            [whole_amount(counts, fact, currency) for counts in found.steps.values()],
        )
        for fact, label in labels.items()
    ]
    return _money_chart(
        found,
        "rewards",
        gettext("Rewards"),
        currency,
        rows,
        gettext("By the day it was promised, given or paid: one reward can be in all three."),
    )


def _scores(found: Found) -> Chart | None:
    """The NPS and where it lies with 95 % confidence; a step without answers is a gap."""
    # A day's answers are known by no hours.
    step = Level.DAY if found.step == Level.HOUR else found.step
    span = found.period.span
    starts = clock.bounds(step, clock.OF[step](span.start), span.end)[:-1]
    rows = [Scores() for _start in starts]
    for day, given in found.scores.items():
        rows[clock.place(starts, clock.midnight(day))] += given
    if not any(given.total for given in rows):
        return None
    return Chart(
        key="nps",
        title=gettext("Would they recommend us?"),
        kind="line",
        steps=labels_of_steps(starts, step, found.period),
        by=step_words(step),
        series=[
            Series("nps", gettext("NPS"), [as_points(given.nps) for given in rows]),
            Series("low", gettext("At least"), [as_points(_end(given, 0)) for given in rows]),
            Series("high", gettext("At most"), [as_points(_end(given, 1)) for given in rows]),
        ],
        unit="plain",
        how=gettext(
            "Promoters less detractors, in percent of all answers, and where it most likely lies."
        ),
    )


def _end(scores: Scores, number: int) -> float | None:
    return scores.interval[number] if scores.interval else None
