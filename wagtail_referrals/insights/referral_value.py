"""Referral value: what the friends somebody brought are worth.

After V. Kumar, J. A. Petersen and R. P. Leone, "How Valuable Is Word of Mouth?", Harvard Business
Review, October 2007, and "Driving Profitability by Encouraging Customer Referrals: Who, When, and
How", Journal of Marketing 74 (5), 2010:

    RV = Σ (A - a - M + S)  of friends who would not have come otherwise
       + Σ S                of friends who would have come anyway

A - M is a friend's lifetime value (lifetime.py): margin less marketing, discounted. a is what the
friend cost in rewards and S the acquisition cost saved; both belong to the half-year in which the
friend came and are divided by 1 + r. Nobody knows for sure which of the two a friend is: who said
so counts as they said, of the others a share ``anyway`` would have come, within a range.

A friend's friends count, where the owner wants that, as far as the friend would not have come
otherwise: who would have come anyway would have brought them anyway.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from math import sqrt
from statistics import NormalDist

from .lifetime import to_cents

ZERO, ONE = Decimal(0), Decimal(1)
# With fewer answers than this the owner's guess says as much.
FEW = 30
_Z95 = NormalDist().inv_cdf(0.975)


@dataclass(frozen=True)
class Range:
    """From ``low`` to ``high``, most likely ``likely``."""

    low: Decimal
    likely: Decimal
    high: Decimal

    def __add__(self, other: Range) -> Range:
        return Range(self.low + other.low, self.likely + other.likely, self.high + other.high)

    def times(self, share: Range) -> Range:
        """As much of it as a share, which is from 0 to 1."""
        low = min(self.low * share.low, self.low * share.high)
        high = max(self.high * share.low, self.high * share.high)
        return Range(low, self.likely * share.likely, high)

    @property
    def in_cents(self) -> Range:
        return Range(to_cents(self.low), to_cents(self.likely), to_cents(self.high))


NOTHING = Range(ZERO, ZERO, ZERO)
NONE_OF_IT, ALL_OF_IT = NOTHING, Range(ONE, ONE, ONE)


@dataclass(frozen=True)
class Friend:
    """A friend who bought. ``anyway``: whether they would have come, as they said themselves.

    ``through`` are the same answers of those between the advocate and the friend: none where the
    advocate brought them.
    """

    lifetime: Decimal
    rewards: Decimal = ZERO
    saved: Decimal = ZERO
    anyway: bool | None = None
    through: tuple[bool | None, ...] = ()


def referral_value(friends: Iterable[Friend], *, anyway: Range, factor: Decimal) -> Range:
    """The value of these friends; ``factor`` is 1 / (1 + r) of their first half-year."""
    value = NOTHING
    for friend in friends:
        own = friend.lifetime - friend.rewards * factor
        worth = Range(own, own, own).times(_brought(friend.anyway, anyway))
        saved = friend.saved * factor
        worth += Range(saved, saved, saved)
        for between in friend.through:
            worth = worth.times(_brought(between, anyway))
        value += worth
    return value


def _brought(said: bool | None, anyway: Range) -> Range:
    """The share of a friend that is owed to the recommendation."""
    if said is None:
        return Range(ONE - anyway.high, ONE - anyway.likely, ONE - anyway.low)
    return NONE_OF_IT if said else ALL_OF_IT


def share_anyway(yes: int, no: int) -> Range | None:
    """Of how many friends who answered, would so many have come anyway; None for few answers.

    With the 95 % interval of Agresti and Coull.
    """
    total = yes + no
    if total < FEW:
        return None
    adjusted = total + _Z95**2
    middle = (yes + _Z95**2 / 2) / adjusted
    reach = _Z95 * sqrt(middle * (1 - middle) / adjusted)
    low, high = max(middle - reach, 0.0), min(middle + reach, 1.0)
    return Range(Decimal(str(low)), Decimal(yes) / total, Decimal(str(high)))
