"""What staff do to a coupon, and who hears of it."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from wagtail_referrals.api import CouponRefused, hold_coupon, redeem_coupon, roll_back_redemption
from wagtail_referrals.coupons import followers
from wagtail_referrals.coupons.batches import make_codes
from wagtail_referrals.coupons.issue import (
    extend_coupon,
    issue_coupon,
    reissue_coupon,
    void_coupon,
)
from wagtail_referrals.coupons.models import Coupon, CouponBatch, CouponEntry
from wagtail_referrals.exceptions import ReferralsError
from wagtail_referrals.people.register import find_or_add_person
from wagtail_referrals.programs.offers import copy_terms

EUR = {"order_total": Decimal("50.00"), "currency": "EUR"}
NOW = timezone.now()


@pytest.fixture
def coupon(program):
    return make(program)


@pytest.fixture
def told(monkeypatch):
    """What followers hear."""
    heard = []
    monkeypatch.setattr(followers, "_followers", [])
    follower = lambda what, coupon, **details: heard.append((what, coupon, details))  # noqa: E731
    followers.follow_coupons(followers.follow_coupons(follower))
    return heard


def make(program, **values):
    offer = program.friend_offer
    return issue_coupon(program, offer, amount=offer.amount, **{"valid_days": 30, **values})


def redeem(coupon, order_id="1", **values):
    return redeem_coupon(coupon.display_code, order_id=order_id, **EUR, **values)


def refused(call, *args, **values):
    with pytest.raises(ReferralsError) as refusal:
        call(*args, **values)
    return refusal.value.code


def test_an_extended_coupon_is_good_until_then(coupon, admin_user):
    late = NOW + timedelta(days=40)
    assert refused(redeem, coupon, at=late) == "expired"
    extend_coupon(coupon, NOW + timedelta(days=60), reason="Was ill", user=admin_user)
    assert redeem(coupon, at=late)
    entry = CouponEntry.objects.get()
    assert (entry.kind, entry.reason, entry.user) == ("extended", "Was ill", admin_user)
    assert entry.until == NOW + timedelta(days=60)


def test_a_coupon_is_extended_to_no_end(coupon):
    extend_coupon(coupon, None, reason="Kind")
    assert Coupon.objects.get().expires_at is None
    assert refused(extend_coupon, coupon, NOW + timedelta(days=900), reason="x") == "invalid_until"


@pytest.mark.parametrize(
    "until", [NOW - timedelta(days=1), NOW + timedelta(days=29), datetime(2100, 1, 1)]
)
def test_extending_never_shortens(coupon, until):
    assert refused(extend_coupon, coupon, until, reason="x") == "invalid_until"
    assert not CouponEntry.objects.exists()


def test_a_void_coupon_is_neither_extended_nor_reissued(coupon):
    void_coupon(coupon)
    assert refused(extend_coupon, coupon, None, reason="x") == "not_possible"
    assert refused(reissue_coupon, coupon, reason="x") == "not_possible"


@pytest.mark.parametrize("verb", [reissue_coupon, lambda c, **why: extend_coupon(c, None, **why)])
def test_staff_say_why(coupon, verb):
    assert refused(verb, coupon, reason=" ") == "invalid_reason"


def test_a_reissued_coupon_is_another_code_for_the_same_person_on_the_same_terms(program):
    bo, ann = find_or_add_person("bo@example.org"), find_or_add_person("ann@example.org")
    old = make(program, holder=bo, given_by=ann)
    new = reissue_coupon(old, reason="Lost the mail")
    assert new.code_key != old.code_key and new.replaces == old
    for name in ("holder", "given_by", "program", "offer", "expires_at", "max_uses"):
        assert getattr(new, name) == getattr(old, name), name
    assert copy_terms(new) == copy_terms(old)
    assert refused(redeem, old) == "void"
    assert redeem(new, email="bo@example.org")
    linked = {(entry.coupon, entry.related) for entry in CouponEntry.objects.all()}
    assert linked == {(old, new), (new, old)}


def test_a_reissued_coupon_has_the_uses_that_are_left(program):
    old = make(program, max_uses=3)
    redeem(old)
    hold_coupon(old.display_code, "2")
    new = reissue_coupon(old, reason="x")
    assert new.max_uses == 2
    old.refresh_from_db()
    assert old.uses == 1
    used = make(program)
    redeem(used)
    assert refused(reissue_coupon, used, reason="x") == "not_possible"
    used.refresh_from_db()
    assert used.state == "active"


def test_what_was_done_is_never_changed(coupon):
    void_coupon(coupon, reason="x")
    entry = CouponEntry.objects.get()
    for change in (entry.save, entry.delete, CouponEntry.objects.all().delete):
        with pytest.raises(TypeError):
            change()
    with pytest.raises(TypeError):
        CouponEntry.objects.update(reason="y")


def test_followers_hear_what_happens(program, told, admin_user):
    coupon = make(program, max_uses=5)
    redemption = redeem(coupon)
    redeem(coupon)
    roll_back_redemption(coupon.display_code, order_id="1")
    roll_back_redemption(coupon.display_code, order_id="1")
    extend_coupon(coupon, None, reason="kind", user=admin_user)
    new = reissue_coupon(coupon, reason="lost")
    void_coupon(new)
    assert [what for what, _coupon, _details in told] == [
        "redeemed",
        "rolled_back",
        "extended",
        "reissued",
        "voided",
    ]
    assert [about for _what, about, _details in told] == [coupon] * 4 + [new]
    assert told[0][2]["redemption"] == redemption
    assert told[1][2]["order_id"] == "1"
    assert (told[2][2]["until"], told[2][2]["user"]) == (None, admin_user)
    assert told[3][2]["new"] == new


def test_followers_hear_of_a_hold_when_it_is_redeemed(program, told):
    coupon = make(program)
    hold_coupon(coupon.display_code, "1")
    assert not told
    redeem(coupon)
    redeem(coupon)
    assert [what for what, _coupon, _details in told] == ["redeemed"]


def test_followers_hear_nothing_of_a_batch(program, told):
    values = {"kind": "percent", "amount": 10, "wanted": 1, "pattern": "#" * 12}
    batch = CouponBatch.objects.create(program=program, name="x", **values)
    make_codes(batch)
    redeem(batch.coupons.get())
    assert not told


def test_what_a_follower_refuses_does_not_happen(coupon, monkeypatch):
    def refuse(what, coupon, **details):
        raise CouponRefused("void")

    monkeypatch.setattr(followers, "_followers", [refuse])
    assert refused(redeem, coupon) == "void"
    assert Coupon.objects.get().uses == 0
