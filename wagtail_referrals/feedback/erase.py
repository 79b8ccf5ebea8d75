"""What is kept of a person's feedback."""

from ..people.erase import Identity
from .models import FeedbackResponse


def erase_responses(identity: Identity) -> None:
    """The score stays for the average; what was written goes."""
    own = FeedbackResponse.objects.filter(person=identity.person)
    own.update(form_data={}, turn_key=None, visitor="")
