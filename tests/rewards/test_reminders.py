"""Coupons that lie unused: their owners are reminded, each once, and nobody else is."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from wagtail_referrals.api import record_event, redeem_coupon
from wagtail_referrals.coupons.issue import void_coupon
from wagtail_referrals.events.claim import ClaimResult, claim_offer
from wagtail_referrals.messages.models import Message
from wagtail_referrals.people.block import block_person
from wagtail_referrals.programs.models import Offer
from wagtail_referrals.rewards.reminders import remind_of_coupons

DAY = timedelta(days=1)


@pytest.fixture
def claim(advocate: Any) -> ClaimResult:
    """Bo's coupon, good for 90 days."""
    Offer.objects.update(valid_days=90)
    advocate.refresh_from_db()
    claim = claim_offer(advocate, email="bo@example.org")
    Message.objects.all().delete()
    return claim


def reminded(at: datetime) -> list[str]:
    remind_of_coupons(at=at)
    return list(Message.objects.order_by("pk").values_list("kind", flat=True))


def test_a_friend_who_forgot_the_coupon_is_reminded_once(claim):
    now = timezone.now()
    assert reminded(now + 6 * DAY) == []
    assert reminded(now + 7 * DAY) == ["friend_coupon_reminder"]
    assert reminded(now + 8 * DAY) == ["friend_coupon_reminder"]
    mail = Message.objects.get()
    assert mail.person.email == "bo@example.org"
    assert mail.context["code"] == claim.coupon.display_code


def test_a_week_before_its_end_comes_the_last_word(claim):
    end = claim.coupon.expires_at
    assert reminded(end - 8 * DAY) == []
    assert reminded(end - 7 * DAY) == ["coupon_expires"]
    assert reminded(end - DAY) == ["coupon_expires"]


def test_nothing_is_said_of_a_coupon_that_is_over(claim):
    assert reminded(claim.coupon.expires_at + DAY) == []


def test_who_has_used_it_is_not_reminded(claim):
    redeem_coupon(
        claim.coupon.code_key,
        order_id="1",
        email="bo@example.org",
        order_total=Decimal(50),
        currency="EUR",
    )
    assert reminded(timezone.now() + 7 * DAY) == []


def test_who_bought_without_it_is_not_reminded_to_come(claim, advocate):
    record_event(
        advocate.program,
        "purchase",
        external_id="1",
        email="bo@example.org",
        amount=50,
        currency="EUR",
    )
    Message.objects.all().delete()
    assert reminded(timezone.now() + 7 * DAY) == []


def test_of_a_void_coupon_nobody_is_reminded(claim):
    void_coupon(claim.coupon, reason="A mistake")
    Message.objects.all().delete()
    assert reminded(timezone.now() + 7 * DAY) == []


def test_who_is_blocked_is_not_reminded(claim):
    block_person("bo@example.org", reason="Returned ten orders")
    assert reminded(timezone.now() + 7 * DAY) == []


def test_a_short_coupon_is_not_reminded_of_twice(advocate):
    Offer.objects.update(valid_days=14)
    advocate.refresh_from_db()
    claim = claim_offer(advocate, email="bo@example.org")
    Message.objects.all().delete()
    for days in range(14):
        remind_of_coupons(at=timezone.now() + days * DAY)
    assert claim.coupon.expires_at
    assert Message.objects.count() == 1


def test_a_worker_that_was_down_for_long_does_not_dig_up_the_past(claim):
    assert reminded(timezone.now() + 20 * DAY) == []


def test_reminders_can_be_switched_off(claim, settings):
    settings.WAGTAIL_REFERRALS = {"COUPON_REMINDER_DAYS": None, "CLAIM_REMINDER_DAYS": None}
    assert reminded(timezone.now() + 7 * DAY) == []
    assert reminded(claim.coupon.expires_at - DAY) == []


def test_no_more_are_told_at_once_than_asked_and_the_rest_later(advocate):
    for number in range(3):
        claim_offer(advocate, email=f"friend-{number}@example.org")
    Message.objects.all().delete()
    later = timezone.now() + 7 * DAY
    assert remind_of_coupons(at=later, limit=2) == 2
    assert remind_of_coupons(at=later, limit=2) == 1
