"""Sums as people write them."""

from decimal import Decimal

from wagtail_referrals.programs.money import format_money


def test_a_sum_may_be_given_as_an_int_before_anybody_gave_it_as_a_decimal() -> None:
    assert format_money(7654, "EUR") == "€7,654"


def test_whole_sums_lose_their_zeros_and_others_keep_their_cents() -> None:
    assert format_money(Decimal("10.00"), "EUR") == "€10"
    assert format_money(Decimal("10.50"), "EUR") == "€10.50"


def test_nothing_is_never_less_than_nothing() -> None:
    assert format_money(Decimal("-0.00"), "EUR") == format_money(0, "EUR") == "€0"
