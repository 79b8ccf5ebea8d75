from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from wagtail_referrals.api import (
    Conflict,
    CouponRefused,
    InvalidInput,
    quote_coupon,
    redeem_coupon,
    roll_back_redemption,
)
from wagtail_referrals.coupons.issue import issue_coupon, lower_coupon, void_coupon
from wagtail_referrals.coupons.models import Coupon, Redemption
from wagtail_referrals.people.register import became_customer, find_or_add_person
from wagtail_referrals.programs.offers import Offer

EUR = {"order_total": Decimal("49.90"), "currency": "EUR"}


@pytest.fixture
def coupon(program):
    return make_coupon(program)


def make_coupon(program, terms: Offer | None = None, **values):
    terms = terms or program.friend_offer
    return issue_coupon(program, terms, amount=terms.amount, **values)


def redeem(coupon, order_id="1001", **values):
    return redeem_coupon(coupon.display_code, order_id=order_id, **{**EUR, **values})


def refusal(call):
    with pytest.raises(CouponRefused) as refused:
        call()
    return refused.value.code


def test_a_quote_says_the_discount_and_uses_nothing(coupon):
    quote = quote_coupon(coupon.display_code, **EUR)
    assert (quote.valid, quote.discount, quote.reason) == (True, Decimal("4.99"), "")
    assert not Redemption.objects.exists()


def test_a_single_use_coupon_is_used_once(coupon):
    redeem(coupon)
    assert refusal(lambda: redeem(coupon, "1002")) == "used_up"
    assert quote_coupon(coupon.display_code, **EUR).reason == "used_up"


def test_the_same_order_again_returns_the_same_redemption(coupon):
    assert redeem(coupon) == redeem(coupon)
    assert Coupon.objects.get().uses == 1


def test_the_same_order_with_another_total_is_a_conflict(coupon):
    redeem(coupon)
    with pytest.raises(Conflict):
        redeem(coupon, order_total=Decimal("10.00"))


def test_order_ids_that_differ_in_case_are_two_orders(program):
    coupon = make_coupon(program, max_uses=5)
    assert redeem(coupon, "a1") != redeem(coupon, "A1")


def test_a_coupon_without_limit_keeps_no_counter(program):
    coupon = make_coupon(program, max_uses=None)
    for order in range(3):
        redeem(coupon, str(order))
    coupon.refresh_from_db()
    assert (coupon.uses, coupon.redemptions.count()) == (0, 3)


def test_a_rollback_gives_the_use_back_exactly_once(coupon):
    redeem(coupon)
    for _ in range(2):
        roll_back_redemption(coupon.display_code, order_id="1001", reason="refund")
    assert Coupon.objects.get().uses == 0
    redeem(coupon, "1002")


def test_an_order_may_use_a_coupon_again_after_its_rollback(coupon):
    first = redeem(coupon)
    roll_back_redemption(coupon.display_code, order_id="1001", reason="refund")
    assert redeem(coupon) != first


def test_a_rollback_of_what_was_not_redeemed_is_refused(coupon):
    call = lambda: roll_back_redemption(coupon.display_code, order_id="7")  # noqa: E731
    assert refusal(call) == "not_redeemed"


def test_whoever_hands_a_coupon_on_cannot_use_it(program):
    ann = find_or_add_person("ann@gmail.com")
    coupon = make_coupon(program, given_by=ann)
    assert refusal(lambda: redeem(coupon, email="a.nn+new@googlemail.com")) == "self_referral"


def test_a_coupon_of_a_holder_is_for_nobody_else(program):
    coupon = make_coupon(program, holder=find_or_add_person("bo@example.org"))
    assert refusal(lambda: redeem(coupon, email="cy@example.org")) == "wrong_person"
    assert redeem(coupon, email="BO@example.org").person == coupon.holder


def test_a_first_order_coupon_is_not_for_customers(coupon):
    became_customer(find_or_add_person("cy@example.org"), timezone.now())
    assert refusal(lambda: redeem(coupon, email="cy@example.org")) == "first_order_only"


def test_the_same_order_is_answered_the_same_after_it_made_a_customer(program):
    coupon = make_coupon(program)
    first = redeem(coupon, email="cy@example.org")
    became_customer(find_or_add_person("cy@example.org"), timezone.now())
    assert redeem(coupon, email="cy@example.org") == first


