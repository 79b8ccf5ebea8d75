"""A coupon that wants to be alone on an order is, whoever asks at once."""

from decimal import Decimal
from functools import partial

import pytest

from tests.concurrency.racing import race, refusals, without_unique
from wagtail_referrals.api import CouponRefused, redeem_coupon, roll_back_redemption
from wagtail_referrals.coupons.issue import issue_coupon
from wagtail_referrals.coupons.models import Redemption
from wagtail_referrals.programs.offers import Offer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def make(program, **terms):
    terms = Offer(kind="percent", amount=Decimal(10), **terms)
    return issue_coupon(program, terms, amount=terms.amount, max_uses=None)


def use(coupon, order_id):
    return redeem_coupon(
        coupon.code_key, order_id=order_id, order_total=Decimal("20.00"), currency="EUR"
    )


def live(order_id):
    return Redemption.objects.filter(order_id=order_id, live=True)


def has_bad_company(order_id):
    uses = live(order_id).select_related("coupon")
    return len(uses) > 1 and not all(use.coupon.combinable for use in uses)


@pytest.fixture
def coupons(program):
    return [make(program, combinable=number % 4 != 0) for number in range(8)]


def test_of_many_coupons_on_one_order_none_gets_company_it_cannot_stand(coupons):
    for number in range(6):
        turned = [*coupons[number:], *coupons[:number]]
        results = race([partial(use, coupon, f"order-{number}") for coupon in turned])
        assert set(refusals(results)) <= {"not_combinable"}
        assert live(f"order-{number}").exists()
        assert not has_bad_company(f"order-{number}")


def test_all_that_stand_others_get_onto_one_order(program):
    coupons = [make(program) for _ in range(8)]
    assert not refusals(race([partial(use, coupon, "order-1") for coupon in coupons]))
    assert live("order-1").count() == 8


def test_nor_while_others_are_given_back(coupons):
    seen, errors = [], []

    def rounds(coupon):
        for _ in range(8):
            try:
                use(coupon, "order-1")
                seen.append(has_bad_company("order-1"))
                roll_back_redemption(coupon.code_key, order_id="order-1")
            except CouponRefused as refused:
                errors.append(refused.code)

    assert not refusals(race([partial(rounds, coupon) for coupon in coupons]))
    assert set(errors) <= {"not_combinable", "not_redeemed"}
    assert not any(seen)
    assert not live("order-1").exists()


@pytest.mark.needs_database("postgresql")
def test_without_its_unique_key_it_gets_company(coupons):
    with without_unique(Redemption, "order_key", "leads"):
        race([partial(use, coupon, "order-1") for coupon in coupons])
        assert has_bad_company("order-1")
