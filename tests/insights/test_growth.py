"""The next twelve months: the formula that the screen shows."""

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from wagtail_referrals.insights.growth import project


def test_worked_by_hand():
    """Ten advocates, three shares a month, a third of them brings a customer: one a day in all.

    Whoever comes recommends after thirty days: on day d of the second month the d who came up to
    day d of the first do so, too, each a tenth of a customer a day: 30 + .1 × (1 + … + 30) = 76.5.
    """
    first, second = project(10, Decimal(6), Decimal(50), Decimal(30), months=2)
    assert (first, second) == (Decimal("30.0"), Decimal("76.5"))


def test_if_none_of_them_takes_part_every_month_is_the_same():
    months = project(10, Decimal(6), Decimal(50), Decimal(1), participation=Decimal(0))
    assert months == [Decimal("30.0")] * 12


def test_nobody_shares_nobody_comes():
    assert set(project(100, Decimal(0), Decimal(50), Decimal(10))) == {Decimal("0.0")}


def test_who_comes_sooner_brings_more():
    slow, fast = (sum(project(10, Decimal(3), Decimal(20), Decimal(days))) for days in (60, 10))
    assert fast > slow


AMOUNT = st.decimals(0, 10_000, allow_nan=False, places=2)


@given(st.integers(0, 10**9), AMOUNT, AMOUNT, AMOUNT, st.integers(1, 24))
@settings(max_examples=30, deadline=None)
def test_whatever_the_sliders_say_it_is_a_number(customers, rate, conversion, days, months):
    found = project(customers, rate, conversion, days, months)
    assert len(found) == months
    assert all(0 <= number <= 10**12 for number in found)
    assert found == sorted(found)
