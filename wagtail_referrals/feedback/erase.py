"""What is kept of a person's feedback, and of what was done about it."""

from django.db.models import QuerySet
from django.utils import timezone
from wagtail.models import Revision

from ..people.erase import Identity, redact_logs
from .case_models import Case, CaseEntry, EntryKind
from .inbox_models import FeedbackNote, FeedbackWord
from .invitation_models import Invitation
from .models import FeedbackResponse
from .testimonial_models import Testimonial
from .testimonials import take_off


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
    keys = own.order_by().values("pk")
    FeedbackWord.objects.filter(response__in=keys).delete()
    identity.redact_rows(FeedbackNote.objects.filter(response__in=keys), "text")


def erase_testimonials(identity: Identity) -> None:
    """What they let us publish is on no page any more, and its words and drafts are gone."""
    for testimonial in Testimonial.objects.filter(person=identity.person):
        take_off(testimonial)
        Revision.objects.for_instance(testimonial).delete()
        redact_logs(identity, [testimonial])
    own = Testimonial.objects.filter(person=identity.person)
    own.update(
        words="", original="", name="", town="", locale="", live_revision=None, latest_revision=None
    )


def erase_cases(identity: Identity) -> None:
    """That there was a case stays, and how long it took; letters go, names in notes, too."""
    own = Case.objects.filter(person=identity.person)
    identity.redact_rows(own, "closing_reason")
    entries = CaseEntry.objects.filter(case__in=own.order_by().values("pk"))
    letters: QuerySet[CaseEntry] = QuerySet(CaseEntry).filter(
        pk__in=list(entries.filter(kind=EntryKind.REPLY).values_list("pk", flat=True))
    )
    letters.update(text="")
    identity.redact_rows(entries, "text")
