"""What is kept of what staff did about a person's feedback."""

from urllib.parse import parse_qsl, urlencode

from django.db.models import QuerySet

from ..people.erase import Identity
from .case_models import Case, CaseEntry, CaseEntryKind
from .inbox_models import FeedbackNote, FeedbackWord, SavedView
from .models import FeedbackResponse


def erase_inbox(identity: Identity) -> None:
    """Nothing they wrote can be searched for; staff's notes name them no more."""
    own = FeedbackResponse.objects.filter(person=identity.person).order_by().values("pk")
    FeedbackWord.objects.filter(response__in=own).delete()
    identity.redact_rows(FeedbackNote.objects.filter(response__in=own), "text")
    _erase_searches(identity)


def _erase_searches(identity: Identity) -> None:
    """A search for them that somebody keeps is a search for nobody."""
    for view in SavedView.objects.all():
        asked = parse_qsl(view.query)
        kept = [(name, identity.redact(value)) for name, value in asked]
        name = identity.redact(view.name)
        if kept != asked or name != view.name:
            # With its number: a user's views have names of their own.
            name = view.name if name == view.name else f"{name} {view.pk}"[:60]
            SavedView.objects.filter(pk=view.pk).update(name=name, query=urlencode(kept))


def erase_cases(identity: Identity) -> None:
    """That there was a case stays, and how long it took; letters go, names in notes, too."""
    own = Case.objects.filter(person=identity.person)
    identity.redact_rows(own, "closing_reason")
    entries = CaseEntry.objects.filter(case__in=own.order_by().values("pk"))
    letters = list(entries.filter(kind=CaseEntryKind.REPLY).values_list("pk", flat=True))
    QuerySet(CaseEntry).filter(pk__in=letters).update(text="")
    identity.redact_rows(entries, "text")
