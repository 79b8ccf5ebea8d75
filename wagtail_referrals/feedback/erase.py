"""What is kept of a person's feedback."""

from django.utils import timezone
from wagtail.models import ModelLogEntry, Revision

from ..people.erase import Identity, redact_logs
from ..people.models import Consent
from .invitation_models import Invitation
from .models import FeedbackResponse
from .testimonial_models import Testimonial
from .testimonials import take_off


def erase_responses(identity: Identity) -> None:
    """The score stays for the average; what was written goes."""
    own = FeedbackResponse.objects.filter(person=identity.person)
    own.update(form_data={}, words="", kept_answers=None, turn_key=None, visitor="")
    for key, source in own.exclude(source="").values_list("pk", "source"):
        if (kept := identity.redact(source)) != source:
            own.filter(pk=key).update(source=kept)
    redact_logs(identity, own)
    Invitation.objects.filter(person=identity.person, answered_at=None).update(
        open_key=None, expires_at=timezone.now()
    )


def erase_testimonials(identity: Identity) -> None:
    """What they let us publish is on no page any more, and its words and drafts are gone."""
    for testimonial in Testimonial.objects.filter(person=identity.person):
        take_off(testimonial)
        Revision.objects.for_instance(testimonial).delete()
        redact_logs(identity, [testimonial])
        # Its title there is the byline: a first name and a town, where the scope says so.
        ModelLogEntry.objects.for_instance(testimonial).update(label=f"#{testimonial.pk}")
    own = Testimonial.objects.filter(person=identity.person)
    # Who has them open for editing can't put them back.
    given = Consent.objects.filter(testimonial__in=own.order_by().values("pk"), withdrawn_at=None)
    given.update(withdrawn_at=timezone.now())
    own.update(
        words="", original="", name="", town="", locale="", live_revision=None, latest_revision=None
    )
