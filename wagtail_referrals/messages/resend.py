"""Sending a mail once more."""

from __future__ import annotations

from datetime import datetime
from email.utils import make_msgid
from typing import Any

from django.utils import timezone

from ..exceptions import ReferralsError
from ..people.log import RESENT, note
from ..text import clean_reason
from ..transactions import retried
from .kinds import FRIENDS
from .models import Message, MessageState
from .unwanted import category_of
from .wake import wake_later

OVER = (MessageState.SENT, MessageState.FAILED, MessageState.SKIPPED)


def may_go_again(message: Message) -> bool:
    """Whether ``resend`` would send it."""
    return message.state in _over(message) and message.person is not None


def _over(message: Message) -> list[MessageState]:
    only_once = category_of(message.kind) == FRIENDS
    return [state for state in OVER if not (only_once and state == MessageState.SENT)]


@retried
def resend(message: Message, *, reason: str, user: Any = None, at: datetime | None = None) -> None:
    """Have a mail sent that was given up, not sent, or did not arrive.

    One that was sent gets a new Message-ID: mailboxes show the same one only once. Whether its
    reader wants it is asked again. A friend is written to once: of such a mail only what did not go
    out. Raises InvalidInput("invalid_reason"), ReferralsError("not_possible") for one that still
    waits, or whose reader is not known any more.
    """
    reason = clean_reason(reason)
    rows = Message.objects.filter(pk=message.pk, state__in=_over(message)).exclude(person=None)
    again: dict[str, Any] = {
        "state": MessageState.QUEUED,
        "attempts": 0,
        "due_at": at or timezone.now(),
        "last_error": "",
    }
    new_id = make_msgid(domain=message.program.site.hostname)
    went_out = rows.filter(state=MessageState.SENT).update(message_id=new_id, **again)
    if not went_out and not rows.update(**again):
        raise ReferralsError("not_possible")
    assert message.person is not None
    # On the person's log, which is looked through when they are erased.
    note(message.person, RESENT, reason=reason, user=user, mail=message.kind)
    wake_later()