@pytest.mark.parametrize(
    "values, reason",
    [
        ({"at": timezone.now() - timedelta(days=1)}, "not_yet_valid"),
        ({"at": timezone.now() + timedelta(days=31)}, "expired"),
    ],
)
def test_a_coupon_holds_within_its_dates(program, values, reason):
    coupon = make_coupon(program, valid_days=30)
    assert quote_coupon(coupon.display_code, **EUR, **values).reason == reason
    assert refusal(lambda: redeem(coupon, **values)) == reason
    assert Coupon.objects.get().uses == 0


def test_a_void_coupon_is_refused(coupon):
    assert void_coupon(coupon)
    assert refusal(lambda: redeem(coupon)) == "void"


def test_a_void_coupon_keeps_the_use_that_was_made_and_allows_no_other(program):
    coupon = make_coupon(program, max_uses=3)
    first = redeem(coupon)
    assert void_coupon(coupon)
    assert not void_coupon(coupon)
    assert redeem(coupon) == first
    assert refusal(lambda: redeem(coupon, "1002")) == "void"


def test_a_voided_coupon_stays_void_after_a_rollback(coupon):
    redeem(coupon)
    void_coupon(coupon)
    roll_back_redemption(coupon.display_code, order_id="1001")
    assert refusal(lambda: redeem(coupon, "1002")) == "void"


def test_a_lowered_coupon_is_worth_less_for_further_uses(program):
    terms = Offer(kind="fixed", amount=Decimal(10), currency="EUR")
    coupon = make_coupon(program, terms)
    assert lower_coupon(coupon, Decimal("4.00"))
    assert not lower_coupon(coupon, Decimal("5.00"))
    assert redeem(coupon).discount == Decimal("4.00")


def test_a_percentage_of_yen_is_whole_yen(program):
    coupon = make_coupon(program)
    quote = quote_coupon(coupon.display_code, order_total=Decimal(999), currency="JPY")
    assert quote.discount == Decimal("100.00")


def test_the_minimum_and_the_currency_are_asked(program):
    terms = Offer(kind="fixed", amount=Decimal(5), currency="EUR", minimum_order=Decimal(30))
    coupon = make_coupon(program, terms)
    small = {"order_total": Decimal("29.99"), "currency": "EUR"}
    assert refusal(lambda: redeem(coupon, **small)) == "minimum_not_met"
    assert refusal(lambda: redeem(coupon, currency="USD")) == "wrong_currency"


def test_a_discount_is_never_more_than_the_order(program):
    terms = Offer(kind="fixed", amount=Decimal(50), currency="EUR")
    coupon = make_coupon(program, terms)
    assert redeem(coupon, order_total=Decimal("12.00")).discount == Decimal("12.00")


def test_terms_are_those_of_the_day_it_was_issued(program, coupon):
    program.friend_offer.amount = Decimal(50)
    program.friend_offer.save()
    assert redeem(coupon).discount == Decimal("4.99")


BAD_CODES = ["", " ", "7" * 2000, "АВЕК", "7K2M-Q4XW-9T3C", "\0", "😀" * 12, None, 12]


@pytest.mark.parametrize("code", BAD_CODES)
def test_a_bad_code_is_unknown_and_nothing_worse(db, code):
    quote = quote_coupon(code, **EUR)
    assert (quote.valid, quote.reason) == (False, "unknown")
    assert refusal(lambda: redeem_coupon(code, order_id="1", **EUR)) == "unknown"
    assert refusal(lambda: roll_back_redemption(code, order_id="1")) == "unknown"


@pytest.mark.parametrize(
    "values, code",
    [
        ({"order_total": Decimal("-1")}, "invalid_amount"),
        ({"order_total": Decimal("1." + "1" * 20)}, "invalid_amount"),
        ({"order_total": "NaN"}, "invalid_amount"),
        ({"order_total": None}, "invalid_amount"),
        ({"order_total": Decimal("1e40")}, "invalid_amount"),
        ({"currency": "XXXX"}, "invalid_currency"),
        ({"currency": "KWD"}, "invalid_currency"),
        ({"email": "no address"}, "invalid_email"),
    ],
)
def test_a_bad_value_is_a_reason_in_a_quote_and_an_error_in_a_redemption(coupon, values, code):
    assert quote_coupon(coupon.display_code, **{**EUR, **values}).reason == code
    with pytest.raises(InvalidInput) as refused:
        redeem(coupon, **values)
    assert refused.value.code == code


@pytest.mark.parametrize("order_id", ["", " ", "x" * 256, "a\nb", "a\0b", None])
def test_a_bad_order_id_is_refused(coupon, order_id):
    with pytest.raises(InvalidInput) as refused:
        redeem(coupon, order_id)
    assert refused.value.code == "invalid_id"
