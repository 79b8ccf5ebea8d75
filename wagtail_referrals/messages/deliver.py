"""Delivering the outbox: claimed by a conditional UPDATE, kept until the mail server said yes."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from smtplib import SMTPRecipientsRefused

from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db.models import F, Q
from django.utils import timezone

from ..conf import setting
from .compose import compose
from .models import Message, MessageState

logger = logging.getLogger(__name__)


def deliver_due(*, at: datetime | None = None, limit: int = 1000) -> int:
    """Send what is due, one message at a time; returns how many were sent.

    Safe in several workers: one UPDATE decides whose a message is, and counting the attempts
    says whose it still is. A worker that dies holds it for OUTBOX_LEASE_SECONDS, then another
    sends it again with the same Message-ID. ``at`` stands for the time, in tests.
    """

    def now() -> datetime:
        return at or timezone.now()

    _give_up_on_killers(now())
    pks = Message.objects.filter(_free(now())).order_by("due_at").values_list("pk", flat=True)
    due = list(pks[:limit])
    sent = 0
    connection = get_connection()
    try:
        for pk in due:
            if not _reachable(connection, pk):
                break
            message = _take(pk, now())
            if message:
                sent += _send(message, connection, now)
    finally:
        connection.close()
    return sent


def _free(now: datetime) -> Q:
    queued = Q(state=MessageState.QUEUED, due_at__lte=now)
    abandoned = Q(state=MessageState.SENDING, leased_until__lte=now)
    return queued | abandoned


def _give_up_on_killers(now: datetime) -> None:
    """A message whose workers died each time is not tried for ever."""
    tried = Message.objects.filter(_free(now), attempts__gte=setting("OUTBOX_ATTEMPTS"))
    tried.update(state=MessageState.FAILED, last_error="no worker came to an end with it")


def _reachable(connection: BaseEmailBackend, pk: int) -> bool:
    """Whether the mail server answers. An outage is no attempt: every message waits for its end."""
    try:
        connection.open()
    except Exception as error:  # a socket's, a library's or the server's own
        logger.warning("The mail server cannot be reached: %s", type(error).__name__)
        Message.objects.filter(pk=pk).update(last_error=_in_short(error))
        return False
    return True


def _take(pk: int, now: datetime) -> Message | None:
    """The message, if it is still nobody's: from now on it is ours for the time of a lease."""
    lease = now + timedelta(seconds=setting("OUTBOX_LEASE_SECONDS"))
    taken = Message.objects.filter(_free(now), pk=pk).update(
        state=MessageState.SENDING, leased_until=lease, attempts=F("attempts") + 1
    )
    if not taken:
        return None
    return Message.objects.select_related("person", "program__site").get(pk=pk)


def _send(message: Message, connection: BaseEmailBackend, now: Callable[[], datetime]) -> bool:
    held = Message.objects.filter(
        pk=message.pk, state=MessageState.SENDING, attempts=message.attempts
    )
    try:
        if not (message.person and message.person.email):
            held.update(state=MessageState.FAILED, last_error="no address")
            return False
        compose(message, connection).send()
    except Exception as error:  # whatever the server or a template throws, the message is kept
        logger.warning("Message %s could not be sent: %s", message.pk, _in_short(error))
        connection.close()  # a broken connection must not fail the next message too
        held.update(**_after_failure(message, error, now()))
        return False
    held.update(state=MessageState.SENT, sent_at=now(), leased_until=None, last_error="")
    return True


def _after_failure(message: Message, error: Exception, now: datetime) -> dict[str, object]:
    given_up = message.attempts >= setting("OUTBOX_ATTEMPTS")
    return {
        "state": MessageState.FAILED if given_up else MessageState.QUEUED,
        "due_at": now + timedelta(minutes=2**message.attempts),
        "leased_until": None,
        "last_error": _in_short(error),
    }


def _in_short(error: Exception) -> str:
    """What went wrong without whom it concerned: servers repeat the address in their words."""
    codes = [getattr(error, "smtp_code", "")]
    if isinstance(error, SMTPRecipientsRefused):
        codes = [code for code, _words in error.recipients.values()]
    return " ".join([type(error).__name__, *(str(code) for code in codes if code)])[:500]
