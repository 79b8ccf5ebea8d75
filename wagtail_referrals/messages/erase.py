"""What is kept of a person in mails."""

from typing import Any

from django.db.models import QuerySet

from ..people.erase import Identity
from .hold import FREE
from .models import MailPreference, Message, MessageState


def erase_messages(identity: Identity) -> None:
    """Nothing is sent any more, and nothing that was sent can be read again."""
    own = Message.objects.filter(person=identity.person)
    empty(own, locale="", person=None)
    MailPreference.objects.filter(person=identity.person).delete()


def empty(messages: QuerySet[Message], **others: Any) -> None:
    """What they said is gone, and those that wait are not sent; ``others`` are more fields."""
    gone: dict[str, Any] = {"context": {}, "last_error": "", **others}
    skipped = {"state": MessageState.SKIPPED, "last_error": "no_person"}
    waiting = messages.filter(state__in=(MessageState.QUEUED, MessageState.SENDING))
    waiting.update(**{**gone, **FREE, **skipped})
    messages.exclude(**skipped).update(**gone)
