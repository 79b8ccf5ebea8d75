"""Workers that are killed in the middle of their deliveries, and several on one outbox."""

import os
import random
from collections import Counter
from datetime import timedelta
from functools import partial

import pytest
from django.conf import settings as site
from django.utils import timezone

from tests.concurrency.processes import next_word, start, workers
from tests.concurrency.racing import Meeting, race, refusals
from tests.smtp import mail_server
from wagtail_referrals.messages import deliver, hold
from wagtail_referrals.messages.deliver import deliver_due
from wagtail_referrals.messages.models import Message, MessageState
from wagtail_referrals.people.models import Person

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

NIGHTLY = os.environ.get("REFERRALS_NIGHTLY") == "1"
KILLS = 50 if NIGHTLY else 8
# A worker is killed this long after its first mail at the latest, in seconds.
LONGEST = 0.25
LEASE = timedelta(seconds=301)


def queue(program, count):
    """So many mails to as many people."""
    first = Person.objects.count()
    numbers = range(first, first + count)
    people = Person.objects.bulk_create(
        Person(email=f"p{number}@example.org", email_key=f"{number:064}") for number in numbers
    )
    if not all(person.pk for person in people):  # MySQL tells no keys
        people = list(Person.objects.order_by("-pk")[:count])
    Message.objects.bulk_create(
        Message(
            key=f"reward_issued:{person.pk}",
            kind="reward_issued",
            program=program,
            person=person,
            message_id=f"<{person.pk}@example.org>",
        )
        for person in people
    )


@pytest.fixture
def server():
    with mail_server() as server:
        server.seconds = 0.005
        yield server


def use(port):
    site.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    site.EMAIL_HOST, site.EMAIL_PORT = "127.0.0.1", port


def work(say, port, ahead):
    """Deliver until nothing is left, by a clock that is so far ahead."""
    use(port)
    say("ready")
    say(deliver_due(at=timezone.now() + ahead))


def work_and_note_later(say, port, ahead):
    """The same, but what was sent is noted at the end of each batch only."""
    use(port)
    settle, rest = hold.Hold.settle, hold.Hold.settle_rest
    sent = []

    def later(self, messages, **values):
        sent.append((messages, values))
        return len(messages)

    def at_the_end(self, **values):
        while sent:
            messages, noted = sent.pop()
            settle(self, messages, **noted)
        rest(self, **values)

    hold.Hold.settle, hold.Hold.settle_rest = later, at_the_end
    say("ready")
    say(deliver_due(at=timezone.now() + ahead))


def sent_but_not_noted(server):
    """How many mails the server has that nobody noted."""
    waiting = Message.objects.exclude(state=MessageState.SENT)
    known = set(waiting.values_list("message_id", flat=True))
    return len(known & set(server.message_ids))


def kill_one(server, program, number, delivery=work):
    """One worker, killed in the middle; what the server has that was not noted."""
    waiting = Message.objects.exclude(state=MessageState.SENT).count()
    queue(program, max(0, 300 - waiting))
    before = len(server.envelopes)
    # Each by a clock a lease later: what the last one held is free.
    worker = start(delivery, server.port, number * LEASE)
    assert next_word(worker) == "ready"
    while len(server.envelopes) == before:
        worker.process.join(0.002)
    worker.process.join(random.uniform(0, LONGEST))
    worker.kill()
    return sent_but_not_noted(server)


def test_workers_killed_in_mid_delivery_lose_none_and_repeat_only_the_one_in_flight(
    program, server
):
    in_flight = [kill_one(server, program, number) for number in range(KILLS)]
    assert deliver_due_here(server, KILLS * LEASE) > 0
    assert set(Message.objects.values_list("state", flat=True)) == {MessageState.SENT}
    times = Counter(server.message_ids)
    assert set(times) == set(Message.objects.values_list("message_id", flat=True))
    repeated = sum(times.values()) - len(times)
    # Of those that had not been noted at a kill, each is repeated once and nothing else is.
    assert max(in_flight) <= 1
    assert repeated == sum(in_flight)
    tried = Counter(Message.objects.values_list("attempts", flat=True))
    assert sum((times - 1) * count for times, count in tried.items()) <= KILLS
    print(f"{len(times)} mails, {KILLS} kills, {repeated} repeated")


def deliver_due_here(server, ahead):
    """What is left, by a worker that is left in peace."""
    [ready, sent] = start(work, server.port, ahead).finish()
    return sent


def test_noted_at_the_end_of_a_batch_many_would_be_repeated(program, server):
    found = [kill_one(server, program, number, work_and_note_later) for number in range(3)]
    assert max(found) > 1


def test_four_processes_on_one_outbox_send_each_mail_once(program, server):
    queue(program, 300)
    server.seconds = 0
    with workers(4, work, server.port, timedelta()) as started:
        counts = [list(worker.said(60))[-1] for worker in started]
    assert sum(counts) == 300
    assert sorted(server.message_ids) == sorted(
        Message.objects.values_list("message_id", flat=True)
    )
    assert set(Message.objects.values_list("state", "attempts")) == {("sent", 1)}


@pytest.fixture
def at_a_rate(program, server, settings, monkeypatch):
    """How many mails eight workers send that may send thirty in this minute, a few at a time."""
    settings.WAGTAIL_REFERRALS = {"OUTBOX_PER_MINUTE": 30}
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    monkeypatch.setattr(hold, "BATCH", 8)
    queue(program, 100)
    at = timezone.now() + timedelta(minutes=1)

    def send():
        results = race([partial(deliver_due, at=at.replace(second=1))] * 8)
        assert not refusals(results)
        return len(server.envelopes)

    return send


def test_no_worker_passes_the_rate_of_a_minute(at_a_rate):
    assert at_a_rate() == 30


def test_a_rate_that_is_read_and_then_written_is_passed(at_a_rate, monkeypatch):
    used, meeting = {"mails": 0}, Meeting(8, inside_transaction=False)

    def look_then_write(now):
        seen = used["mails"]
        meeting.wait()
        used["mails"] = seen + 1
        return seen < 30

    monkeypatch.setattr(deliver, "_within_rate", look_then_write)
    assert at_a_rate() > 30
