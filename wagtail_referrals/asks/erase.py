"""What is kept of a person in asks."""

from ..people.erase import Identity
from .models import Ask, AskState


def erase_asks(identity: Identity) -> None:
    """Nothing is asked of them any more; that somebody was asked stays counted."""
    own = Ask.objects.filter(person=identity.person)
    own.filter(state=AskState.PLANNED).update(state=AskState.DROPPED, reason="gone")
    own.update(person=None)
