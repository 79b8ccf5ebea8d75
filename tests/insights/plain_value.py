"""Lifetime value calculated another way: half-year by half-year, in fractions and long roots."""

from collections import defaultdict
from decimal import Decimal, localcontext
from fractions import Fraction
from functools import lru_cache


@lru_cache(4096)
def growth(percent: int, number: int) -> Fraction:
    """(1 + percent)^(number / 2), to fifty digits."""
    with localcontext() as context:
        context.prec = 50
        return Fraction(((1 + Decimal(percent) / 100) ** number).sqrt())


def plain_lifetime(
    purchases: list[tuple[int, Fraction]], at: int, marketing: Fraction, percent: int
) -> Fraction:
    """``purchases`` are (days after the first one, margin); ``at`` is a day, too."""
    half_year = Fraction(1461, 8)
    margins: dict[int, Fraction] = defaultdict(Fraction)
    for day, margin in purchases:
        number = 1
        while day >= number * half_year:
            number += 1
        margins[number] += margin
    here = 1
    while at >= here * half_year:
        here += 1
    so_far = max(Fraction(at) / half_year, Fraction(1))
    average = sum(margin for _day, margin in purchases) / len(purchases)
    for number in (here + 1, here + 2):
        margins[number] += len(purchases) / so_far * average
    return sum(
        ((margins[number] - marketing) / growth(percent, number) for number in range(1, here + 3)),
        Fraction(0),
    )
