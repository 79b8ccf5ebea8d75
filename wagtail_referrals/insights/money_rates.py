"""Whether money per visitor differs, and by how much. No database here.

As with shares, a variant is drawn for an advocate: money per visitor is a ratio of sums over
advocates, and how much it varies is told by the advocates.

Source: Cochran, Sampling Techniques (3rd ed., 1977), chapter 6: the estimated variance of a ratio
from a sample; Kish, Survey Sampling (1965) for unequal shares.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from math import sqrt
from statistics import NormalDist

from .proportions import CONFIDENCE, FEW_UNITS, RateSums

# Orders are of very different size: of fewer who pay, one large one decides.
FEW_PAYING = 30


@dataclass
class MoneySums:
    """Money of one currency: sums over the advocates whose friends paid.

    Who brought nothing adds nothing; how many visitors all of them had is in their RateSums.
    """

    paid: Decimal = Decimal(0)
    squared: Decimal = Decimal(0)
    # With the visitors of the same advocate.
    product: Decimal = Decimal(0)

    def add(self, visitors: int, paid: Decimal) -> None:
        """One more advocate."""
        self.paid += paid
        self.squared += paid * paid
        self.product += paid * visitors

    @property
    def breadth(self) -> Decimal:
        """As many advocates who bring the same would tell as much (Kish 1965)."""
        return self.paid**2 / self.squared if self.squared else Decimal(0)


@dataclass(frozen=True)
class MoneyDifference:
    """Of money per visitor (other − control), with its interval."""

    difference: float
    interval: tuple[float, float]


def compare_money(
    control: tuple[RateSums, MoneySums],
    other: tuple[RateSums, MoneySums],
    confidence: float = CONFIDENCE,
) -> MoneyDifference | None:
    """r₂ − r₁ ± z √(v₁ + v₂); None where there is not enough for a normal distribution."""
    if not (_is_enough(*control) and _is_enough(*other)):
        return None
    difference = _rate(*other) - _rate(*control)
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    half = z * sqrt(ratio_variance(*control) + ratio_variance(*other))
    return MoneyDifference(difference, (difference - half, difference + half))


def ratio_variance(sums: RateSums, money: MoneySums) -> float:
    """v = n / (n − 1) · Σ (y − r x)² / (Σ x)² over n advocates with x visitors who paid y."""
    rate = money.paid / sums.visitors
    spread = money.squared - 2 * rate * money.product + rate**2 * sums.visitors_squared
    return float(max(spread, Decimal(0))) / sums.visitors**2 * sums.units / (sums.units - 1)


def _rate(sums: RateSums, money: MoneySums) -> float:
    return float(money.paid / sums.visitors)


def _is_enough(sums: RateSums, money: MoneySums) -> bool:
    """Ten advocates by their visitors, thirty by what their friends paid."""
    return sums.breadth >= FEW_UNITS and money.breadth >= FEW_PAYING
