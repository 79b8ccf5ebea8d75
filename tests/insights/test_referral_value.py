"""Referral value by the formula of Kumar, Petersen and Leone, worked out by hand.

Sources: Harvard Business Review, October 2007, and Journal of Marketing 74 (5), 2010. The articles
tell the formula; the cases here are ours.
"""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest import approx

from wagtail_referrals.insights.lifetime import Discount
from wagtail_referrals.insights.referral_value import Friend, Range, referral_value, share_anyway

FACTOR = Discount(Decimal(15)).factors[1]
HALF = Range(Decimal("0.25"), Decimal("0.5"), Decimal("0.75"))


def value(*friends: Friend, anyway: Range = HALF) -> Range:
    return referral_value(friends, anyway=anyway, factor=FACTOR).in_cents


def friend(**values: object) -> Friend:
    values = {"lifetime": 100, "rewards": 10, "saved": 30, **values}
    numbers = {
        name: Decimal(str(number)) if isinstance(number, int) and name in MONEY else number
        for name, number in values.items()
    }
    return Friend(**numbers)  # type: ignore[arg-type]


MONEY = ("lifetime", "rewards", "saved")


def test_who_would_not_have_come_counts_whole():
    # 100 - 10 / 1.072381 + 30 / 1.072381 = 100 + 20 / 1.072381 = 118.65
    found = value(friend(anyway=False))
    assert (found.low, found.likely, found.high) == (Decimal("118.65"),) * 3


def test_who_would_have_come_anyway_saved_the_acquisition_only():
    # 30 / 1.072381 = 27.98
    found = value(friend(anyway=True))
    assert (found.low, found.likely, found.high) == (Decimal("27.98"),) * 3


def test_who_did_not_say_counts_by_the_share_within_its_range():
    # Own part 100 - 9.3250 = 90.6750: a quarter, half, three quarters of it, and 27.9751.
    found = value(friend())
    assert found == Range(Decimal("50.64"), Decimal("73.31"), Decimal("95.98"))


def test_a_friend_who_cost_more_than_they_left_makes_the_range_the_other_way_round():
    # Own part 0 - 40 / 1.072381 = -37.3002: at worst three quarters of it.
    found = value(friend(lifetime=0, rewards=40, saved=0))
    assert found == Range(Decimal("-27.98"), Decimal("-18.65"), Decimal("-9.33"))


def test_friends_add_up():
    found = value(friend(anyway=False), friend(anyway=True), friend())
    assert found.likely == approx(Decimal("118.65") + Decimal("27.98") + Decimal("73.31"))


def test_a_friend_s_friend_counts_as_far_as_the_friend_would_not_have_come():
    whole = value(friend(anyway=False, through=(False,)))
    assert whole.likely == Decimal("118.65")
    assert value(friend(anyway=False, through=(True,))).high == 0
    # Nobody knows of the friend between: a quarter to three quarters of 118.6501.
    found = value(friend(anyway=False, through=(None,)))
    assert found == Range(Decimal("29.66"), Decimal("59.33"), Decimal("88.99"))


def test_without_friends_there_is_no_value():
    assert value() == Range(Decimal("0.00"), Decimal("0.00"), Decimal("0.00"))


def test_few_answers_say_nothing_yet():
    assert share_anyway(14, 15) is None


def test_thirty_answers_give_the_share_and_how_certain_it_is():
    # Agresti and Coull: ñ = 30 + 3.8415, p̃ = (12 + 1.9207) / 33.8415 = .41135;
    # 1.95996 √(.41135 × .58865 / 33.8415) = .16579
    found = share_anyway(12, 18)
    assert found is not None
    assert found.likely == Decimal("0.4")
    assert float(found.low) == approx(0.24556, abs=0.00005)
    assert float(found.high) == approx(0.57714, abs=0.00005)


@pytest.mark.parametrize(("yes", "no"), [(0, 30), (30, 0)])
def test_when_all_say_the_same_the_range_keeps_within_none_and_all(yes, no):
    found = share_anyway(yes, no)
    assert found is not None
    assert 0 <= found.low <= found.likely <= found.high <= 1


amounts = st.integers(-1000, 1000).map(Decimal)
friends = st.builds(
    Friend,
    lifetime=amounts,
    rewards=st.integers(0, 100).map(Decimal),
    saved=st.integers(0, 100).map(Decimal),
    anyway=st.sampled_from([True, False, None]),
    through=st.lists(st.sampled_from([True, False, None]), max_size=3).map(tuple),
)


@given(st.lists(friends, max_size=8))
def test_the_likely_value_lies_within_its_range(brought):
    found = value(*brought)
    assert found.low <= found.likely <= found.high
