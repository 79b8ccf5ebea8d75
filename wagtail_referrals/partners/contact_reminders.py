"""Telling whoever keeps in touch with a partner that it is time to. Once for each day chosen."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from ..messages.to_staff import Reminder, remind, screen_url
from .models import IN_TOUCH, Partner

DUE_MAIL = "partners_due"
UNTOLD = Q(reminded_on=None) | Q(reminded_on__lt=F("next_contact_on"))


def due_contacts(*, at: datetime | None = None) -> QuerySet[Partner]:
    """Partners somebody should have been in touch with by now."""
    today = timezone.localdate(at)
    return Partner.objects.filter(state__in=IN_TOUCH, next_contact_on__lte=today)


def remind_of_contacts(*, at: datetime | None = None) -> int:
    """Queue a mail for everybody who is to be in touch with partners; how many they tell of.

    One mail for each person and program, to the partner's owner or the program's own address.
    Safe to run twice at once.
    """
    at = at or timezone.now()
    untold = due_contacts(at=at).filter(UNTOLD).order_by("next_contact_on", "name", "pk")
    return remind(Reminder(DUE_MAIL, _line, _mark), untold, at=at)


def _mark(partner: Partner, at: datetime) -> int:
    untold = Partner.objects.filter(UNTOLD, pk=partner.pk)
    return untold.update(reminded_on=timezone.localdate(at))


def _line(partner: Partner) -> dict[str, Any]:
    assert partner.next_contact_on
    return {
        "text": partner.name,
        "day": partner.next_contact_on.isoformat(),
        "url": screen_url("partners", partner.pk),
    }
