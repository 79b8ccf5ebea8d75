"""A deadlock with somebody else's transaction reaches no caller: the verb runs again."""

from decimal import Decimal

import pytest
from django.db import OperationalError

from tests.fixtures import make_program, make_root
from wagtail_referrals.api import hold_coupon, redeem_coupon, roll_back_redemption
from wagtail_referrals.coupons import hold, issue, redeem, uses
from wagtail_referrals.coupons.issue import issue_coupon, void_coupon
from wagtail_referrals.coupons.models import Coupon

# Without a transaction of the test's own around: that one nobody could run again.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def coupon():
    make_root()
    program = make_program()
    return issue_coupon(program, program.friend_offer, amount=Decimal(10))


def use(coupon):
    return redeem_coupon(
        coupon.code_key, order_id="1", order_total=Decimal(50), currency="EUR", email="bo@x.org"
    )


def give_back(coupon):
    return roll_back_redemption(coupon.code_key, order_id="1")


def deadlock_once(monkeypatch, room, name):
    """The database ends the transaction when all was written but the last."""
    function = getattr(room, name)

    def met(*args, **values):
        monkeypatch.setattr(room, name, function)
        function(*args, **values)
        raise OperationalError("deadlock detected")

    monkeypatch.setattr(room, name, met)


def test_a_use_that_met_a_deadlock_is_made_once(coupon, monkeypatch):
    deadlock_once(monkeypatch, uses, "announce")
    assert use(coupon).live
    assert coupon.redemptions.count() == Coupon.objects.get().uses == 1


def test_a_hold_that_met_a_deadlock_becomes_the_use(coupon, monkeypatch):
    hold_coupon(coupon.code_key, "1", email="bo@x.org")
    deadlock_once(monkeypatch, hold, "announce")
    assert use(coupon).state == "redeemed"
    assert coupon.redemptions.count() == Coupon.objects.get().uses == 1


def test_a_use_whose_way_back_met_a_deadlock_is_given_back_once(coupon, monkeypatch):
    use(coupon)
    deadlock_once(monkeypatch, redeem, "tell_followers")
    assert give_back(coupon).state == "rolled_back"
    assert Coupon.objects.get().uses == 0


def test_a_coupon_whose_end_met_a_deadlock_is_voided_once(coupon, monkeypatch):
    deadlock_once(monkeypatch, issue, "tell_followers")
    assert void_coupon(coupon)
    assert [line.kind for line in coupon.entries.all()] == ["voided"]
