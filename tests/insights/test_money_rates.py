"""Money per visitor, against a published case and against a jackknife. No database."""

from decimal import Decimal
from math import sqrt
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wagtail_referrals.insights.money_rates import MoneySums, compare_money, ratio_variance
from wagtail_referrals.insights.proportions import RateSums

Advocates = list[tuple[int, Decimal]]
# The first ten of Cochran's cities (Sampling Techniques, 1977; R: boot::city): how many thousands
# lived there in 1920 and in 1930. Davison and Hinkley (Bootstrap Methods, 1997): a ratio of 1.520.
CITIES = [
    *((138, 143), (93, 104), (61, 69), (179, 260), (48, 75)),
    *((37, 63), (29, 50), (23, 48), (30, 111), (2, 50)),
]


def sums(advocates: Advocates) -> tuple[RateSums, MoneySums]:
    rates, money = RateSums(), MoneySums()
    for visitors, paid in advocates:
        rates.add(visitors, 0)
        if paid:
            money.add(visitors, paid)
    return rates, money


def test_a_ratio_varies_as_cochran_says() -> None:
    """r = 973/640 = 1.5203; by hand Σ(y − r x)² = 13,307, so that by Cochran (1977)
    v = 10/9 · 13,307 / 640² = .03610 and its root .1900."""
    rates, money = sums([(x, Decimal(y)) for x, y in CITIES])
    assert money.paid / rates.visitors == pytest.approx(Decimal("1.5203"), abs=Decimal("0.00005"))
    assert ratio_variance(rates, money) == pytest.approx(0.03610, abs=0.00001)


def test_with_one_visitor_each_it_is_the_interval_of_two_means() -> None:
    """Forty who pay 1 and forty who pay 3, against forty times 2 and 6: means 2 and 4, by hand
    s² = 80/79 and 320/79, half = 1.95996 · √(s₁²/80 + s₂²/80) = .49308."""
    one = sums([(1, Decimal(1)), (1, Decimal(3))] * 40)
    other = sums([(1, Decimal(2)), (1, Decimal(6))] * 40)
    found = compare_money(one, other)
    assert found
    assert found.difference == 2
    assert found.interval == (
        pytest.approx(2 - 0.49308, abs=0.00001),
        pytest.approx(2 + 0.49308, abs=0.00001),
    )


def crowd(seed: int, count: int = 600) -> Advocates:
    """Every fifth advocate has friends who pay, and orders are of very different size."""
    random = Random(seed)
    return [
        (
            random.randint(1, 12),
            Decimal(random.random() < 0.2) * Decimal(f"{random.lognormvariate(3, 0.8):.2f}"),
        )
        for _number in range(count)
    ]


def jackknife(advocates: Advocates) -> float:
    """The variance of a ratio without a formula: leave each advocate out in turn."""
    visitors = sum(x for x, _paid in advocates)
    paid = float(sum(y for _x, y in advocates))
    left_out = [(paid - float(y)) / (visitors - x) for x, y in advocates]
    middle = sum(left_out) / len(left_out)
    count = len(advocates)
    return (count - 1) / count * sum((rate - middle) ** 2 for rate in left_out)


def test_it_is_as_wide_as_a_jackknife_says() -> None:
    one, other = crowd(1), crowd(2)
    found = compare_money(sums(one), sums(other))
    assert found
    half = (found.interval[1] - found.interval[0]) / 2 / 1.95996
    assert half == pytest.approx(sqrt(jackknife(one) + jackknife(other)), rel=0.02)


def test_the_interval_holds_the_difference_of_none_nineteen_times_in_twenty() -> None:
    told = held = 0
    for seed in range(200):
        found = compare_money(sums(crowd(seed * 2)), sums(crowd(seed * 2 + 1)))
        if found:
            told += 1
            held += found.interval[0] <= 0 <= found.interval[1]
    assert told > 190
    assert 0.91 <= held / told <= 0.98


PAID = [(1, Decimal(10))] * 60


@pytest.mark.parametrize(
    "few",
    [
        [],
        [(1, Decimal(0))] * 60,
        [*[(1, Decimal(10))] * 29, *[(1, Decimal(0))] * 200],
        [(1, Decimal(10_000)), *PAID],
        [(500, Decimal(10)), *PAID[:9]],
    ],
    ids=["nobody", "nobody pays", "too few pay", "one large order", "one who has most visitors"],
)
def test_of_too_few_nothing_is_said(few: Advocates) -> None:
    assert compare_money(sums(PAID), sums(few)) is None
    assert compare_money(sums(few), sums(PAID)) is None


@settings(deadline=None, max_examples=60)
@given(
    *[
        st.lists(
            st.tuples(st.integers(0, 30), st.decimals(0, 10**10, places=2, allow_nan=False)),
            max_size=60,
        )
    ]
    * 2
)
def test_nothing_makes_it_say_nonsense(one: Advocates, other: Advocates) -> None:
    found = compare_money(sums(one), sums(other))
    if found:
        low, high = found.interval
        assert low <= found.difference <= high
