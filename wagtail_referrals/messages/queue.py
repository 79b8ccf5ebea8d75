"""Putting a message into the outbox, inside the transaction that causes it."""

from datetime import datetime
from email.utils import make_msgid
from typing import Any

from django.utils import timezone

from ..people.models import Person
from ..programs.models import Program
from .models import Message


def queue_message(
    kind: str,
    *,
    about: object,
    person: Person,
    program: Program,
    context: dict[str, Any],
    at: datetime | None = None,
) -> None:
    """Queue the mail of ``kind`` about one row; the same kind and row again changes nothing.

    ``context`` holds JSON values for the templates ``wagtail_referrals/messages/<kind>/``.
    """
    at = at or timezone.now()
    message = Message(
        key=f"{kind}:{about}",
        kind=kind,
        program=program,
        person=person,
        locale=person.locale,
        context=context,
        message_id=make_msgid(domain=program.site.hostname),
        due_at=at,
        created_at=at,
    )
    Message.objects.bulk_create([message], ignore_conflicts=True)
