"""A coupon is never used more often than it allows, whoever asks at once."""

import threading
from contextlib import suppress
from decimal import Decimal
from functools import partial

import pytest
from django.db.models import F

from tests.concurrency.racing import Meeting, race, refusals, successes, without_unique
from wagtail_referrals.api import CouponRefused, redeem_coupon, roll_back_redemption
from wagtail_referrals.coupons import redeem
from wagtail_referrals.coupons import uses as uses_of
from wagtail_referrals.coupons.issue import issue_coupon
from wagtail_referrals.coupons.models import Coupon, Redemption

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def make_coupon(program, max_uses):
    return issue_coupon(program, program.friend_offer, amount=Decimal(10), max_uses=max_uses)


def use(coupon, order_id):
    return redeem_coupon(
        coupon.code_key, order_id=order_id, order_total=Decimal("20.00"), currency="EUR"
    )


def give_back(coupon, order_id, reason="refund"):
    return roll_back_redemption(coupon.code_key, order_id=order_id, reason=reason)


def race_for(coupon, orders):
    return race([partial(use, coupon, f"order-{number}") for number in range(orders)])


def live(coupon):
    return Redemption.objects.filter(coupon=coupon, live=True).count()


def uses(coupon):
    return Coupon.objects.get(pk=coupon.pk).uses


@pytest.mark.parametrize("max_uses", [1, 50])
def test_200_orders_use_a_coupon_exactly_as_often_as_it_allows(program, max_uses):
    coupon = make_coupon(program, max_uses)
    results = race_for(coupon, 200)
    assert refusals(results) == {"used_up": 200 - max_uses}
    assert len(successes(results)) == live(coupon) == uses(coupon) == max_uses


@pytest.mark.needs_database("postgresql")
def test_without_the_conditional_update_a_single_use_coupon_is_used_often(program, monkeypatch):
    meeting = Meeting(20)

    def look_then_write(key, order, again):
        coupon = Coupon.objects.get(code_key=key)
        meeting.wait()
        if coupon.uses >= coupon.max_uses:
            raise CouponRefused("used_up")
        coupon.uses += 1
        coupon.save(update_fields=["uses"])
        return Redemption.objects.create(
            coupon=coupon,
            order_id=order.id,
            order_key=order.key,
            order_total=order.total,
            discount=Decimal(2),
            currency=order.currency,
            redeemed_at=order.at,
        )

    monkeypatch.setattr(redeem, "take_use", look_then_write)
    coupon = make_coupon(program, max_uses=1)
    race_for(coupon, 20)
    assert live(coupon) > 1


@pytest.mark.parametrize("max_uses", [1, 5, None])
def test_an_order_uses_a_coupon_once_and_every_caller_gets_that_use(program, max_uses):
    coupon = make_coupon(program, max_uses)
    results = race([partial(use, coupon, "order-1")] * 32)
    assert not refusals(results)
    assert len({redemption.pk for redemption in results}) == live(coupon) == 1
    assert uses(coupon) == (0 if max_uses is None else 1)


@pytest.mark.needs_database("postgresql")
def test_without_its_unique_key_an_order_uses_a_coupon_often(program):
    coupon = make_coupon(program, max_uses=None)
    one_use = without_unique(Redemption, "coupon_id", "order_key", "live")
    with one_use, without_unique(Redemption, "order_key", "leads"):
        race([partial(use, coupon, "order-1")] * 32)
        assert live(coupon) > 1


def test_a_rollback_gives_the_use_back_exactly_once(program):
    coupon = make_coupon(program, max_uses=5)
    for order_id in ("order-1", "order-2", "order-3"):
        use(coupon, order_id)
    results = race([partial(give_back, coupon, "order-1")] * 16)
    assert not refusals(results)
    assert len({redemption.pk for redemption in results}) == 1
    assert uses(coupon) == live(coupon) == 2


