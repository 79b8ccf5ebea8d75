"""Whether one share is larger than another, or chance made it look so. No database here.

Visitors come by advocates' links, and a variant is drawn for an advocate: visitors of one advocate
belong together. So shares are ratios of sums over advocates, and how much they vary is told by the
advocates (delta method). Where every advocate has one visitor it is the usual test of two shares.

Sources: Fleiss, Levin and Paik, Statistical Methods for Rates and Proportions (3rd ed., 2003);
Deng, Knoblich and Lu, Applying the Delta Method in Metric Analytics (KDD 2018); Holm, A Simple
Sequentially Rejective Multiple Test Procedure (1979); Kohavi, Tang and Xu, Trustworthy Online
Controlled Experiments (2020) for the sample ratio; Kish, Survey Sampling (1965) for unequal shares.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, erfc, exp, lgamma, log, pi, sqrt
from statistics import NormalDist

_NORMAL = NormalDist()
CONFIDENCE = 0.95
POWER = 0.80
# A rarer imbalance is no chance any more: something is wrong with who sees what.
SAMPLE_RATIO_ALARM = 0.001
# A normal distribution stands for a sum of more terms than this.
_MOST_TERMS = 20_000
# A count that is expected to be smaller is too small for a normal distribution.
_FEW_EXPECTED = 5
# Of fewer advocates nobody can tell how much their visitors differ.
FEW_UNITS = 10


@dataclass
class RateSums:
    """What a rate is known by: sums over advocates of visitors and who reached the goal.

    ``reached`` of one advocate is at most its ``visitors``.
    """

    units: int = 0
    visitors: int = 0
    reached: int = 0
    visitors_squared: int = 0
    product: int = 0
    reached_squared: int = 0

    def add(self, visitors: int, reached: int) -> None:
        """One more advocate."""
        self.units += 1
        self.visitors += visitors
        self.reached += reached
        self.visitors_squared += visitors * visitors
        self.product += visitors * reached
        self.reached_squared += reached * reached

    @property
    def rate(self) -> float | None:
        """The share, 0 to 1; None without visitors."""
        return self.reached / self.visitors if self.visitors else None

    @property
    def breadth(self) -> float:
        """As many advocates alike in their visitors would tell as much (Kish 1965)."""
        return self.visitors**2 / self.visitors_squared if self.visitors_squared else 0.0

    def spread(self, rate: float) -> float:
        """Sum of the squares of what advocates are off a rate by, in visitors."""
        found = self.reached_squared - 2 * rate * self.product + rate**2 * self.visitors_squared
        return max(found, 0.0)

    @property
    def clustering(self) -> float:
        """How many times more the share varies than if every visitor came alone; at least 1."""
        rate = self.rate
        if rate is None:
            return 1.0
        return _clustering(self.spread(rate), rate, self.visitors)

    @property
    def worth(self) -> int:
        """So many strangers would tell as much: visitors of one advocate are much alike."""
        return round(self.visitors / self.clustering)


@dataclass(frozen=True)
class Comparison:
    """``difference`` of two shares (other − control), its interval, and how likely by chance."""

    difference: float
    interval: tuple[float, float]
    z: float
    p_value: float


def _clustering(spread: float, rate: float, visitors: int) -> float:
    alone = rate * (1 - rate) * visitors
    return max(spread / alone, 1.0) if alone > 0 else 1.0


def can_compare(control: RateSums, other: RateSums) -> bool:
    """Whether there is enough for a normal distribution: ten advocates, five expected of each.

    Where one of them has most of the visitors, it is as if there were few.
    """
    if min(control.breadth, other.breadth) < FEW_UNITS:
        return False
    visitors = control.visitors + other.visitors
    if not visitors:
        return False
    rate = (control.reached + other.reached) / visitors
    fewest = min(control.visitors, other.visitors) * min(rate, 1 - rate)
    crowd = max(control.clustering, other.clustering)
    return fewest / crowd >= _FEW_EXPECTED


def compare(
    control: RateSums, other: RateSums, confidence: float = CONFIDENCE
) -> Comparison | None:
    """Pooled z test and unpooled interval; None where there is not enough.

    z = (r₂ − r₁) / √(v (1/n₁ + 1/n₂)), v = Σ (y − r x)² / n over the advocates of both, r the
    share of both; with one visitor each v is r (1 − r). The interval takes each variant's own v.
    """
    if not can_compare(control, other):
        return None
    n_1, n_2 = control.visitors, other.visitors
    rate_1, rate_2 = control.reached / n_1, other.reached / n_2
    pooled = (control.reached + other.reached) / (n_1 + n_2)
    spread = control.spread(pooled) + other.spread(pooled)
    per_visitor = pooled * (1 - pooled) * _clustering(spread, pooled, n_1 + n_2)
    z = (rate_2 - rate_1) / sqrt(per_visitor * (1 / n_1 + 1 / n_2))
    half = _NORMAL.inv_cdf((1 + confidence) / 2) * sqrt(_variance(control) + _variance(other))
    difference = rate_2 - rate_1
    interval = (max(difference - half, -1.0), min(difference + half, 1.0))
    return Comparison(difference, interval, z, erfc(abs(z) / sqrt(2)))


def _variance(sums: RateSums) -> float:
    rate = sums.reached / sums.visitors
    return rate * (1 - rate) * sums.clustering / sums.visitors


def interval_of(sums: RateSums, confidence: float = CONFIDENCE) -> tuple[float, float] | None:
    """Wilson's interval of one share (1927), of so many visitors as they are worth alone."""
    rate, visitors = sums.rate, sums.visitors / sums.clustering
    if rate is None:
        return None
    z = _NORMAL.inv_cdf((1 + confidence) / 2)
    middle = rate + z * z / (2 * visitors)
    half = z * sqrt(rate * (1 - rate) / visitors + z * z / (4 * visitors**2))
    whole = 1 + z * z / visitors
    # It holds the rate itself, whatever floating point makes of 0 and 1.
    low, high = min((middle - half) / whole, rate), max((middle + half) / whole, rate)
    return max(low, 0.0), min(high, 1.0)


