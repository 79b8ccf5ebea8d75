"""The outbox, over a real SMTP conversation."""

from datetime import timedelta
from itertools import count

import pytest
from django.utils import timezone

from wagtail_referrals.events.claim import claim_offer
from wagtail_referrals.messages import deliver, hold
from wagtail_referrals.messages.compose import compose
from wagtail_referrals.messages.deliver import deliver_due
from wagtail_referrals.messages.models import Message, MessageState
from wagtail_referrals.messages.queue import queue_message
from wagtail_referrals.people.register import find_or_add_person


@pytest.fixture
def message(advocate):
    claim_offer(advocate, email="bo@example.org")
    Message.objects.exclude(kind="friend_coupon").delete()
    return Message.objects.get()


def in_minutes(minutes):
    return timezone.now() + timedelta(minutes=minutes)


def held(token, leased_until, **values):
    Message.objects.update(
        state=MessageState.SENDING, held_by=token, leased_until=leased_until, **values
    )


def test_a_message_is_delivered_once(server, message):
    assert (deliver_due(), deliver_due()) == (1, 0)
    message.refresh_from_db()
    assert (message.state, message.attempts) == (MessageState.SENT, 1)
    assert server.recipients == ["bo@example.org"]
    assert server.message_ids == [message.message_id]


def test_many_go_over_one_connection(server, queue, monkeypatch):
    monkeypatch.setattr(hold, "BATCH", 2)
    queue(*(f"p{number}@example.org" for number in range(5)))
    assert deliver_due() == 5
    assert server.connections == 1


def test_no_more_than_the_limit_goes(server, queue, monkeypatch):
    monkeypatch.setattr(hold, "BATCH", 2)
    queue(*(f"p{number}@example.org" for number in range(5)))
    assert (deliver_due(limit=3), deliver_due()) == (3, 2)


def test_the_oldest_goes_first(server, queue, monkeypatch):
    monkeypatch.setattr(hold, "BATCH", 1)
    queue("late@example.org", at=in_minutes(-1))
    queue("early@example.org", at=in_minutes(-2))
    deliver_due()
    assert server.recipients == ["early@example.org", "late@example.org"]


def test_a_message_that_ends_its_workers_is_given_up(server, message):
    held("dead", in_minutes(-1), attempts=7)
    assert deliver_due() == 0
    message.refresh_from_db()
    assert (message.state, message.last_error) == (MessageState.FAILED, "worker_died")


def test_a_worker_whose_hold_another_took_changes_nothing_any_more(server, message, monkeypatch):
    original = deliver.compose

    def overtaken(message, connection=None):
        Message.objects.update(held_by="another")
        return original(message, connection)

    monkeypatch.setattr(deliver, "compose", overtaken)
    assert deliver_due() == 0
    message.refresh_from_db()
    assert (message.state, message.held_by) == (MessageState.SENDING, "another")


def asleep_after_the_first(monkeypatch, happens):
    """The worker stands still for a thousand seconds before its second mail."""
    times = count()

    def clock():
        # Looked at when it takes hold, and before each mail.
        if next(times) < 2:
            return 0
        happens()
        return 1000

    monkeypatch.setattr(hold, "monotonic", clock)


def test_a_worker_that_comes_late_sends_nothing_of_what_another_took(server, queue, monkeypatch):
    queue("a@example.org", "b@example.org")
    waiting = Message.objects.filter(state=MessageState.SENDING)
    asleep_after_the_first(monkeypatch, lambda: waiting.update(held_by="another"))
    assert deliver_due() == 1
    assert server.recipients == ["a@example.org"]


def test_a_slow_worker_renews_its_lease(server, queue, monkeypatch):
    queue("a@example.org", "b@example.org")
    waiting = Message.objects.filter(state=MessageState.SENDING)
    nearly_over = in_minutes(1)
    asleep_after_the_first(monkeypatch, lambda: waiting.update(leased_until=nearly_over))
    original, until = deliver.compose, []

    def noting(message, connection=None):
        until.append(Message.objects.get(pk=message.pk).leased_until)
        return original(message, connection)

    monkeypatch.setattr(deliver, "compose", noting)
    assert deliver_due() == 2
    assert until[1] > nearly_over


def test_what_a_dead_worker_held_is_sent_by_another_after_its_lease(server, message):
    lease = in_minutes(5)
    held("dead", lease)
    assert deliver_due() == 0
    assert deliver_due(at=lease + timedelta(seconds=1)) == 1


def test_only_what_was_in_flight_counts_as_tried(server, queue):
    queue("a@example.org", "b@example.org", "c@example.org")
    held("dead", in_minutes(-1))
    assert deliver_due() == 3
    assert list(Message.objects.order_by("pk").values_list("attempts", flat=True)) == [2, 1, 1]


@pytest.mark.parametrize("hours", [-3, 3])
def test_a_clock_that_is_changed_keeps_a_message_no_longer_than_a_lease(server, message, hours):
    held("dead", timezone.now() + timedelta(hours=3, minutes=5))
    at = timezone.now()
    assert deliver_due(at=at) == 0
    assert deliver_due(at=at + timedelta(seconds=301)) == 1


def test_a_clock_that_is_set_back_sends_nothing_twice(server, message):
    assert deliver_due() == 1
    assert deliver_due(at=timezone.now() - timedelta(days=1)) == 0
    assert deliver_due(at=timezone.now() + timedelta(days=1)) == 0
    assert len(server.envelopes) == 1


def test_the_same_message_is_queued_once(program, message):
    values = {"about": message.key.partition(":")[2], "person": message.person}
    queue_message(message.kind, program=program, context={}, **values)
    assert Message.objects.count() == 1


def test_one_bad_message_does_not_hold_up_the_others(server, program, message):
    person = find_or_add_person("cy@example.org")
    early = timezone.now() - timedelta(days=1)
    queue_message("no_such_kind", about=1, person=person, program=program, context={}, at=early)
    assert deliver_due() == 1


def test_no_header_can_be_put_into_a_subject(program, message):
    program.name = "Friends\nBcc: all@example.org"
    message.program = program
    assert "\n" not in compose(message).subject


def test_a_message_speaks_the_readers_language(program, message):
    message.person.locale = "de"
    message.locale = "de"
    assert compose(message).body


def test_many_messages_cost_few_queries(server, queue, django_assert_max_num_queries):
    """One for each, which says that it was sent; the rest is for all of them."""
    queue(*(f"p{number}@example.org" for number in range(20)))
    with django_assert_max_num_queries(20 + 20):
        assert deliver_due() == 20


def test_a_rate_is_kept_whoever_sends(server, queue, settings):
    settings.WAGTAIL_REFERRALS = {"OUTBOX_PER_MINUTE": 2}
    queue(*(f"p{number}@example.org" for number in range(5)))
    at = in_minutes(1).replace(second=30)
    assert (deliver_due(at=at), deliver_due(at=at)) == (2, 0)
    assert not Message.objects.exclude(attempts=0).filter(state=MessageState.QUEUED).exists()
    assert deliver_due(at=at + timedelta(minutes=1)) == 2
