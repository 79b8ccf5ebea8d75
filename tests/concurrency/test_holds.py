"""Holds, and limits per person, when many ask at once."""

from datetime import timedelta
from decimal import Decimal
from functools import partial

import pytest
from django.db.models import F
from django.utils import timezone

from tests.concurrency.racing import Meeting, race, refusals, successes, without_unique
from wagtail_referrals.api import hold_coupon, redeem_coupon, release_hold, roll_back_redemption
from wagtail_referrals.coupons import hold as holds
from wagtail_referrals.coupons import uses as uses_of
from wagtail_referrals.coupons.hold import release_expired_holds
from wagtail_referrals.coupons.issue import issue_coupon, reissue_coupon, void_coupon
from wagtail_referrals.coupons.models import Coupon, CouponEntry, Redemption
from wagtail_referrals.programs.offers import Offer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

NOW = timezone.now()
LATER = NOW + timedelta(hours=1)


def make(program, max_uses, **terms):
    terms = Offer(kind="percent", amount=Decimal(10), **terms)
    at = NOW - timedelta(days=1)
    return issue_coupon(program, terms, amount=terms.amount, max_uses=max_uses, at=at)


def use(coupon, order_id, **values):
    return redeem_coupon(
        coupon.code_key,
        order_id=order_id,
        order_total=Decimal("20.00"),
        currency="EUR",
        **{"at": NOW, **values},
    )


def hold(coupon, order_id, **values):
    return hold_coupon(coupon.code_key, order_id, **{"at": NOW, **values})


def release(coupon, order_id):
    return release_hold(coupon.code_key, order_id, at=NOW)


def live(coupon):
    return Redemption.objects.filter(coupon=coupon, live=True).count()


def uses(coupon):
    return Coupon.objects.get(pk=coupon.pk).uses


def aliases(count):
    return [
        f"{'a.n.n' if n % 2 else 'ann'}+{n}@g{'oogle' * (n % 3 == 0)}mail.com" for n in range(count)
    ]


@pytest.mark.parametrize("max_uses", [None, 500])
@pytest.mark.parametrize("limit", [1, 3])
def test_100_aliases_of_a_person_use_a_coupon_as_often_as_one_may(program, max_uses, limit):
    coupon = make(program, max_uses, max_uses_per_person=limit)
    results = race(
        [
            partial(use, coupon, f"order-{number}", email=email)
            for number, email in enumerate(aliases(100))
        ]
    )
    assert refusals(results) == {"limit_reached": 100 - limit}
    assert len(successes(results)) == live(coupon) == limit
    assert uses(coupon) == (0 if max_uses is None else limit)


@pytest.mark.needs_database("postgresql")
def test_without_its_unique_key_and_the_lock_a_person_uses_a_coupon_often(program, monkeypatch):
    coupon = make(program, None, max_uses_per_person=1)
    meeting = Meeting(20)
    # The coupon's lock alone would do, too.
    monkeypatch.setattr(uses_of, "_count_use", lambda key: 1)
    monkeypatch.setattr(uses_of, "free_slot", meeting.after(uses_of.free_slot))
    with without_unique(Redemption, "person_slot"):
        race(
            [
                partial(use, coupon, f"order-{number}", email=email)
                for number, email in enumerate(aliases(20))
            ]
        )
        assert live(coupon) > 1


@pytest.mark.parametrize("max_uses", [1, 50])
def test_200_checkouts_hold_a_coupon_exactly_as_often_as_it_allows(program, max_uses):
    coupon = make(program, max_uses)
    results = race([partial(hold, coupon, f"order-{number}") for number in range(200)])
    assert refusals(results) == {"used_up": 200 - max_uses}
    assert len(successes(results)) == live(coupon) == uses(coupon) == max_uses


def test_an_order_holds_a_coupon_once(program):
    coupon = make(program, 5)
    results = race([partial(hold, coupon, "order-1")] * 32)
    assert not refusals(results)
    assert len({held.pk for held in results}) == live(coupon) == uses(coupon) == 1


