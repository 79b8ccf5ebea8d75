"""The outbox, over a real SMTP conversation."""

import socket
from datetime import timedelta

import pytest
from aiosmtpd.controller import Controller
from django.utils import timezone

from wagtail_referrals.events.claim import claim_offer
from wagtail_referrals.messages import deliver
from wagtail_referrals.messages.compose import compose
from wagtail_referrals.messages.deliver import deliver_due
from wagtail_referrals.messages.models import Message, MessageState
from wagtail_referrals.messages.queue import queue_message
from wagtail_referrals.people.register import find_or_add_person


class Server:
    """A mail server that keeps what it gets and refuses what it is told to."""

    def __init__(self):
        self.refusal = ""
        self.envelopes = []

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - aiosmtpd's name
        if self.refusal:
            return self.refusal
        self.envelopes.append(envelope)
        return "250 OK"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def server(settings):
    handler = Server()
    port = free_port()
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_PORT = port
    yield handler
    controller.stop()


@pytest.fixture
def message(advocate):
    claim_offer(advocate, email="bo@example.org")
    return Message.objects.get()


def test_a_message_is_delivered_once(server, message):
    assert (deliver_due(), deliver_due()) == (1, 0)
    message.refresh_from_db()
    assert message.state == MessageState.SENT
    (envelope,) = server.envelopes
    assert envelope.rcpt_tos == ["bo@example.org"]
    assert message.message_id.encode() in envelope.content


@pytest.mark.parametrize("refusal", ["421 try later", "550 no such user"])
def test_a_refused_message_is_kept_and_tried_again_with_the_same_id(server, message, refusal):
    server.refusal = refusal
    assert deliver_due() == 0
    message.refresh_from_db()
    assert (message.state, message.attempts) == (MessageState.QUEUED, 1)
    assert refusal[:3] in message.last_error
    server.refusal = ""
    assert deliver_due() == 0
    assert deliver_due(at=timezone.now() + timedelta(minutes=5)) == 1
    assert message.message_id.encode() in server.envelopes[0].content


def test_a_server_that_is_down_loses_nothing(settings, message):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    for _ in range(20):
        assert deliver_due() == 0
    message.refresh_from_db()
    assert (message.state, message.attempts) == (MessageState.QUEUED, 0)
    assert message.last_error == "ConnectionRefusedError"


def test_the_error_that_is_kept_names_nobody(server, message):
    server.refusal = "550 <bo@example.org> is unknown"
    deliver_due()
    message.refresh_from_db()
    assert message.last_error == "SMTPDataError 550"


def test_a_message_that_ends_its_workers_is_given_up(server, message):
    past = timezone.now() - timedelta(minutes=1)
    Message.objects.update(state=MessageState.SENDING, leased_until=past, attempts=8)
    assert deliver_due() == 0
    message.refresh_from_db()
    assert message.state == MessageState.FAILED


def test_a_worker_whose_lease_another_took_changes_nothing_any_more(server, message, monkeypatch):
    original = deliver.compose

    def overtaken(message, connection=None):
        Message.objects.update(attempts=2)
        return original(message, connection)

    monkeypatch.setattr(deliver, "compose", overtaken)
    deliver_due()
    message.refresh_from_db()
    assert message.state == MessageState.SENDING


def test_a_message_is_given_up_after_its_attempts_with_the_reason(settings, server, message):
    settings.WAGTAIL_REFERRALS = {"OUTBOX_ATTEMPTS": 2}
    server.refusal = "550 no such user"
    deliver_due()
    deliver_due(at=timezone.now() + timedelta(hours=1))
    message.refresh_from_db()
    assert message.state == MessageState.FAILED
    assert "550" in message.last_error


def test_what_a_dead_worker_held_is_sent_by_another_after_its_lease(server, message):
    lease = timezone.now() + timedelta(minutes=5)
    Message.objects.update(state=MessageState.SENDING, leased_until=lease)
    assert deliver_due() == 0
    assert deliver_due(at=lease + timedelta(seconds=1)) == 1


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
