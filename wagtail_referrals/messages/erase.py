"""What is kept of a person in mails."""

from ..people.erase import Identity
from .models import MailPreference, Message, MessageState


def erase_messages(identity: Identity) -> None:
    """Nothing is sent any more, and nothing that was sent can be read again."""
    own = Message.objects.filter(person=identity.person)
    waiting = own.filter(state__in=(MessageState.QUEUED, MessageState.SENDING))
    waiting.update(state=MessageState.FAILED, leased_until=None)
    MailPreference.objects.filter(person=identity.person).delete()
    own.update(context={}, locale="", last_error="", person=None)