def test_an_order_redeems_what_it_holds_once(program):
    coupon = make(program, 1)
    held = hold(coupon, "order-1")
    results = race([partial(use, coupon, "order-1")] * 32)
    assert not refusals(results)
    assert {redemption.pk for redemption in results} == {held.pk}
    assert live(coupon) == uses(coupon) == 1


def test_many_who_need_an_expired_hold_get_it_once(program):
    coupon = make(program, 2)
    hold(coupon, "order-a"), hold(coupon, "order-b")
    needed = [partial(use, coupon, f"order-{number}", at=LATER) for number in range(60)]
    results = race([*needed, *[partial(release_expired_holds, at=LATER)] * 4])
    assert refusals(results) == {"used_up": 58}
    assert live(coupon) == uses(coupon) == 2


@pytest.mark.needs_database("postgresql")
def test_without_the_state_in_its_condition_a_hold_is_let_go_often(program, monkeypatch):
    meeting = Meeting(8)

    def look_then_write(coupon_id, held, at):
        keys = list(held.values_list("pk", flat=True))
        meeting.wait()
        Redemption.objects.filter(pk__in=keys).update(live=None, state="released")
        Coupon.objects.filter(pk=coupon_id, uses__gt=0).update(uses=F("uses") - len(keys))
        return len(keys)

    monkeypatch.setattr(holds, "let_go", look_then_write)
    coupon = make(program, 5)
    for order_id in ("order-1", "order-2", "order-3"):
        hold(coupon, order_id)
    race([partial(release, coupon, "order-1")] * 8)
    assert uses(coupon) < live(coupon) == 2


@pytest.mark.parametrize(
    ("max_uses", "limit", "orders"),
    [(1, None, 4), (3, None, 8), (3, 2, 8), (None, 2, 4)],
    ids=["one use", "three uses", "three uses, two each", "two each"],
)
def test_1000_releases_and_redemptions_leave_as_many_uses_as_rows(program, max_uses, limit, orders):
    """8 callers, 32 turns of four verbs: 1,024 calls that overtake each other."""
    coupon = make(program, max_uses, max_uses_per_person=limit)
    errors, most = [], []
    acts = [hold, use, release, roll_back]

    def rounds(number):
        for turn in range(32):
            order_id = f"order-{(number + turn) % orders}"
            email = {"email": f"ann+{number}@gmail.com"}
            for step in range(4):
                act = acts[(step + number) % 4]
                try:
                    act(coupon, order_id, **(email if act in (hold, use) else {}))
                except Exception as error:  # sorted out by refusals()
                    errors.append(error)
            most.append(live(coupon))

    assert not refusals(race([partial(rounds, number) for number in range(8)]))
    assert set(refusals(errors)) <= {"used_up", "limit_reached", "not_redeemed"}
    assert max(most) <= min(filter(None, [max_uses, limit, orders]))
    assert uses(coupon) == (live(coupon) if max_uses else 0)


def roll_back(coupon, order_id):
    return roll_back_redemption(coupon.code_key, order_id=order_id)


def test_a_coupon_is_reissued_once(program):
    coupon = make(program, 3)
    use(coupon, "order-1")
    again = partial(reissue_coupon, coupon, reason="lost")
    ends = partial(void_coupon, coupon)
    results = race([*[again] * 12, *[ends] * 2])
    new = [one for one in successes(results) if isinstance(one, Coupon)]
    ended = sum(one is True for one in results)
    assert len(new) + ended == 1
    assert set(refusals(results)) <= {"not_possible"}
    assert CouponEntry.objects.count() == (2 if new else 1)
    assert Coupon.objects.filter(replaces=coupon).count() == len(new)


def test_uses_made_while_a_coupon_is_reissued_are_not_there_twice(program):
    coupon = make(program, 8)
    orders = [partial(use, coupon, f"order-{number}") for number in range(16)]
    results = race([*orders[:8], partial(reissue_coupon, coupon, reason="lost"), *orders[8:]])
    assert set(refusals(results)) <= {"void", "used_up", "not_possible"}
    new = Coupon.objects.filter(replaces=coupon).first()
    assert live(coupon) + (new.max_uses if new else 0) == 8
