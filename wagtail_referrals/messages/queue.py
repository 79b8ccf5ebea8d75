"""Putting a message into the outbox, inside the transaction that causes it."""

from datetime import datetime
from email.utils import make_msgid
from typing import Any

from django.utils import timezone

from ..bulk import insert
from ..people.models import Person
from ..programs.models import Program
from .models import Message
from .wake import wake_later


def new_message(
    kind: str,
    *,
    about: object,
    person: Person,
    program: Program,
    context: dict[str, Any],
    page: int | None = None,
    at: datetime | None = None,
) -> Message:
    """The mail of ``kind`` about one row, not yet queued.

    ``context`` holds JSON values for the fields that the kind can name; ``page`` is the key of the
    form page whose editors alone may read it.
    """
    at = at or timezone.now()
    return Message(
        key=f"{kind}:{about}",
        kind=kind,
        program=program,
        person=person,
        page_id=page,
        locale=person.locale,
        context=context,
        message_id=make_msgid(domain=program.site.hostname),
        due_at=at,
        created_at=at,
    )


def queue_messages(messages: list[Message]) -> None:
    """Put them into the outbox; the same kind about the same row again changes nothing."""
    insert(messages, ignore_conflicts=True)
    wake_later()


def queue_message(kind: str, **values: Any) -> None:
    """Queue one mail (see ``new_message``)."""
    queue_messages([new_message(kind, **values)])
