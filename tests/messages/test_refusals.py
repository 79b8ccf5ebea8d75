"""What mail servers do to a mail, and what becomes of it."""

import smtplib
from datetime import timedelta

import pytest
from django.utils import timezone

from tests.smtp import DROP
from wagtail_referrals.api import report_bounce
from wagtail_referrals.messages.deliver import deliver_due
from wagtail_referrals.messages.failures import Verdict, verdict_on
from wagtail_referrals.messages.models import Message, MessageState
from wagtail_referrals.people.models import Suppression
from wagtail_referrals.people.register import find_or_add_person
from wagtail_referrals.people.suppression import is_suppressed


@pytest.fixture
def message(queue):
    return queue("bo@example.org")[0]


@pytest.fixture
def first_is(server):
    """Has the server answer the first mail with these words, and take the others."""

    def answer(words):
        replies = iter([words])
        server.answer = lambda envelope: next(replies, "")

    return answer


def later(**time):
    return timezone.now() + timedelta(**time)


@pytest.mark.parametrize("refusal", ["451 try later", "552 mailbox full", DROP])
def test_a_refused_message_is_kept_and_tried_again_with_the_same_id(server, message, refusal):
    server.refuse(refusal)
    assert deliver_due() == 0
    message.refresh_from_db()
    assert (message.state, message.attempts) == (MessageState.QUEUED, 1)
    server.refuse("")
    assert deliver_due() == 0
    assert deliver_due(at=later(minutes=5)) == 1
    assert server.message_ids == [message.message_id]


def test_pauses_grow(server, message):
    server.refuse("451 try later")
    pauses, at = [], timezone.now()
    for _ in range(4):
        deliver_due(at=at)
        message.refresh_from_db()
        pauses.append(round((message.due_at - at).total_seconds() / 60))
        at = message.due_at
    assert pauses == [2, 4, 8, 16]


def test_a_message_is_given_up_after_its_attempts_with_the_reason(settings, server, message):
    settings.WAGTAIL_REFERRALS = {"OUTBOX_ATTEMPTS": 2}
    server.refuse("554 no thank you")
    deliver_due()
    deliver_due(at=later(hours=1))
    message.refresh_from_db()
    assert (message.state, message.last_error) == (MessageState.FAILED, "SMTPDataError 554")


def test_a_server_that_is_down_loses_nothing(settings, message):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    for _ in range(20):
        assert deliver_due() == 0
    message.refresh_from_db()
    assert (message.state, message.attempts) == (MessageState.QUEUED, 0)
    assert message.last_error == "ConnectionRefusedError"


def test_a_server_that_closes_is_left_alone_and_no_attempt_is_used_up(server, queue):
    queue("a@example.org", "b@example.org")
    server.refuse("421 come back later")
    assert deliver_due() == 0
    assert set(Message.objects.values_list("state", "attempts")) == {("queued", 0)}
    server.refuse("")
    assert deliver_due(at=later(minutes=6)) == 2


def test_a_connection_that_ends_after_some_mails_is_opened_anew(server, queue):
    queue("a@example.org", "b@example.org", "c@example.org")
    replies = iter(["", "421 too many on this connection", "", ""])
    server.answer = lambda envelope: next(replies)
    assert deliver_due() == 3
    assert set(Message.objects.values_list("attempts", flat=True)) == {1}


def test_a_server_that_drops_every_connection_is_left_alone(server, queue):
    queue(*(f"p{number}@example.org" for number in range(5)))
    server.refuse(DROP)
    assert deliver_due() == 0
    assert Message.objects.filter(attempts=0).count() == 3


def test_a_connection_dropped_in_the_middle_of_a_mail_holds_up_no_other(server, queue, first_is):
    queue("a@example.org", "b@example.org")
    first_is(DROP)
    assert deliver_due() == 1
    assert server.recipients == ["b@example.org"]


def test_a_server_that_says_nothing_is_not_waited_for_for_ever(server, settings):
    from wagtail_referrals.messages import deliver

    settings.WAGTAIL_REFERRALS = {"OUTBOX_LEASE_SECONDS": 100}
    assert deliver._server().timeout == 20
    settings.EMAIL_TIMEOUT = 7
    assert deliver._server().timeout == 7