def sample_size(
    baseline: float, difference: float, *, comparisons: int = 1, power: float = POWER
) -> int:
    """How many each of two variants needs to see a difference of shares, up or down.

    n = (z₁₋α⸝₂ √(2 p q) + z₁₋β √(p₁ q₁ + p₂ q₂))² / (p₂ − p₁)², p the mean of both (Fleiss, Levin
    and Paik 2003, section 4.2, without the correction for continuity). ``comparisons``: variants
    compared with the one as it is now; α is divided by them. The side that needs more counts.
    """
    others = [one for one in (baseline + difference, baseline - difference) if 0 <= one <= 1]
    if not others or not difference:
        raise ValueError("no such difference is possible")
    alpha = (1 - CONFIDENCE) / comparisons
    return ceil(max(_needed(baseline, other, alpha, power) for other in others))


def _needed(one: float, other: float, alpha: float, power: float) -> float:
    mean = (one + other) / 2
    by_chance = _NORMAL.inv_cdf(1 - alpha / 2) * sqrt(2 * mean * (1 - mean))
    seen = _NORMAL.inv_cdf(power) * sqrt(one * (1 - one) + other * (1 - other))
    return (by_chance + seen) ** 2 / (one - other) ** 2


def sample_ratio_p(counts: Sequence[int], weights: Sequence[int]) -> float | None:
    """How likely such counts are by the weights (χ²); None where there is nothing to tell.

    0.0 where somebody has what has no weight.
    """
    if any(count and not weight for count, weight in zip(counts, weights, strict=True)):
        return 0.0
    total, whole = sum(counts), sum(weights)
    shares = [
        (count, total * weight / whole)
        for count, weight in zip(counts, weights, strict=True)
        if weight
    ]
    if len(shares) < 2 or min(expected for _count, expected in shares) < _FEW_EXPECTED:
        return None
    squared = sum((count - expected) ** 2 / expected for count, expected in shares)
    return chi_square_p(squared, len(shares) - 1)


def chi_square_p(squared: float, degrees: int) -> float:
    """How likely χ² is at least so large (Abramowitz and Stegun 1964, 26.4.4 and 26.4.5)."""
    half = squared / 2
    found, step = (erfc(sqrt(half)), 0.5) if degrees % 2 else (exp(-half), 1.0)
    term = exp(-half) * (sqrt(half / (pi / 4)) if degrees % 2 else half)
    while step < degrees / 2:
        found += term
        step += 1
        term *= half / step
    return min(found, 1.0)


def chance_better(control: RateSums, other: RateSums) -> float | None:
    """How likely the other's true share is the larger one, by what was seen and nothing else.

    Both shares Beta(1 + reached, 1 + not reached), of so many visitors as they are worth alone.
    None where there are no visitors.
    """
    if not (control.visitors and other.visitors):
        return None
    return beta_larger(*_beta(other), *_beta(control))


def _beta(sums: RateSums) -> tuple[int, int]:
    crowd = sums.clustering
    return (
        1 + round(sums.reached / crowd),
        1 + round((sums.visitors - sums.reached) / crowd),
    )


def beta_larger(a: int, b: int, c: int, d: int) -> float:
    """P(X > Y) of X ~ Beta(a, b), Y ~ Beta(c, d) with whole numbers, exactly.

    A sum of as many terms as the smallest of the four (Cook, Exact Calculation of Beta
    Inequalities, 2005); of very many, a normal distribution.
    """
    fewest = min(a, b, c, d)
    if fewest > _MOST_TERMS:
        return _normal_larger(a, b, c, d)
    if fewest == a:
        return _beta_sum(a, b, c, d)
    if fewest == d:
        return _beta_sum(d, c, b, a)
    if fewest == c:
        return 1 - _beta_sum(c, d, a, b)
    return 1 - _beta_sum(b, a, d, c)


def _beta_sum(a: int, b: int, c: int, d: int) -> float:
    """P(X > Y) as a sum over X's ``a``, in logarithms: single terms may be far too small."""
    term = _log_beta(c, d + b) - log(b) - _log_beta(1, b) - _log_beta(c, d)
    found = 0.0
    for i in range(a):
        found += exp(term)
        term += log((c + i) * (b + i)) - log((c + i + d + b) * (1 + i))
    return min(max(found, 0.0), 1.0)


def _log_beta(a: float, b: float) -> float:
    return lgamma(a) + lgamma(b) - lgamma(a + b)


def _normal_larger(a: int, b: int, c: int, d: int) -> float:
    middle = a / (a + b) - c / (c + d)
    variance = a * b / ((a + b) ** 2 * (a + b + 1)) + c * d / ((c + d) ** 2 * (c + d + 1))
    return _NORMAL.cdf(middle / sqrt(variance))


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """The same, each as large as it has to be when several are looked at (Holm 1979)."""
    known = sorted((p, place) for place, p in enumerate(p_values) if p is not None)
    found: list[float | None] = [None] * len(p_values)
    largest = 0.0
    for rank, (p, place) in enumerate(known):
        largest = max(largest, min(p * (len(known) - rank), 1.0))
        found[place] = largest
    return found
