"""The report's numbers, checked by hand (design: numbers) and as laws that always hold."""

from hypothesis import given
from hypothesis import strategies as st
from pytest import approx

from wagtail_referrals.insights.nps import FEW, Scores, compare

many = st.lists(st.integers(0, 50), min_size=11, max_size=11).map(tuple).map(Scores)


def groups(promoters: int, passives: int, detractors: int) -> Scores:
    return Scores((0, 0, 0, detractors, 0, 0, 0, 0, passives, promoters, 0))


def test_sixty_promoters_twenty_passives_twenty_detractors():
    scores = groups(60, 20, 20)
    assert scores.nps == 40
    assert scores.adjusted == approx(38.83, abs=0.005)
    assert scores.interval == (approx(23.38, abs=0.005), approx(54.29, abs=0.005))
    assert not scores.is_few


def test_the_same_shares_of_twenty_answers_are_far_less_certain():
    # 8 / 23 = .34783; (17.5 / 23 - .34783²) / 23 = .027821; its root × 1.95996 = .32692
    scores = groups(12, 4, 4)
    assert scores.nps == 40
    assert scores.adjusted == approx(34.78, abs=0.005)
    assert scores.interval == (approx(2.09, abs=0.005), approx(67.47, abs=0.005))
    assert scores.is_few


def test_without_answers_there_is_no_score():
    assert (Scores().nps, Scores().interval, Scores().total) == (None, None, 0)


def test_every_score_belongs_to_one_group():
    scores = Scores.of(range(11))
    assert (scores.detractors, scores.passives, scores.promoters) == (7, 2, 2)


def test_all_of_one_opinion_stay_within_the_scale():
    assert groups(500, 0, 0).interval[1] == 100
    assert groups(0, 0, 500).interval[0] == -100


def test_two_periods_that_differ():
    # .38835 - .19417 = .19417; √(.0062179 + .0073161) = .116336; z = 1.6691; p = .0951
    found = compare(groups(60, 20, 20), groups(50, 20, 30))
    assert found.difference == 20
    assert found.p == approx(0.0951, abs=0.00005)
    assert not found.is_real
    assert compare(groups(600, 200, 200), groups(500, 200, 300)).is_real


def test_few_answers_prove_nothing():
    found = compare(groups(20, 0, 0), groups(0, 0, 400))
    assert found.is_few
    assert not found.is_real


def test_nothing_to_compare_with():
    assert compare(groups(20, 0, 0), Scores()).difference is None


@given(many)
def test_the_interval_holds_the_adjusted_score_and_grows_no_wider_with_more_answers(scores):
    if not scores.total:
        return
    low, high = scores.interval
    assert -100 <= low <= scores.adjusted <= high <= 100
    tenfold = Scores(tuple(count * 10 for count in scores.counts))
    assert tenfold.interval[1] - tenfold.interval[0] <= high - low
    assert tenfold.nps == approx(scores.nps)


@given(many, many)
def test_comparing_the_other_way_round_says_the_same(one, other):
    there, back = compare(one, other), compare(other, one)
    assert there.is_real == back.is_real
    if there.p is not None:
        assert there.p == approx(back.p)
        assert there.difference == approx(-back.difference)


@given(many)
def test_nothing_differs_from_itself(scores):
    assert not compare(scores, scores).is_real
    assert scores.is_few == (scores.total < FEW)
