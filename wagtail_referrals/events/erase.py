"""What is kept of a person in events."""

from ..people.erase import GONE, Identity
from .models import Event


def erase_events(identity: Identity) -> None:
    """Orders keep their ids and amounts, for the books and for refunds, and no details."""
    own = Event.objects.filter(person=identity.person)
    own.update(metadata={})
    for event in own.only("pk", "external_id"):
        # A repeat is found by the id's digest, whatever the id reads like now.
        kept = identity.redact(event.external_id)
        if kept != event.external_id:
            Event.objects.filter(pk=event.pk).update(external_id=kept or GONE)
