"""Rates and shares that are right or not there: never a division by nothing."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from django.utils.formats import number_format

from ..programs.money import CENT

Amount = Decimal | int
TENTH = Decimal("0.1")


def rounded(number: Decimal, to: Decimal = TENTH) -> Decimal:
    """As people round: halves up."""
    return number.quantize(to, rounding=ROUND_HALF_UP)


def grouped(number: int) -> str:
    """As the reader's language writes it: 1,200."""
    return number_format(number, use_l10n=True, force_grouping=True)


def with_minus(written: object) -> str:
    """A written number with a minus sign in place of the hyphen."""
    return str(written).replace("-", "−")


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
