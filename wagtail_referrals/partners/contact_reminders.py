"""Telling whoever keeps in touch with a partner that it is time to. Once for each day chosen."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from ..exceptions import InvalidInput
from ..messages.queue import queue_message
from ..people.register import find_or_add_person
from ..transactions import retried
from .models import IN_TOUCH, Partner

# How many partners one run tells of; the next run goes on.
MOST_TOLD = 500


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
    groups: dict[tuple[str, int], list[Partner]] = defaultdict(list)
    untold = due_contacts(at=at).filter(_untold()).select_related("owner", "program__site")
    for partner in untold.order_by("next_contact_on", "name", "pk")[:MOST_TOLD]:
        groups[recipient(partner), partner.program_id].append(partner)
    return sum(_tell(email, group, at) for (email, _program), group in groups.items())


def _untold() -> Q:
    return Q(reminded_on=None) | Q(reminded_on__lt=F("next_contact_on"))


def recipient(partner: Partner) -> str:
    """Who keeps in touch with a partner; "" for nobody."""
    own = partner.owner.email if partner.owner and partner.owner.is_active else ""
    return own or partner.program.notify_email


@retried
def _tell(email: str, partners: list[Partner], at: datetime) -> int:
    today = timezone.localdate(at)
    # Whoever marks a partner tells of it: of two runs at once, one does.
    marked = [
        partner
        for partner in partners
        if Partner.objects.filter(_untold(), pk=partner.pk).update(reminded_on=today)
    ]
    if not marked or not email:
        return 0
    try:
        person = find_or_add_person(email, at=at)
    except InvalidInput:  # an account need not have a good address
        return 0
    queue_message(
        "partners_due",
        about=f"{marked[0].pk}:{at.isoformat()}",
        person=person,
        program=marked[0].program,
        context={"partners": [_line(partner) for partner in marked]},
        at=at,
    )
    return len(marked)


def _line(partner: Partner) -> dict[str, Any]:
    assert partner.next_contact_on
    return {
        "name": partner.name,
        "day": partner.next_contact_on.isoformat(),
        "url": _url(partner),
    }


def _url(partner: Partner) -> str:
    """The partner's own screen; "" where the admin is served by another site."""
    try:
        path = reverse("referrals_partners:inspect", args=[partner.pk])
    except NoReverseMatch:
        return ""
    return urljoin(getattr(settings, "WAGTAILADMIN_BASE_URL", "") or "", path)
