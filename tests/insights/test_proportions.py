"""Two shares and chance, against published cases. No database."""

from itertools import pairwise
from math import isclose, sqrt
from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from wagtail_referrals.insights.proportions import (
    RateSums,
    beta_larger,
    chance_better,
    chi_square_p,
    compare,
    holm,
    interval_of,
    sample_ratio_p,
    sample_size,
)


def sums(*advocates: tuple[int, int]) -> RateSums:
    found = RateSums()
    for visitors, reached in advocates:
        found.add(visitors, reached)
    return found


def alone(reached: int, visitors: int) -> RateSums:
    """Every visitor came by another advocate."""
    return RateSums(visitors, visitors, reached, visitors, reached, reached)


def test_the_design_s_case() -> None:
    """Design, section 9: 48 of 550 against 56 of 450: z = −1.916, p = .0554."""
    found = compare(alone(56, 450), alone(48, 550))
    assert found
    assert found.z == pytest.approx(-1.916, abs=0.0005)
    assert found.p_value == pytest.approx(0.0554, abs=0.00005)
    assert found.difference == pytest.approx(48 / 550 - 56 / 450)
    # √(p₁q₁/n₁ + p₂q₂/n₂) by hand: .019669
    low, high = found.interval
    assert (low, high) == (
        pytest.approx(found.difference - 1.95996 * 0.019669, abs=0.00001),
        pytest.approx(found.difference + 1.95996 * 0.019669, abs=0.00001),
    )


def test_samples_are_as_large_as_r_says() -> None:
    """R, stats::power.prop.test, its own examples: p1 = .50, p2 = .75, power = .90: n = 76.7."""
    assert sample_size(0.50, 0.25, power=0.90) == 77


def test_a_sample_is_for_the_side_that_needs_more() -> None:
    assert sample_size(0.10, 0.02) == 3841
    assert sample_size(0.90, 0.02) == 3841
    assert sample_size(0.005, 0.01) == sample_size(0.995, 0.01) > 1


def test_several_variants_need_more() -> None:
    assert sample_size(0.10, 0.02, comparisons=3) > sample_size(0.10, 0.02)


@pytest.mark.parametrize(("baseline", "difference"), [(0.5, 0.6), (0.1, 0.0)])
def test_an_impossible_difference_has_no_sample(baseline: float, difference: float) -> None:
    with pytest.raises(ValueError, match="possible"):
        sample_size(baseline, difference)


def test_the_sample_ratio_of_the_textbook() -> None:
    """Kohavi, Tang and Xu, Trustworthy Online Controlled Experiments (2020), chapter 3: 821,588
    against 815,482 where half and half was planned: p = 1.8E-6."""
    found = sample_ratio_p([821_588, 815_482], [1, 1])
    assert found == pytest.approx(1.8e-6, rel=0.02)


def test_who_has_what_has_no_weight_is_no_chance() -> None:
    assert sample_ratio_p([500, 500, 1], [1, 1, 0]) == 0.0


@pytest.mark.parametrize("counts", [[0, 0], [3, 4]])
def test_a_few_tell_nothing_of_the_ratio(counts: list[int]) -> None:
    assert sample_ratio_p(counts, [1, 1]) is None


def test_one_variant_with_a_weight_has_no_ratio() -> None:
    assert sample_ratio_p([100, 0], [1, 0]) is None


@pytest.mark.parametrize(
    ("degrees", "squared"),
    [(1, 3.841), (2, 5.991), (3, 7.815), (4, 9.488), (5, 11.070), (10, 18.307), (15, 24.996)],
)
def test_chi_square_is_the_table_s(degrees: int, squared: float) -> None:
    """Fisher, Statistical Methods for Research Workers (1925), table III: the column of .05."""
    assert chi_square_p(squared, degrees) == pytest.approx(0.05, abs=0.0001)


def test_fisher_s_tea_as_altham_has_it() -> None:
    """Altham, Exact Bayesian Analysis of a 2 × 2 Contingency Table (1969): with a Beta(0, 1) and a
    Beta(1, 0) before, the chance is Fisher's exact p. His tea (1935): 3 and 1 of 4, p = 17/70."""
    assert beta_larger(2, 3, 3, 2) == pytest.approx(17 / 70)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(1, 60), min_size=4, max_size=4))
def test_one_of_two_shares_is_the_larger(parameters: list[int]) -> None:
    a, b, c, d = parameters
    assert isclose(beta_larger(a, b, c, d) + beta_larger(c, d, a, b), 1, abs_tol=1e-9)
    assert beta_larger(a, b, a, b) == pytest.approx(0.5)


