"""What is kept of who was asked."""

from ..people.erase import Identity
from .models import Ask, AskState


def erase_asks(identity: Identity) -> None:
    """How often was asked stays; nobody is asked any more."""
    own = Ask.objects.filter(person=identity.person)
    own.filter(state=AskState.PLANNED).update(state=AskState.DROPPED, reason="erased")
    own.update(person=None)
