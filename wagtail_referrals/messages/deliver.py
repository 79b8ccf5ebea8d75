"""Delivering the outbox: held by one worker at a time, kept until the mail server said yes."""

import logging
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from django.core import mail as django_mail
from django.core.mail import EmailMultiAlternatives
from django.utils import timezone

from ..conf import setting
from ..transactions import retried
from .bounces import report_bounce
from .compose import compose
from .failures import Verdict, in_short, verdict_on
from .hold import Clock, Hold, claim, free_abandoned, lease
from .models import Message, MessageState
from .own_words import templates_at_hand
from .quiet import quiet_until
from .quota import take
from .unwanted import unwanted

logger = logging.getLogger(__name__)

# A server that said "later" is asked for the same mail again after this.
PAUSE = timedelta(minutes=5)
# So many connections that break one after the other: it is not the mail's fault.
BROKEN_IN_A_ROW = 2


class _NotNow(Exception):
    """Nothing more can be sent in this run."""


def deliver_due(*, at: datetime | None = None, limit: int = 10_000) -> int:
    """Send what is due, one message at a time; returns how many were sent.

    Safe in several workers: one UPDATE decides who holds a message, and only its holder notes
    what became of it. A worker that dies holds them for OUTBOX_LEASE_SECONDS, then another
    sends them, the one that was in flight with the same Message-ID. ``at`` stands for the time,
    in tests.
    """
    clock = _clock(at)
    free_abandoned(clock)
    post = _Post(clock)
    try:
        while limit > 0 and (hold := claim(limit, clock)):
            limit -= len(hold.messages)
            post.deliver(hold)
    except _NotNow:
        pass
    finally:
        post.close()
    return post.sent


def _clock(at: datetime | None) -> Clock:
    """The time, which goes on from ``at``: a lease is counted from when it is taken."""
    ahead = at - timezone.now() if at else timedelta()
    return lambda: timezone.now() + ahead


class _Post:
    """One connection to the mail server, as long as it holds."""

    def __init__(self, clock: Clock) -> None:
        self.clock, self.sent = clock, 0
        self._server = _server()
        self._broken = 0

    def deliver(self, hold: Hold) -> None:
        """Send what somebody wants to read now. Raises _NotNow; the rest is let go then."""
        try:
            with templates_at_hand():
                for message in self._wanted(hold):
                    self._open(hold)
                    if not _within_rate(self.clock()):
                        raise _NotNow
                    if hold.take_up(message):
                        self._send(hold, message)
        finally:
            hold.settle_rest()

    def close(self) -> None:
        with suppress(Exception):  # it may be broken
            self._server.close()

    def _wanted(self, hold: Hold) -> Iterator[Message]:
        settled = set()
        for reason, messages in unwanted(hold.messages).items():
            hold.settle(messages, state=MessageState.SKIPPED, last_error=reason)
            settled |= {message.pk for message in messages}
        for message in hold.messages:
            if message.pk in settled:
                continue
            if later := quiet_until(message, self.clock()):
                hold.settle([message], state=MessageState.QUEUED, due_at=later)
            else:
                yield message

    def _open(self, hold: Hold) -> None:
        """An outage is no attempt: every message waits for its end."""
        try:
            self._is_new = bool(self._server.open())
        except Exception as error:  # a socket's, a library's or the server's own
            logger.warning("The mail server cannot be reached: %s", type(error).__name__)
            hold.settle_rest(last_error=in_short(error))
            raise _NotNow from error

    def _send(self, hold: Hold, message: Message) -> None:
        try:
            self._hand_over(compose(message))
        except Exception as error:  # whatever the server or a template throws, it is kept
            logger.warning("Message %s could not be sent: %s", message.pk, in_short(error))
            self._note_failure(hold, message, error)
            return
        self._broken = 0
        sent = {"state": MessageState.SENT, "sent_at": self.clock(), "last_error": ""}
        self.sent += hold.settle([message], attempts=message.attempts + 1, **sent)

    def _hand_over(self, mail: EmailMultiAlternatives) -> None:
        try:
            accepted = self._server.send_messages([mail])
        except Exception as error:
            # Servers end a connection after some mails: the next one opens another.
            if self._is_new or verdict_on(error) not in (Verdict.BROKEN, Verdict.SERVER_AWAY):
                raise
            self.close()
            self._server.open()
            accepted = self._server.send_messages([mail])
        if accepted == 0:
            raise RuntimeError("not accepted")

    def _note_failure(self, hold: Hold, message: Message, error: Exception) -> None:
        verdict, now = verdict_on(error), self.clock()
        self._broken = self._broken + 1 if verdict is Verdict.BROKEN else 0
        away = verdict is Verdict.SERVER_AWAY
        values: dict[str, Any] = {"state": MessageState.QUEUED, "last_error": in_short(error)}
        if away:
            values["due_at"] = now + PAUSE
        else:
            values["attempts"] = tried = message.attempts + 1
            values["due_at"] = now + timedelta(minutes=2**tried)
            if verdict is Verdict.NOBODY_THERE or tried >= setting("OUTBOX_ATTEMPTS"):
                values["state"] = MessageState.FAILED
        hold.settle([message], **values)
        if verdict is Verdict.NOBODY_THERE and message.person:
            report_bounce(message.person.email)
        if away or verdict is Verdict.BROKEN:
            self.close()
        if away or self._broken >= BROKEN_IN_A_ROW:
            raise _NotNow from error


def _server() -> Any:
    """The site's way to send mails. A server that says nothing is not waited for for ever."""
    mailers: Any = getattr(django_mail, "mailers", ())  # from Django 6.1 on
    server: Any = mailers["default"] if "default" in mailers else django_mail.get_connection()
    if getattr(server, "timeout", 0) is None:
        server.timeout = max(lease().total_seconds() / 5, 10)
    return server


def _within_rate(now: datetime) -> bool:
    """Whether one more may go in this minute, whichever worker sends it."""
    most = setting("OUTBOX_PER_MINUTE")
    if most is None:
        return True
    minute = now.replace(second=0, microsecond=0)
    ends = minute + timedelta(minutes=1)
    return retried(take)(f"outbox:{minute:%Y-%m-%dT%H:%M}", most=most, ends_at=ends)
