"""Lifetime value: what a customer's purchases leave, since the first one and for a year ahead.

    LV = Σ m / (1 + r)^t  +  G · (1 / (1 + r)^(T+1) + 1 / (1 + r)^(T+2))  -  M · Σ 1 / (1 + r)^t

The first sum is over the purchases: m is a purchase's margin, t the half-year it falls in, the
first one beginning with the first purchase. T is the half-year of today. G is the plain projection
of a half-year: purchases per half-year so far × their average margin. M is what marketing for a
customer costs in a half-year, in each from the first to T + 2. r is the discount of a half-year,
√1.15 - 1 where a year's is 15 %.

The kind of value is that of V. Kumar, J. A. Petersen and R. P. Leone, "How Valuable Is Word of
Mouth?", Harvard Business Review, October 2007: margin less marketing, discounted, at the current
rate for a year. Theirs looks ahead only; ours begins with the first purchase, so that customers
of all ages are compared by the same clock.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from ..programs.money import CENT

ZERO = Decimal(0)
# A half-year is 1461 / 8 days: eight of them are four years, a leap day among them.
_DAYS, _PARTS = 1461, 8
# A century of half-years: more than any shop has purchases of.
_MOST = 210


def half_years(days: int) -> int:
    """How many whole half-years so many days are."""
    return days * _PARTS // _DAYS


class Discount:
    """1 / (1 + r)^t for the half-years t = 0, 1, 2 …, and their sums from t = 1 on."""

    def __init__(self, percent_a_year: Decimal) -> None:
        growth = (1 + percent_a_year / 100).sqrt()
        self.factors = [Decimal(1)]
        self.sums = [ZERO]
        for _half_year in range(_MOST):
            self.factors.append(self.factors[-1] / growth)
            self.sums.append(self.sums[-1] + self.factors[-1])
        # Of the two half-years after each.
        self.ahead = [sum(self.factors[n + 1 : n + 3], ZERO) for n in range(_MOST - 1)]


@dataclass(frozen=True)
class Inputs:
    """What the owner says; ``margin`` is a share like .4, ``marketing`` of a half-year."""

    margin: Decimal
    marketing: Decimal
    discount: Discount


@dataclass(slots=True)
class Bought:
    """A customer's purchases in one currency, added up: at face value, and as of the first one."""

    first: datetime
    last: datetime
    purchases: int = 0
    margin: Decimal = ZERO
    present: Decimal = ZERO


class Lifetime(NamedTuple):
    """``value`` = ``past`` + ``ahead``, each after marketing; ``rate`` is G of the formula."""

    past: Decimal
    ahead: Decimal
    rate: Decimal
    half_year: int

    @property
    def value(self) -> Decimal:
        """To the cent."""
        return to_cents(self.past + self.ahead)


def to_cents(amount: Decimal) -> Decimal:
    """Rounded as a till does."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def margin_of(
    amount: Decimal, refunded: Decimal | None, own: Decimal | None, rate: Decimal
) -> Decimal:
    """What a purchase leaves: its ``own`` margin, or the rate's, in proportion to what was kept."""
    kept = amount - refunded if refunded else amount
    if own is None:
        return kept * rate
    return own * kept / amount if refunded and amount else own


def first_purchase(at: datetime, margin: Decimal, discount: Discount) -> Bought:
    """Begin with a customer: ``add_purchase`` to none, in a third of the time."""
    return Bought(at, at, 1, margin, margin * discount.factors[1])


def add_purchase(bought: Bought, at: datetime, margin: Decimal, discount: Discount) -> None:
    """Count one more purchase; not before the first one."""
    bought.purchases += 1
    bought.last = at
    bought.margin += margin
    bought.present += margin * discount.factors[(at - bought.first).days * _PARTS // _DAYS + 1]


def add_up(purchases: Iterable[tuple[datetime, Decimal]], discount: Discount) -> Bought | None:
    """Purchases (time, margin) in the order of time; None where there is none."""
    bought = None
    for at, margin in purchases:
        if bought is None:
            bought = first_purchase(at, margin, discount)
        else:
            add_purchase(bought, at, margin, discount)
    return bought


def lifetime_of(bought: Bought, at: datetime, inputs: Inputs, *, marketing: bool) -> Lifetime:
    """The lifetime value as of the first purchase, seen ``at`` a time that is not before the last.

    ``marketing``: whether its cost is known in the currency of the purchases.
    """
    days = (at - bought.first).days
    # Who came yesterday is not taken for somebody who buys every day.
    rate = bought.margin * _DAYS / max(days * _PARTS, _DAYS)
    here = half_years(days) + 1
    past, ahead = bought.present, rate * inputs.discount.ahead[here]
    if marketing and inputs.marketing:
        past -= inputs.marketing * inputs.discount.sums[here]
        ahead -= inputs.marketing * inputs.discount.ahead[here]
    return Lifetime(past, ahead, rate, here)
