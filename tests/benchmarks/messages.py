"""Delivering the outbox against Django's send_mail in a loop."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from django.conf import settings
from django.core import mail
from django.utils import timezone

from wagtail_referrals.messages.compose import compose
from wagtail_referrals.messages.deliver import deliver_due
from wagtail_referrals.messages.models import Message
from wagtail_referrals.messages.queue import new_message
from wagtail_referrals.people.identity import email_key
from wagtail_referrals.people.models import Person

from .measure import Call, compare
from .results import Result
from .site import Bench

MAILS = 10_000
ROUNDS = 3
KIND = "reward_issued"
CONTEXT = {
    "offer_headline": "10 €",
    "friend_first_name": "Bo",
    "code": "7K2M-Q4XW-9T3C",
    "conditions": ["Once for each person", "Until the end of the year"],
    "expires_at": "2027-01-01T00:00:00+00:00",
    "share_link": "https://shop.example.org/refer/r/7K2M-Q4XW/",
}


def deliver(bench: Bench) -> Iterator[Result]:
    """10,000 mails of the outbox against as many of the same size by send_mail, one connection."""
    with sink() as port:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
        comparison = compare(_ours(bench), _plain(bench), calls=1, rounds=ROUNDS)
    yield Result(f"deliver {MAILS:,} messages", comparison, reach=1.5)


def _ours(bench: Bench) -> Callable[[int], Sequence[Call]]:
    people = _people(MAILS)

    def make(count: int) -> Sequence[Call]:
        Message.objects.all()._raw_delete("default")
        _queue(bench, people)
        return [send] * count

    def send() -> None:
        assert deliver_due() == MAILS

    return make


def _queue(bench: Bench, people: list[Person]) -> None:
    # By day: quiet hours would have them wait.
    bench.program.quiet_from = bench.program.quiet_to = None
    bench.program.save()
    at = timezone.now()
    Message.objects.bulk_create(
        (
            new_message(
                KIND, about=person.pk, person=person, program=bench.program, context=CONTEXT, at=at
            )
            for person in people
        ),
        batch_size=1000,
    )


def _people(count: int) -> list[Person]:
    emails = [f"reader{number}@example.org" for number in range(count)]
    Person.objects.bulk_create(
        (
            Person(email=email, email_key=email_key(email), name="Maria Example", locale="en")
            for email in emails
        ),
        batch_size=1000,
        ignore_conflicts=True,
    )
    return list(Person.objects.filter(email__startswith="reader"))


def _plain(bench: Bench) -> Callable[[int], Sequence[Call]]:
    message = Message(
        kind=KIND,
        program=bench.program,
        person=Person(pk=1, email="reader@example.org", name="Maria Example", locale="en"),
        locale="en",
        context=CONTEXT,
        message_id="<1@example.org>",
    )
    ours = compose(message)
    html = ours.alternatives[0][0]

    def send() -> None:
        connection = mail.get_connection()
        connection.open()
        for number in range(MAILS):
            mail.send_mail(
                ours.subject,
                ours.body,
                ours.from_email,
                [f"reader{number}@example.org"],
                html_message=str(html),
                connection=connection,
            )
        connection.close()

    return lambda count: [send] * count


@contextmanager
def sink() -> Iterator[int]:
    """A mail server in a process of its own, which takes everything; its port."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.sink"],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ,
    )
    try:
        assert process.stdout is not None
        yield int(process.stdout.readline())
    finally:
        process.terminate()
        process.wait(10)


PATHS: dict[str, Callable[[Bench], Iterator[Result]]] = {"deliver": deliver}
