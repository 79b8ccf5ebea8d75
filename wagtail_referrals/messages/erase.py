"""What is kept of a person in mails."""

from typing import Any

from ..people.erase import Identity
from .hold import FREE
from .models import MailPreference, Message, MessageState


def erase_messages(identity: Identity) -> None:
    """Nothing is sent any more, and nothing that was sent can be read again."""
    own = Message.objects.filter(person=identity.person)
    gone: dict[str, Any] = {"context": {}, "locale": "", "last_error": "", "person": None}
    waiting = own.filter(state__in=(MessageState.QUEUED, MessageState.SENDING))
    waiting.update(**{**gone, **FREE, "state": MessageState.SKIPPED, "last_error": "no_person"})
    own.update(**gone)
    MailPreference.objects.filter(person=identity.person).delete()
