"""What an anonymous client learns of codes, and how fast."""

import time
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from wagtail_referrals.api import CouponRefused, hold_coupon, quote_coupon, redeem_coupon
from wagtail_referrals.coupons.codes import new_code
from wagtail_referrals.coupons.issue import issue_coupon, void_coupon
from wagtail_referrals.people.register import became_customer, find_or_add_person
from wagtail_referrals.programs.offers import Offer

EUR = {"order_total": Decimal("50.00"), "currency": "EUR"}
CLIENT = "203.0.113.7"


def make(program, *, at=None, max_uses=1, **values):
    terms = Offer(kind="percent", amount=Decimal(10), **values.pop("terms", {}))
    return issue_coupon(program, terms, amount=terms.amount, max_uses=max_uses, at=at, **values)


def ask(code, client=CLIENT, **values):
    """What all three verbs say: the same."""
    said = [quote_coupon(code, client=client, **{**EUR, **values}).reason]
    for verb in (
        lambda **given: redeem_coupon(code, order_id="9", **given),
        lambda **given: hold_coupon(code, "9", **given),
    ):
        try:
            verb(client=client, **{**EUR, **values})
            said.append("")
        except CouponRefused as refused:
            said.append(refused.code)
    assert len(set(said)) == 1, said
    return said[0]


def codes_that_cannot_be_used(program):
    ann = find_or_add_person("ann@example.org")
    became_customer(ann, timezone.now() - timedelta(days=9))
    used, void = make(program), make(program)
    redeem_coupon(used.display_code, order_id="1", **EUR)
    void_coupon(void)
    limited = make(program, max_uses=None, terms={"max_uses_per_person": 1})
    redeem_coupon(limited.display_code, order_id="2", email=ann.email, **EUR)
    long_ago, soon = timezone.now() - timedelta(days=9), timezone.now() + timedelta(days=9)
    return {
        "unknown": new_code(),
        "used_up": used.code_key,
        "void": void.code_key,
        "expired": make(program, at=long_ago, valid_days=1).code_key,
        "not_yet_valid": make(program, at=soon).code_key,
        "wrong_person": make(program, holder=find_or_add_person("bo@example.org")).code_key,
        "self_referral": make(program, given_by=ann).code_key,
        "first_order_only": make(program, terms={"first_order_only": True}).code_key,
        "already_customer": make(program, terms={"new_customers_only": True}).code_key,
        "limit_reached": limited.code_key,
    }


def test_a_client_gets_one_answer_where_staff_hear_the_reason(program):
    for number, (reason, code) in enumerate(codes_that_cannot_be_used(program).items()):
        assert ask(code, client="", email="ann@example.org") == reason
        assert ask(code, client=f"client {number}", email="ann@example.org") == "not_valid"


def test_a_client_is_not_handed_the_coupon_it_cannot_use(program):
    coupon = make(program)
    void_coupon(coupon)
    assert quote_coupon(coupon.display_code, client=CLIENT, **EUR).coupon is None
    assert quote_coupon(coupon.display_code, **EUR).coupon == coupon


def test_a_client_hears_what_a_visitor_can_mend(program):
    coupon = make(program, terms={"minimum_order": Decimal(60), "currency": "EUR"})
    assert ask(coupon.display_code) == "minimum_not_met"


def wrong(client=CLIENT):
    return quote_coupon(new_code(), client=client, **EUR).reason


def test_after_20_wrong_codes_a_client_waits_and_others_do_not(program):
    coupon = make(program)
    assert [wrong() for _ in range(20)] == ["not_valid"] * 20
    assert wrong() == "wait"
    assert ask(coupon.display_code) == "wait"
    assert wrong("another client") == "not_valid"
    assert quote_coupon(coupon.display_code, **EUR).valid


def test_right_codes_cost_a_client_nothing(program):
    coupon = make(program, terms={"minimum_order": Decimal(20), "currency": "EUR"})
    for total in [Decimal(50)] * 30 + [Decimal(5)] * 30:
        order = {"order_total": total, "currency": "EUR"}
        reason = quote_coupon(coupon.display_code, client=CLIENT, **order).reason
        assert reason == ("" if total == 50 else "minimum_not_met")
    assert [wrong() for _ in range(21)][-2:] == ["not_valid", "wait"]


def test_an_hour_later_a_client_may_try_again(db, monkeypatch):
    for _ in range(21):
        last = wrong()
    assert last == "wait"
    now = time.time()
    monkeypatch.setattr("django.core.cache.backends.locmem.time.time", lambda: now + 3601)
    assert wrong() == "not_valid"


@pytest.mark.parametrize(("most", "said"), [(2, "wait"), (None, "not_valid")])
def test_a_site_says_how_many(db, settings, most, said):
    settings.WAGTAIL_REFERRALS = {"WRONG_CODES_PER_HOUR": most}
    assert [wrong() for _ in range(25)][-1] == said


def test_a_cache_that_keeps_nothing_stops_nobody(db, settings):
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    assert [wrong() for _ in range(25)][-1] == "not_valid"
