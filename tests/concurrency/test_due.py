"""The due job may run in many places at once: a reward is issued once, a message sent once."""

import threading
import time
from datetime import timedelta
from decimal import Decimal
from functools import partial

import pytest
from django.core.mail.backends.base import BaseEmailBackend
from django.db import OperationalError
from django.utils import timezone

from tests.concurrency.racing import Meeting, race, refusals
from wagtail_referrals.api import record_event
from wagtail_referrals.coupons.models import Coupon
from wagtail_referrals.events.claim import claim_offer
from wagtail_referrals.messages import deliver
from wagtail_referrals.messages.deliver import deliver_due
from wagtail_referrals.messages.hold import Hold
from wagtail_referrals.messages.models import Message
from wagtail_referrals.people.register import find_or_add_person
from wagtail_referrals.referrals.join import join_program
from wagtail_referrals.rewards import issue
from wagtail_referrals.rewards.approve import hold_rewards
from wagtail_referrals.rewards.issue import issue_due_rewards, issue_reward
from wagtail_referrals.rewards.models import EntryKind, Reward, RewardEntry, RewardState

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

REWARDS = 12


class CountingBackend(BaseEmailBackend):
    """A mail server that takes its time, and notes what was brought to it."""

    sent: list[str] = []
    lock = threading.Lock()

    def send_messages(self, messages):
        time.sleep(0.01)
        with self.lock:
            self.sent.extend(message.extra_headers["Message-ID"] for message in messages)
        return len(messages)


@pytest.fixture(autouse=True)
def mail_server(settings):
    settings.EMAIL_BACKEND = f"{__name__}.CountingBackend"
    CountingBackend.sent = []
    return CountingBackend


@pytest.fixture
def rewards(program):
    """Rewards of one advocate that wait, and nothing in the outbox."""
    advocate = join_program(program, find_or_add_person("ann@example.org", name="Ann"))
    for number in range(REWARDS):
        friend = f"friend{number}@example.org"
        claim_offer(advocate, email=friend)
        record_event(
            program,
            "purchase",
            external_id=f"order-{number}",
            email=friend,
            amount=Decimal("50.00"),
            currency="EUR",
        )
    Message.objects.all().delete()
    return Reward.objects.filter(rule__trigger="first_purchase")


def issue_at_once(monkeypatch):
    """Eight workers, all with the same list of what is due before the first begins."""
    meeting = Meeting(8, inside_transaction=False)
    monkeypatch.setattr(issue, "issue_reward", meeting.before(issue.issue_reward))
    ripe = timezone.now() + timedelta(days=15)
    return race([partial(issue_due_rewards, at=ripe)] * 8)


def coupons_of(rewards):
    return Coupon.objects.filter(holder__in=rewards.values("person"))


def test_eight_workers_issue_each_reward_once_with_one_coupon_and_one_message(rewards, monkeypatch):
    results = issue_at_once(monkeypatch)
    assert not refusals(results)
    assert sum(results) == REWARDS
    assert rewards.filter(state=RewardState.ISSUED, coupon__isnull=False).count() == REWARDS
    assert coupons_of(rewards).count() == REWARDS
    assert Message.objects.filter(kind="reward_issued").count() == REWARDS
    issued = RewardEntry.objects.filter(reward__in=rewards, kind=EntryKind.ISSUED)
    assert issued.count() == REWARDS


def test_a_reward_whose_issue_met_a_deadlock_is_issued_by_the_next_attempt(rewards, monkeypatch):
    prepare = issue.prepare

    def deadlock_once(*args, **kwargs):
        monkeypatch.setattr(issue, "prepare", prepare)
        prepare(*args, **kwargs)
        raise OperationalError("deadlock detected")

    monkeypatch.setattr(issue, "prepare", deadlock_once)
    assert issue_due_rewards(at=timezone.now() + timedelta(days=15)) == REWARDS
    assert coupons_of(rewards).count() == REWARDS


@pytest.mark.needs_database("postgresql")
def test_without_the_conditional_change_of_state_rewards_are_issued_often(rewards, monkeypatch):
    meeting = Meeting(8)

    def look(reward, states):
        found = Reward.objects.get(pk=reward.pk)
        meeting.wait()
        return found.state in states

    def write(reward, to, **why):
        reward.state = to
        reward.save(update_fields=["state"])

    monkeypatch.setattr(issue, "_still_in", look)
    monkeypatch.setattr(issue, "move", write)
    issue_at_once(monkeypatch)
    assert coupons_of(rewards).count() > REWARDS


def test_a_reward_held_after_the_job_saw_it_is_not_issued(rewards, monkeypatch):
    reward = rewards.first()

    def hold_first(*args, **kwargs):
        hold_rewards([reward], reason="looks odd")
        return issue_reward(*args, **kwargs)

    monkeypatch.setattr(issue, "issue_reward", hold_first)
    assert issue_due_rewards(at=timezone.now() + timedelta(days=15)) == REWARDS - 1
    reward.refresh_from_db()
    assert (reward.state, reward.coupon_id) == (RewardState.HELD, None)


def deliver_at_once(monkeypatch):
    """Four workers, all with the same list of what is due before the first begins."""
    meeting = Meeting(4, inside_transaction=False)
    monkeypatch.setattr(deliver, "claim", meeting.before(deliver.claim))
    return race([deliver_due] * 4)


@pytest.fixture
def outbox(rewards):
    issue_due_rewards(at=timezone.now() + timedelta(days=15))
    Message.objects.update(due_at=timezone.now())
    return Message.objects.all()


def test_four_workers_send_each_message_once(outbox, mail_server, monkeypatch):
    results = deliver_at_once(monkeypatch)
    assert not refusals(results)
    assert sum(results) == REWARDS
    assert sorted(mail_server.sent) == sorted(outbox.values_list("message_id", flat=True))
    assert set(outbox.values_list("state", "attempts")) == {("sent", 1)}


def test_without_the_conditional_update_messages_are_sent_often(outbox, mail_server, monkeypatch):
    meeting, been = Meeting(4, inside_transaction=False), threading.local()

    def look_then_write(most, clock):
        if getattr(been, "here", False):
            return None
        been.here = True
        found = list(outbox.filter(state="queued").select_related("person", "program__site"))
        meeting.wait()
        outbox.update(state="sending", held_by="whoever")
        return Hold("whoever", found, clock)

    monkeypatch.setattr(deliver, "claim", look_then_write)
    race([deliver_due] * 4)
    assert len(mail_server.sent) > REWARDS
