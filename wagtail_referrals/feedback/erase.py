"""What is kept of a person's feedback, and of what was done about it."""

from django.db.models import QuerySet

from ..people.erase import Identity
from .case_models import Case, CaseEntry, EntryKind
from .inbox_models import FeedbackNote, FeedbackWord
from .models import FeedbackResponse


def erase_responses(identity: Identity) -> None:
    """The score stays for the average; what was written goes."""
    own = FeedbackResponse.objects.filter(person=identity.person)
    own.update(form_data={}, turn_key=None, visitor="")
    keys = own.order_by().values("pk")
    FeedbackWord.objects.filter(response__in=keys).delete()
    identity.redact_rows(FeedbackNote.objects.filter(response__in=keys), "text")


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
