"""Lifetime value, by hand (docs/champions.md has the formula) and against another calculation."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.insights.plain_value import plain_lifetime
from wagtail_referrals.insights.lifetime import (
    Discount,
    Inputs,
    add_up,
    half_years,
    lifetime_of,
    margin_of,
)
from wagtail_referrals.programs.money import as_money

START = datetime(2024, 1, 10, 12, tzinfo=UTC)
INPUTS = Inputs(margin=Decimal("0.4"), marketing=Decimal("5"), discount=Discount(Decimal(15)))


def lifetime(purchases, at, inputs=INPUTS, *, marketing=True):
    told = [(START + timedelta(days=day), margin) for day, margin in purchases]
    bought = add_up(told, inputs.discount)
    assert bought is not None
    return lifetime_of(bought, START + timedelta(days=at), inputs, marketing=marketing)


DISCOUNT = INPUTS.discount


def test_half_a_year_is_discounted_by_the_root_of_a_year():
    # √1.15 - 1 = .07238 (design: numbers), and two halves are a whole.
    assert round(1 / DISCOUNT.factors[1] - 1, 5) == Decimal("0.07238")
    assert round(1 / DISCOUNT.factors[2], 20) == Decimal("1.15")


def test_one_purchase_of_today():
    # 20 / 1.07238 = 18.650; ahead 20 / 1.15 + 20 / 1.23324 = 17.391 + 16.217 = 33.608;
    # marketing 5 / 1.07238 + 5 / 1.15 + 5 / 1.23324 = 4.663 + 4.348 + 4.054 = 13.065
    found = lifetime([(0, Decimal(20))], at=0)
    assert found.value == Decimal("39.19")
    assert lifetime([(0, Decimal(20))], at=0, marketing=False).value == Decimal("52.26")


def test_the_projection_is_purchases_per_half_year_times_their_average_margin():
    # 8 purchases of 10 within 1461 days, which are 8 half-years: 10 in each.
    purchases = [(day, Decimal(10)) for day in range(0, 800, 100)]
    assert lifetime(purchases, at=1461).rate == 10


def test_who_came_yesterday_is_not_projected_as_one_who_buys_daily():
    assert lifetime([(0, Decimal(10)), (1, Decimal(10))], at=1).rate == 20


def test_half_years_end_after_182_or_183_days():
    assert [half_years(days) for days in (0, 182, 183, 365, 366, 1460, 1461)] == [
        0, 0, 1, 1, 2, 7, 8,
    ]  # fmt: skip


def test_a_purchase_that_cost_more_than_it_brought_lowers_the_value():
    found = lifetime([(0, Decimal(-20))], at=0, marketing=False)
    assert found.value == Decimal("-52.26")


@pytest.mark.parametrize(
    ("amount", "refunded", "own", "margin"),
    [
        ("100", "0", None, "40"),
        ("100", "25", None, "30"),
        ("100", "0", "12.50", "12.50"),
        ("100", "50", "12", "6"),
        ("100", "0", "-7", "-7"),
        ("0", "0", "3", "3"),
        ("0", "0", None, "0"),
    ],
)
def test_the_margin_of_a_purchase(amount, refunded, own, margin):
    whole = None if own is None else Decimal(own)
    found = margin_of(Decimal(amount), Decimal(refunded), whole, Decimal("0.4"))
    assert found == Decimal(margin)


@pytest.mark.parametrize(("said", "amount"), [(12.5, "12.5"), ("12.50", "12.50"), (-7, "-7")])
def test_a_shop_may_say_an_amount_as_number_or_text(said, amount):
    assert as_money(said) == Decimal(amount)


@pytest.mark.parametrize("said", ["a lot", "Infinity", "NaN", True, [12], 1e300, None])
def test_what_is_no_amount_of_money_is_none(said):
    assert as_money(said) is None


def test_without_a_discount_money_keeps_its_worth():
    inputs = Inputs(margin=Decimal(1), marketing=Decimal(0), discount=Discount(Decimal(0)))
    assert lifetime([(0, Decimal(10)), (1461, Decimal(10))], 1461, inputs).value == Decimal(25)


cents = st.integers(-50_000, 200_000).map(lambda number: Decimal(number) / 100)
bought = st.lists(st.tuples(st.integers(0, 4000), cents), min_size=1, max_size=30)


@given(bought, st.integers(0, 3000), st.sampled_from(["0", "4.99", "12"]), st.integers(0, 100))
def test_another_calculation_says_the_same_to_the_cent(purchases, later, marketing, percent):
    purchases = sorted(purchases, key=lambda purchase: purchase[0])
    first = purchases[0][0]
    days = [(day - first, margin) for day, margin in purchases]
    at = days[-1][0] + later
    inputs = Inputs(Decimal(1), Decimal(marketing), Discount(Decimal(percent)))
    found = add_up([(START + timedelta(days=day), margin) for day, margin in days], inputs.discount)
    assert found is not None
    value = lifetime_of(found, START + timedelta(days=at), inputs, marketing=True).value
    plain = plain_lifetime(
        [(day, Fraction(margin)) for day, margin in days], at, Fraction(marketing), percent
    )
    # Where the exact value lies on half a cent, both ways of rounding are right.
    assert abs(Fraction(value) - plain) <= Fraction(5001, 1_000_000)
