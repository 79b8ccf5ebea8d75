"""Many workers at once: each reminder, each week and each budget is told of once."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.utils import timezone

from tests.concurrency.racing import Meeting, race, refusals, without_unique
from tests.insights.test_digest import next_monday
from wagtail_referrals.events.claim import claim_offer
from wagtail_referrals.insights import digest
from wagtail_referrals.insights.digest import make_digests
from wagtail_referrals.insights.rollups import update_rollups
from wagtail_referrals.messages.models import Message
from wagtail_referrals.people.consent import withdraw
from wagtail_referrals.people.models import Consent
from wagtail_referrals.people.register import find_or_add_person
from wagtail_referrals.referrals.join import join_program
from wagtail_referrals.referrals.models import Advocate
from wagtail_referrals.retention import purge
from wagtail_referrals.rewards import reminders
from wagtail_referrals.rewards.reminders import remind_of_coupons

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

WORKERS = 8


@pytest.fixture
def advocate(program: Any) -> Advocate:
    return join_program(program, find_or_add_person("ann@example.org", name="Ann"))


@pytest.fixture
def forgotten(advocate: Advocate) -> Any:
    """Five friends who claimed and forgot their coupons; when they are to be reminded."""
    for number in range(5):
        claim_offer(advocate, email=f"friend{number}@example.org")
    Message.objects.all().delete()
    return timezone.now() + timedelta(days=7)


def remind_at_once(at: Any, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """All have read whom to remind before one of them writes."""
    meeting = Meeting(WORKERS, inside_transaction=False)
    monkeypatch.setattr(reminders, "queue_messages", meeting.before(reminders.queue_messages))
    return race([partial(remind_of_coupons, at=at)] * WORKERS)


def test_each_friend_is_reminded_once(forgotten, monkeypatch):
    assert not refusals(remind_at_once(forgotten, monkeypatch))
    assert Message.objects.filter(kind="friend_coupon_reminder").count() == 5


@pytest.mark.needs_database("postgresql")
def test_without_the_key_friends_are_reminded_often(forgotten, monkeypatch):
    with without_unique(Message, "key"):
        remind_at_once(forgotten, monkeypatch)
        assert Message.objects.filter(kind="friend_coupon_reminder").count() > 5


def test_a_week_is_told_of_once(program, monkeypatch):
    program.notify_email = "owner@example.org"
    program.starts_at = timezone.now() - timedelta(days=30)
    program.save()
    meeting = Meeting(WORKERS, inside_transaction=False)
    monkeypatch.setattr(digest, "_make", meeting.before(digest._make))
    assert not refusals(race([partial(make_digests, at=next_monday())] * WORKERS))
    assert Message.objects.filter(kind="digest").count() == 1


def test_a_budget_that_many_bring_low_is_told_of_once(program):
    program.budget_rewards, program.notify_email = 10, "owner@example.org"
    program.save()
    advocates = [
        join_program(program, find_or_add_person(f"ann{number}@example.org")) for number in range(9)
    ]
    callers = [
        partial(claim_offer, advocate, email=f"bo{number}@example.org")
        for number, advocate in enumerate(advocates)
    ]
    assert not refusals(race(callers))
    assert Message.objects.filter(kind="budget_low").count() == 1


def test_friends_who_claim_at_once_are_one_mail_to_the_advocate(advocate):
    callers = [partial(claim_offer, advocate, email=f"bo{n}@example.org") for n in range(WORKERS)]
    assert not refusals(race(callers))
    assert Message.objects.filter(kind="friend_claimed").count() == 1


def test_a_permission_is_withdrawn_once(advocate):
    consent = Consent.objects.create(person=advocate.person, kind="asked", wording="Yes")
    results = race([partial(withdraw, consent)] * WORKERS)
    assert not refusals(results)
    assert results.count(True) == 1


def test_two_purges_at_once_are_one(advocate):
    from wagtail_referrals.referrals.clicks import record_click

    old = timezone.now() - timedelta(days=400)
    for number in range(50):
        record_click(advocate.pk, str(number), at=old)
    update_rollups()  # what is not counted yet is kept
    assert not refusals(race([purge] * 4))
    assert advocate.clicks.count() == 0
