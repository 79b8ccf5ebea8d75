"""People who asked not to be contacted: only a digest of the address is kept."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from ..exceptions import ReferralsError
from ..text import clean_reason
from ..transactions import retried
from .identity import email_key
from .log import CONTACT_AGAIN, NO_CONTACT, note
from .models import Person, Suppression


def suppress(email: str, *, at: datetime | None = None) -> None:
    """Note that nobody at this address is to be contacted; however often. Raises InvalidInput."""
    at = at or timezone.now()
    rows = [Suppression(email_key=email_key(email), created_at=at)]
    Suppression.objects.bulk_create(rows, ignore_conflicts=True)


def is_suppressed(email: str) -> bool:
    """Whether they asked not to be contacted. Raises InvalidInput."""
    return Suppression.objects.filter(email_key=email_key(email)).exists()


@retried
def note_no_contact(person: Person, *, reason: str, user: Any = None) -> None:
    """Staff were told that a person is not to be contacted: nobody can introduce them any more.

    Raises InvalidInput("invalid_reason"), ReferralsError("not_possible") for who has no address.
    """
    reason = clean_reason(reason)
    if not person.email:
        raise ReferralsError("not_possible")
    suppress(person.email)
    note(person, NO_CONTACT, reason=reason, user=user)


@retried
def allow_contact(person: Person, *, reason: str, user: Any = None) -> None:
    """They changed their mind.

    Raises InvalidInput("invalid_reason"), ReferralsError("not_possible") when they had not asked.
    """
    reason = clean_reason(reason)
    asked = Suppression.objects.filter(email_key=email_key(person.email)) if person.email else None
    if asked is None or not asked.delete()[0]:
        raise ReferralsError("not_possible")
    note(person, CONTACT_AGAIN, reason=reason, user=user)
