"""A use that is held during a checkout."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from tests.fixtures import make_program, make_root
from tests.test_query_counts import at_most
from wagtail_referrals.api import (
    CouponRefused,
    InvalidInput,
    hold_coupon,
    quote_coupon,
    redeem_coupon,
    release_hold,
    roll_back_redemption,
)
from wagtail_referrals.coupons.hold import release_expired_holds
from wagtail_referrals.coupons.issue import issue_coupon, void_coupon
from wagtail_referrals.coupons.models import Coupon, Redemption
from wagtail_referrals.programs.offers import Offer
from wagtail_referrals.signals import coupon_redeemed

EUR = {"order_total": Decimal("50.00"), "currency": "EUR"}
NOW = timezone.now()


def later(minutes):
    return NOW + timedelta(minutes=minutes)


def make(program, *, max_uses=1, **terms):
    terms = Offer(**{"kind": "percent", "amount": Decimal(10), **terms})
    at = NOW - timedelta(days=1)
    return issue_coupon(program, terms, amount=terms.amount, max_uses=max_uses, at=at)


@pytest.fixture
def coupon(program):
    return make(program)


def hold(coupon, order_id="1", **values):
    return hold_coupon(coupon.display_code, order_id, **{"at": NOW, **values})


def redeem(coupon, order_id="1", **values):
    return redeem_coupon(coupon.display_code, order_id=order_id, **{"at": NOW, **EUR, **values})


def refusal(call, *args, **values):
    with pytest.raises(CouponRefused) as refused:
        call(*args, **values)
    return refused.value.code


def count(coupon):
    """The counter, which has to be that of the rows."""
    uses = Coupon.objects.get(pk=coupon.pk).uses
    assert uses == Redemption.objects.filter(coupon=coupon, live=True).count()
    return uses


def test_a_held_use_is_nobody_else_s(coupon):
    hold(coupon)
    assert refusal(redeem, coupon, "2") == "used_up"
    assert refusal(hold, coupon, "2") == "used_up"
    assert quote_coupon(coupon.display_code, at=NOW, **EUR).reason == "used_up"
    assert count(coupon) == 1


def test_the_order_s_own_hold_does_not_count_against_it(coupon, django_capture_on_commit_callbacks):
    told = []

    def hear(redemption, **_):
        told.append(redemption)

    coupon_redeemed.connect(hear)
    held = hold(coupon)
    assert quote_coupon(coupon.display_code, order_id="1", at=NOW, **EUR).valid
    with django_capture_on_commit_callbacks(execute=True):
        redemption = redeem(coupon, at=later(5))
    assert redemption == held
    assert (redemption.state, redemption.discount) == ("redeemed", Decimal("5.00"))
    assert redemption.redeemed_at == later(5)
    assert count(coupon) == 1 and told == [redemption]
    assert redeem(coupon) == redemption


def test_the_order_s_own_hold_does_not_count_against_it_where_uses_are_left(program):
    coupon = make(program, max_uses=5)
    assert hold(coupon) == redeem(coupon)
    assert count(coupon) == 1


def test_a_hold_lets_go_by_itself_when_its_time_is_over(coupon):
    hold(coupon, minutes=30)
    assert refusal(redeem, coupon, "2", at=later(29)) == "used_up"
    assert quote_coupon(coupon.display_code, at=later(30), **EUR).valid
    assert redeem(coupon, "2", at=later(30))
    assert count(coupon) == 1
    assert refusal(redeem, coupon, "1", at=later(31)) == "used_up"


def test_a_person_s_hold_lets_go_by_itself_too(program):
    coupon = make(program, max_uses=None, max_uses_per_person=1)
    hold(coupon, "1", email="ann@example.org")
    assert refusal(hold, coupon, "2", email="ann@example.org", at=later(1)) == "limit_reached"
    quote = quote_coupon(coupon.display_code, email="ann@example.org", at=later(30), **EUR)
    assert quote.valid
    assert redeem(coupon, "2", email="ann@example.org", at=later(30))


def test_a_person_s_own_hold_is_what_they_redeem(program):
    coupon = make(program, max_uses=None, max_uses_per_person=1)
    held = hold(coupon, email="ann@example.org")
    asked = {"order_id": "1", "email": "ann@example.org", "at": NOW}
    assert quote_coupon(coupon.display_code, **asked, **EUR).valid
    assert redeem(coupon, email="ANN@Example.org") == held


def test_who_redeems_a_hold_has_the_limit_of_a_person(program):
    coupon = make(program, max_uses=None, max_uses_per_person=1)
    redeem(coupon, "0", email="ann@example.org")
    hold(coupon, "1", email="bo@example.org")
    assert refusal(redeem, coupon, "1", email="ann@example.org") == "limit_reached"
    assert Redemption.objects.get(order_id="1").state == "held"


def test_an_expired_hold_is_redeemed_where_nobody_needed_its_use(coupon):
    hold(coupon)
    assert redeem(coupon, at=later(600)).state == "redeemed"
    assert count(coupon) == 1


def test_holding_again_holds_longer(coupon):
    hold(coupon)
    hold(coupon, minutes=60, at=later(20))
    assert refusal(redeem, coupon, "2", at=later(79)) == "used_up"
    assert count(coupon) == 1


def test_holding_what_the_order_used_gives_that_use(coupon):
    redemption = redeem(coupon)
    assert hold(coupon) == redemption
    assert redemption.state == "redeemed"


def test_a_hold_is_given_back_exactly_once(coupon):
    hold(coupon)
    assert release_hold(coupon.display_code, "1")
    assert not release_hold(coupon.display_code, "1")
    assert count(coupon) == 0
    assert redeem(coupon, "2")
    assert not release_hold(coupon.display_code, "2")
    assert count(coupon) == 1


def test_a_hold_is_not_rolled_back_for_it_was_no_use(coupon):
    hold(coupon)
    call = roll_back_redemption
    assert refusal(call, coupon.display_code, order_id="1") == "not_redeemed"
    assert count(coupon) == 1


def test_the_sweep_lets_go_of_what_is_over_and_of_nothing_else(program):
    coupons = [make(program), make(program, max_uses=None), make(program, max_uses=9)]
    for coupon in coupons:
        hold(coupon, "1", minutes=10)
    hold(coupons[2], "2", minutes=10)
    hold(coupons[2], "3", minutes=30)
    redeem(coupons[2], "4")
    assert release_expired_holds(at=later(9)) == 0
    assert release_expired_holds(at=later(10)) == 4
    assert release_expired_holds(at=later(10)) == 0
    assert count(coupons[0]) == 0 and count(coupons[2]) == 2


def test_a_coupon_that_expires_during_the_checkout_is_good_for_who_held_it(program):
    coupon = make(program)
    Coupon.objects.update(expires_at=later(5))
    hold(coupon)
    assert refusal(redeem, coupon, "2", at=later(6)) == "expired"
    assert redeem(coupon, "1", at=later(6))


def test_a_void_coupon_is_not_redeemed_though_it_is_held(coupon):
    hold(coupon)
    void_coupon(coupon)
    assert refusal(redeem, coupon) == "void"
    assert refusal(hold, coupon) == "void"
    assert count(coupon) == 1


@pytest.mark.parametrize("minutes", [0, -1, 1441, "30", None, 1.5])
def test_a_hold_has_a_length(coupon, minutes):
    with pytest.raises(InvalidInput) as refused:
        hold(coupon, minutes=minutes)
    assert refused.value.code == "invalid_minutes"


@pytest.mark.parametrize("code", ["", "7" * 70, "nonsense", "\0", None])
def test_what_is_no_code_is_not_held(db, code):
    assert refusal(hold_coupon, code, "1") == "unknown"
    assert not release_hold(code, "1")


@pytest.mark.django_db(transaction=True)
def test_holding_costs_what_redeeming_costs_and_redeeming_it_twice_that_and_a_lock():
    make_root()
    coupon = make(make_program())
    order = {"email": "bo@example.org", **EUR}
    with at_most(5):
        hold(coupon, **order)
    with at_most(13):
        redeem(coupon, **order)
