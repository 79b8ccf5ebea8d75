"""Being named on the board and on the wall of thanks."""

from __future__ import annotations

from datetime import datetime

from ..people.models import Consent
from .models import Advocate, ShownAs


def end_listing(consent: Consent, at: datetime) -> None:
    """A permission was withdrawn: nobody reads their name on the board any more."""
    if consent.kind != Consent.Kind.LISTED:
        return
    listed = Advocate.objects.filter(person=consent.person_id)
    listed.update(shown_as=ShownAs.NOBODY, alias="")