@pytest.mark.parametrize("max_uses", [5, None])
def test_the_first_rollback_says_when_and_why_and_later_ones_change_nothing(program, max_uses):
    coupon = make_coupon(program, max_uses)
    use(coupon, "order-1")
    results = race([partial(give_back, coupon, "order-1", f"reason {n}") for n in range(16)])
    assert not refusals(results)
    told = {(redemption.rollback_reason, redemption.rolled_back_at) for redemption in results}
    stored = Redemption.objects.get()
    assert told == {(stored.rollback_reason, stored.rolled_back_at)}


@pytest.mark.needs_database("postgresql")
def test_without_the_conditional_update_a_use_is_given_back_often(program, monkeypatch):
    meeting = Meeting(8)

    def look_then_write(key, order_key, reason, at):
        order = {"coupon__code_key": key, "order_key": order_key}
        redemption = Redemption.objects.filter(**order, live=True).first()
        meeting.wait()
        if redemption is None:
            return None
        Redemption.objects.filter(pk=redemption.pk).update(
            live=None, state="rolled_back", rolled_back_at=at
        )
        Coupon.objects.filter(code_key=key, uses__gt=0).update(uses=F("uses") - 1)
        return redemption.coupon

    monkeypatch.setattr(redeem, "give_back", look_then_write)
    coupon = make_coupon(program, max_uses=5)
    for order_id in ("order-1", "order-2", "order-3"):
        use(coupon, order_id)
    race([partial(give_back, coupon, "order-1")] * 8)
    assert uses(coupon) < live(coupon) == 2


@pytest.mark.parametrize(
    ("max_uses", "orders", "turns"),
    [(2, 8, 38), (5, 3, 20), (None, 2, 10)],
    ids=["304 rounds, own orders", "160 rounds, 3 orders", "80 rounds, 2 orders, no limit"],
)
def test_uses_equal_live_redemptions_after_rounds_of_use_and_rollback(
    program, max_uses, orders, turns
):
    coupon = make_coupon(program, max_uses)
    errors, most = [], []

    def rounds(number):
        for turn in range(turns):
            # With as many orders as callers each keeps to one, else they meet in them.
            order_id = f"order-{number if orders == 8 else (number + turn) % orders}"
            for act in (use, give_back):
                try:
                    act(coupon, order_id)
                except Exception as error:  # sorted out by refusals()
                    errors.append(error)
            most.append(live(coupon))

    assert not refusals(race([partial(rounds, number) for number in range(8)]))
    assert set(refusals(errors)) <= {"used_up", "not_redeemed"}
    assert max(most) <= (max_uses or orders)
    assert uses(coupon) == (live(coupon) if max_uses else 0)
    # Whoever used it gave it back, so it is as good as new.
    assert live(coupon) == 0
    assert use(coupon, "afterwards").live


def test_an_order_that_is_rolled_back_meanwhile_is_used_anew(program, monkeypatch):
    coupon = make_coupon(program, max_uses=5)
    use(coupon, "order-1")
    look = uses_of.live_redemption

    def rolled_back_just_before(key, order_key):
        monkeypatch.setattr(uses_of, "live_redemption", look)
        give_back(coupon, "order-1")
        return look(key, order_key)

    monkeypatch.setattr(uses_of, "live_redemption", rolled_back_just_before)
    redemption = use(coupon, "order-1")
    assert redemption.live
    assert uses(coupon) == live(coupon) == 1


def test_a_rollback_that_the_use_itself_overtakes_loses_no_use(program, monkeypatch):
    coupon = make_coupon(program, max_uses=1)
    by_code_key, results = uses_of.by_code_key, []
    other = threading.Thread(target=lambda: results.extend(race([partial(use, coupon, "order-1")])))

    class Overtaken:
        """The till uses the coupon when the rollback has counted, and looks for the use."""

        def first(self, key):
            monkeypatch.setattr(uses_of, "by_code_key", by_code_key)
            other.start()
            # It has to wait for the rollback's lock, or the use is lost.
            other.join(1)
            return by_code_key.first(key)

    monkeypatch.setattr(uses_of, "by_code_key", Overtaken())
    with suppress(CouponRefused):
        give_back(coupon, "order-1")
    other.join()
    assert not refusals(results)
    assert uses(coupon) == live(coupon)