def test_a_slow_server_is_waited_for(server, message):
    server.seconds = 0.3
    assert deliver_due() == 1


@pytest.mark.parametrize(
    "refusal", ["550 no such user", "550 5.1.1 no such user", "553 no", "551 no"]
)
def test_a_hard_bounce_suppresses_the_address_and_gives_up(server, message, refusal):
    server.answer_rcpt = lambda address: refusal
    deliver_due()
    message.refresh_from_db()
    assert (message.state, message.attempts) == (MessageState.FAILED, 1)
    assert is_suppressed("bo@example.org")


@pytest.mark.parametrize("refusal", ["550 5.7.1 not allowed", "450 busy", "552 5.2.2 full"])
def test_what_may_pass_suppresses_nobody(server, message, refusal):
    server.answer_rcpt = lambda address: refusal
    deliver_due()
    message.refresh_from_db()
    assert message.state == MessageState.QUEUED
    assert not Suppression.objects.exists()


def test_what_is_said_of_the_text_suppresses_nobody(server, message):
    server.refuse("550 looks like spam")
    deliver_due()
    assert not Suppression.objects.exists()


def test_a_bounce_is_said_on_the_persons_log(server, message):
    from wagtail.models import ModelLogEntry

    server.answer_rcpt = lambda address: "550 no such user"
    deliver_due()
    (entry,) = ModelLogEntry.objects.for_instance(message.person)
    assert entry.data["reason"] == "The mail server says that mails cannot arrive."


def test_the_error_that_is_kept_names_nobody(server, message):
    server.answer_rcpt = lambda address: "550 5.1.1 <bo@example.org> is unknown"
    deliver_due()
    message.refresh_from_db()
    assert message.last_error == "SMTPRecipientsRefused 550 5.1.1"


def test_an_address_that_is_valid_but_cannot_be_written_to_is_given_up(server, queue, settings):
    """Django refuses to send to it: it would be two."""
    settings.WAGTAIL_REFERRALS = {"OUTBOX_ATTEMPTS": 1}
    (message,) = queue("bo@example.org")
    message.person.email = "bo@example.org,all@example.org"
    message.person.save()
    queue("cy@example.org")
    assert deliver_due() == 1
    message.refresh_from_db()
    assert message.state == MessageState.FAILED


def test_a_backend_that_takes_nothing_in_has_not_sent_it(settings, message):
    settings.EMAIL_BACKEND = f"{__name__}.Silent"
    assert deliver_due() == 0
    message.refresh_from_db()
    assert message.state == MessageState.QUEUED


class Silent:
    def __init__(self, **options):
        pass

    def open(self):
        return None

    def close(self):
        pass

    def send_messages(self, messages):
        return 0


@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        (smtplib.SMTPConnectError(421, b"no"), Verdict.SERVER_AWAY),
        (smtplib.SMTPSenderRefused(421, b"closing", "me"), Verdict.SERVER_AWAY),
        (smtplib.SMTPSenderRefused(550, b"who are you", "me"), Verdict.TRY_AGAIN),
        (smtplib.SMTPServerDisconnected("gone"), Verdict.BROKEN),
        (TimeoutError(), Verdict.BROKEN),
        (smtplib.SMTPRecipientsRefused({"b": (550, b"no")}), Verdict.NOBODY_THERE),
        (smtplib.SMTPRecipientsRefused({"b": (550, b"5.7.1 no")}), Verdict.TRY_AGAIN),
        (smtplib.SMTPDataError(550, b"5.1.1 no"), Verdict.NOBODY_THERE),
        (smtplib.SMTPDataError(550, b"spam"), Verdict.TRY_AGAIN),
        (ValueError("a template"), Verdict.TRY_AGAIN),
    ],
)
def test_what_an_error_means(error, verdict):
    assert verdict_on(error) is verdict


def test_a_mail_provider_can_report_a_bounce(db):
    find_or_add_person("bo@example.org")
    report_bounce("bo@example.org", hard=False)
    assert not is_suppressed("bo@example.org")
    report_bounce("Bo@Example.org")
    report_bounce("bo@example.org")
    report_bounce("stranger@example.org")
    report_bounce("no address")
    assert Suppression.objects.count() == 2