def test_a_chance_of_many_is_the_chance_of_few_scaled() -> None:
    """Above the bound a normal distribution stands for the sum: they meet there."""
    exact = beta_larger(19_000, 200_000, 19_200, 200_000)
    normal = beta_larger(20_001, 210_527, 20_212, 210_527)
    assert exact == pytest.approx(normal, abs=0.01)


def test_without_visitors_nobody_is_better() -> None:
    assert chance_better(RateSums(), alone(1, 10)) is None


ADVOCATES = st.lists(
    st.integers(0, 30).flatmap(lambda x: st.tuples(st.just(x), st.integers(0, x))), max_size=40
)


@settings(deadline=None, max_examples=60)
@example([], [(7, 7)])
@given(ADVOCATES, ADVOCATES)
def test_nothing_makes_it_say_nonsense(
    one: list[tuple[int, int]], other: list[tuple[int, int]]
) -> None:
    found = compare(sums(*one), sums(*other))
    if found:
        assert -1 <= found.interval[0] <= found.difference <= found.interval[1] <= 1
        assert 0 <= found.p_value <= 1
    for group in (sums(*one), sums(*other)):
        low, high = interval_of(group) or (0.0, 1.0)
        assert 0 <= low <= (group.rate or low) <= high <= 1
    chance = chance_better(sums(*one), sums(*other))
    assert chance is None or 0 <= chance <= 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (RateSums(), alone(10, 100)),
        (alone(0, 500), alone(0, 500)),
        (alone(500, 500), alone(500, 500)),
        (alone(2, 500), alone(3, 500)),
        # One advocate each: nobody knows what another one's visitors would have done.
        (sums((500, 100)), sums((500, 150))),
        (sums((400, 80), *[(5, 1)] * 20), sums(*[(25, 5)] * 20)),
    ],
    ids=[
        *("no visitors", "nobody reached it", "all reached it", "a handful", "one advocate"),
        "one who has most",
    ],
)
def test_too_little_is_not_compared(one: RateSums, other: RateSums) -> None:
    assert compare(one, other) is None


def jackknife(advocates: list[tuple[int, int]]) -> float:
    """The variance of a ratio without a formula: leave each advocate out in turn."""
    visitors, reached = (sum(column) for column in zip(*advocates, strict=True))
    left_out = [(reached - y) / (visitors - x) for x, y in advocates]
    middle = sum(left_out) / len(left_out)
    count = len(advocates)
    return (count - 1) / count * sum((rate - middle) ** 2 for rate in left_out)


def crowd(seed: int, rate: float) -> list[tuple[int, int]]:
    """Advocates of whom each has friends much like one another."""
    random = Random(seed)
    found = []
    for _number in range(400):
        visitors = random.randint(1, 12)
        own = random.betavariate(rate * 2, (1 - rate) * 2)
        found.append((visitors, sum(random.random() < own for _visitor in range(visitors))))
    return found


def test_friends_who_are_alike_count_for_less() -> None:
    """Deng, Knoblich and Lu (2018): the delta method; here against a jackknife, which has none."""
    one, other = crowd(1, 0.2), crowd(2, 0.2)
    found = compare(sums(*one), sums(*other))
    assert found
    half = (found.interval[1] - found.interval[0]) / 2 / 1.95996
    assert half == pytest.approx(sqrt(jackknife(one) + jackknife(other)), rel=0.02)
    assert sums(*one).clustering > 2


def test_chance_seldom_looks_like_a_difference_however_alike_friends_are() -> None:
    """Of 200 tests without a difference about one in twenty says there is one; if visitors were
    taken for strangers, one in three or four would."""
    rejected = naive = 0
    for seed in range(200):
        one, other = (sums(*crowd(seed * 2 + side + 10, 0.2)[:120]) for side in (0, 1))
        found = compare(one, other)
        plain = compare(alone(one.reached, one.visitors), alone(other.reached, other.visitors))
        assert found
        assert plain
        rejected += found.p_value < 0.05
        naive += plain.p_value < 0.05
    assert rejected <= 20
    assert naive >= 40


def test_the_more_are_looked_at_the_larger_each_p() -> None:
    """Holm (1979): .01, .04, .03, .005 are .03, .06, .06, .02."""
    found = holm([0.01, 0.04, 0.03, None, 0.005])
    assert found == [pytest.approx(0.03), pytest.approx(0.06), pytest.approx(0.06), None, 0.02]


@settings(deadline=None, max_examples=60)
@given(st.lists(st.floats(0, 1), max_size=6))
def test_holm_keeps_their_order(p_values: list[float]) -> None:
    pairs = sorted(zip(p_values, holm(p_values), strict=True))
    assert all((a[1] or 0) <= (b[1] or 0) for a, b in pairwise(pairs))
    assert all(after is not None and before <= after <= 1 for before, after in pairs)
