"""What a person is told we hold: what they said, and what was done about it."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from ..people.export import Part, part
from ..people.models import Person
from .case_models import Case, CaseEntry, CaseEntryKind
from .heard_models import Mention
from .inbox_models import FeedbackNote, FeedbackTag
from .invitation_models import Invitation
from .models import FeedbackResponse
from .testimonial_models import Testimonial


def export_feedback(person: Person) -> Iterable[Part]:
    """Answers, words to publish, invitations, and the letters they got."""
    yield part(
        "feedback",
        _("Your answers to our forms"),
        FeedbackResponse.objects.filter(person=person),
        (
            *("page__title", "form_data", "score", "stars", "stars_of", "csat", "words"),
            *("source", "regular", "locale", "state", "submit_time"),
        ),
        page__title=_("Form"),
        form_data=_("Answers"),
        words=_("In your own words"),
    )
    yield part(
        "mentions",
        _("Who you said had told you about us"),
        Mention.objects.filter(response__person=person),
        ("who", "reach"),
    )
    yield part(
        "testimonials",
        _("Words you let us publish"),
        Testimonial.objects.filter(person=person),
        ("words", "original", "scope", "name", "town", "live", "created_at"),
        live=_("On our pages"),
    )
    yield part(
        "invitations",
        _("Invitations to our forms"),
        Invitation.objects.filter(person=person),
        ("page__title", "created_at", "expires_at", "answered_at"),
        page__title=_("Form"),
    )
    yield part(
        "cases",
        _("What we followed up"),
        Case.objects.filter(person=person),
        ("occasion", "state", "opened_at", "closed_at"),
    )
    lines = CaseEntry.objects.filter(case__person=person)
    yield part(
        "letters",
        _("Letters to you"),
        lines.filter(kind=CaseEntryKind.REPLY),
        ("text", "created_at"),
    )
    yield part(
        "case_notes",
        _("What staff noted about it"),
        lines.exclude(kind=CaseEntryKind.REPLY).exclude(text=""),
        ("kind", "text", "created_at"),
        internal=True,
    )
    yield part(
        "feedback_notes",
        _("Notes on your answers"),
        FeedbackNote.objects.filter(response__person=person),
        ("text", "created_at"),
        internal=True,
    )
    yield part(
        "feedback_tags",
        _("Tags on your answers"),
        FeedbackTag.objects.filter(content_object__person=person),
        ("tag__name",),
        internal=True,
    )
