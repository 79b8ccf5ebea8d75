"""Rates and shares that are right or not there: never a division by nothing."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from ..programs.money import CENT

Amount = Decimal | int
TENTH = Decimal("0.1")


def rounded(number: Decimal, to: Decimal = TENTH) -> Decimal:
    """As people round: halves up."""
    return number.quantize(to, rounding=ROUND_HALF_UP)


def ratio(part: Amount, whole: Amount) -> Decimal | None:
    """``part`` for each one of ``whole``; None where there is nothing to share among."""
    return Decimal(part) / Decimal(whole) if whole > 0 else None


def percent(part: Amount, whole: Amount) -> Decimal | None:
    """``part`` in percent of ``whole``, to a tenth; None where it is none of it."""
    found = ratio(part, whole)
    return rounded(100 * found) if found is not None and found <= 1 else None


def cents(amount: Decimal | None) -> Decimal | None:
    """To the cent."""
    return None if amount is None else rounded(amount, CENT)
