"""What is kept of a person's feedback."""

from django.utils import timezone

from ..people.erase import Identity
from .invitation_models import Invitation
from .models import FeedbackResponse


def erase_responses(identity: Identity) -> None:
    """The score stays for the average; what was written goes."""
    own = FeedbackResponse.objects.filter(person=identity.person)
    own.update(form_data={}, turn_key=None, visitor="")
    for key, source in own.exclude(source="").values_list("pk", "source"):
        if (kept := identity.redact(source)) != source:
            own.filter(pk=key).update(source=kept)
    Invitation.objects.filter(person=identity.person, answered_at=None).update(
        open_key=None, expires_at=timezone.now()
    )
