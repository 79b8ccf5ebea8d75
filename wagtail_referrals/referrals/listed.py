"""Being named on the board and on the wall of thanks."""

from __future__ import annotations

from datetime import datetime

from ..people.models import Consent
from .models import Advocate, ShownAs
from .own import hide


def end_listing(consent: Consent, at: datetime) -> None:
    """A permission was withdrawn: nobody reads their name on any board any more."""
    if consent.kind != Consent.Kind.LISTED:
        return
    named = Advocate.objects.filter(person=consent.person_id).exclude(shown_as=ShownAs.NOBODY)
    for advocate in named.select_related("program"):
        hide(advocate, at=at)
