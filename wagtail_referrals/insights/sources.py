"""Who counts for somebody and who does not: counts and amounts by the source of a customer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext

from .dashboard_parts import Words
from .found import Counts, Found

ZERO = Decimal(0)


def by_source(counts: Counts, fact: str) -> dict[str, int]:
    """How many of a fact by where they came from, of those we know it of."""
    return {value: c.count for (name, value), c in counts.items() if name == fact and value}


def referred_of(counts: Counts, fact: str) -> int:
    """How many of a fact count for somebody."""
    return sum(by_source(counts, fact).values())


def total_by_source(steps: Mapping[datetime, Counts], fact: str) -> dict[str, int]:
    """How many of a fact in all steps, by source."""
    totals: Counter[str] = Counter()
    for counts in steps.values():
        totals.update(by_source(counts, fact))
    return dict(totals)


def referred_amount(counts: Counts, fact: str, currency: str) -> Decimal:
    """What those of a fact came to that count for somebody."""
    amounts = (
        counted.amounts.get(currency, ZERO)
        for (name, value), counted in counts.items()
        if name == fact and value
    )
    return sum(amounts, ZERO)


def whole_amount(counts: Counts, fact: str, currency: str) -> Decimal:
    """What all of a fact came to."""
    counted = counts.get((fact, ""))
    return counted.amounts.get(currency, ZERO) if counted else ZERO


def margin_in(
    found: Found, counts: Counts, currency: str, *, referred: bool = False
) -> Decimal | None:
    """What purchases left; None where nobody has said what they leave."""
    amount = referred_amount if referred else whole_amount
    own, rated = amount(counts, "own_margin", currency), amount(counts, "rated", currency)
    if not rated:
        return own
    return None if found.margin is None else own + rated * found.margin / 100


def margin_words(found: Found) -> Words:
    """How the margin is reckoned, or why it is not."""
    if found.margins_differ:
        return gettext("These programs have different margins: choose one of them.")
    if found.margin is None:
        return gettext("Say under Customer value what your purchases leave.")
    words = gettext(
        "%(percent)s %% of what purchases came to, and the margin your shop reported where it did."
    )
    return words % {"percent": f"{found.margin.normalize():f}"}
