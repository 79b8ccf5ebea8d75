"""The Net Promoter Score, how certain it is, and whether two of them differ.

The interval is the adjusted Wald one: ¾ promoter, 1½ passive and ¾ detractor are added before the
usual formula, which keeps it honest where answers are few (docs/explanation, numbers).
"""

from __future__ import annotations

import operator
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from math import sqrt
from statistics import NormalDist

from .reckon import rounded

DETRACTORS, PASSIVES, PROMOTERS = range(7), range(7, 9), range(9, 11)
# With fewer answers than this the score says little.
FEW = 30
_Z95 = NormalDist().inv_cdf(0.975)


def as_points(score: float | None) -> Decimal | None:
    """A score to a tenth of a point: as spreadsheets have it."""
    return None if score is None else rounded(Decimal(str(score)))


def whole_points(score: float | Decimal | None) -> int | None:
    """A score as it is shown wherever there is one: its tenths to a whole point, halves up."""
    return None if score is None else int(rounded(rounded(Decimal(str(score))), Decimal(1)))


@dataclass(frozen=True)
class Scores:
    """How often each score from 0 to 10 was given."""

    counts: tuple[int, ...] = field(default=(0,) * 11)

    @classmethod
    def of(cls, scores: Iterable[int]) -> Scores:
        """Counted from the scores themselves."""
        counts = [0] * 11
        for score in scores:
            counts[score] += 1
        return cls(tuple(counts))

    def __add__(self, other: Scores) -> Scores:
        return Scores(tuple(map(operator.add, self.counts, other.counts)))

    def _share(self, group: range) -> int:
        return sum(self.counts[score] for score in group)

    @property
    def total(self) -> int:
        """How many answers there are."""
        return sum(self.counts)

    @property
    def promoters(self) -> int:
        """Who chose 9 or 10."""
        return self._share(PROMOTERS)

    @property
    def passives(self) -> int:
        """Who chose 7 or 8."""
        return self._share(PASSIVES)

    @property
    def detractors(self) -> int:
        """Who chose 0 to 6."""
        return self._share(DETRACTORS)

    @property
    def is_few(self) -> bool:
        """Whether there are too few answers to build on."""
        return self.total < FEW

    @property
    def nps(self) -> float | None:
        """From -100 to 100: promoters less detractors, in percent of all; None without answers."""
        if not self.total:
            return None
        return 100 * (self.promoters - self.detractors) / self.total

    @property
    def points(self) -> int | None:
        """The score as it is shown."""
        return whole_points(self.nps)

    @property
    def between(self) -> tuple[int | None, int | None] | None:
        """The interval as it is shown."""
        return self.interval and (whole_points(self.interval[0]), whole_points(self.interval[1]))

    @property
    def is_outside(self) -> bool:
        """Whether so few answered that the score is not where that of everybody most likely is."""
        low, high = self.interval or (-100, 100)
        return self.nps is not None and not low <= self.nps <= high

    @property
    def adjusted(self) -> float:
        """The middle of the interval, in points."""
        return 100 * _adjusted(self)[0]

    @property
    def interval(self) -> tuple[float, float] | None:
        """Where the score of everybody lies, with 95 % confidence; None without answers."""
        if not self.total:
            return None
        middle, variance = _adjusted(self)
        reach = _Z95 * sqrt(variance)
        return 100 * max(middle - reach, -1), 100 * min(middle + reach, 1)


def _adjusted(scores: Scores) -> tuple[float, float]:
    """The adjusted score from -1 to 1, and the variance of it."""
    total = scores.total + 3
    promoters, detractors = (scores.promoters + 0.75) / total, (scores.detractors + 0.75) / total
    score = promoters - detractors
    return score, (promoters + detractors - score**2) / total


@dataclass(frozen=True)
class Comparison:
    """Two groups or two periods. ``p`` is how often chance alone makes so large a difference."""

    one: Scores
    other: Scores
    difference: float | None
    p: float | None

    @property
    def is_few(self) -> bool:
        """Whether one of the two has too few answers to tell."""
        return self.one.is_few or self.other.is_few

    @property
    def is_real(self) -> bool:
        """Whether chance alone would hardly do (p < .05), with answers enough on both sides."""
        return not self.is_few and self.p is not None and self.p < 0.05


def compare(one: Scores, other: Scores) -> Comparison:
    """How far ``one`` is above ``other``, in points, and whether that may be chance (two-sided)."""
    if one.nps is None or other.nps is None:
        return Comparison(one, other, None, None)
    (first, first_variance), (second, second_variance) = _adjusted(one), _adjusted(other)
    z = (first - second) / sqrt(first_variance + second_variance)
    return Comparison(one, other, one.nps - other.nps, 2 * NormalDist().cdf(-abs(z)))
