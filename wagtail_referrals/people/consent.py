"""Permissions: given in words that are kept, and taken back."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.utils import timezone

from ..exceptions import ReferralsError
from ..text import clean_reason
from ..transactions import retried
from .log import WITHDRAWN, note
from .models import Consent, Person


def new_consent(
    person: Person, kind: str, wording: str, *, place: str = "", at: datetime | None = None
) -> Consent:
    """A permission in the words that were shown, not stored yet."""
    return Consent(
        person=person,
        kind=kind,
        wording=wording,
        version=version_of(wording),
        place=place[:255],
        given_at=at or timezone.now(),
    )


def note_consents(consents: Iterable[Consent]) -> None:
    """Store permissions somebody has just given, in the transaction of what they allow."""
    Consent.objects.bulk_create(consents)


def version_of(wording: str) -> str:
    """Which wording it is, in short: the same for the same words."""
    return hashlib.sha256(wording.encode()).hexdigest()[:12]


# Rooms below end what was only allowed by it: fn(consent, at).
_followers: list[Callable[[Consent, datetime], None]] = []


def follow_withdrawals(follower: Callable[[Consent, datetime], None]) -> None:
    """Have ``follower`` called in the transaction of every withdrawal."""
    if follower not in _followers:
        _followers.append(follower)


@retried
def withdraw(consent: Consent, *, at: datetime | None = None) -> bool:
    """Take a permission back: what it allowed ends. True for the first time; the row stays."""
    at = at or timezone.now()
    given = Consent.objects.filter(pk=consent.pk, withdrawn_at=None)
    if not given.update(withdrawn_at=at):
        return False
    consent.withdrawn_at = at
    for follower in _followers:
        follower(consent, at)
    return True


@retried
def withdraw_by_staff(consent: Consent, *, reason: str, user: Any = None) -> None:
    """The same, told to staff by letter or telephone.

    Raises InvalidInput("invalid_reason"), ReferralsError("not_possible") when it was withdrawn.
    """
    reason = clean_reason(reason)
    if not withdraw(consent):
        raise ReferralsError("not_possible")
    note(consent.person, WITHDRAWN, reason=reason, user=user, consent=consent.pk)
