"""Telling whoever an introduction is given to that its next step is due. Once for each day set."""

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
from .introduction_models import OPEN_STAGES, Introduction

DUE_MAIL = "introductions_due"
# How many introductions one run tells of; the next run goes on.
MOST_TOLD = 500


def due_steps(*, at: datetime | None = None) -> QuerySet[Introduction]:
    """Open introductions whose next step should have been done by now."""
    today = timezone.localdate(at)
    return Introduction.objects.filter(stage__in=OPEN_STAGES, next_step_on__lte=today)


def remind_of_steps(*, at: datetime | None = None) -> int:
    """Queue a mail for everybody who has next steps to do; how many they tell of.

    One mail for each person and program, to the introduction's owner or the program's own
    address. Safe to run twice at once.
    """
    at = at or timezone.now()
    groups: dict[tuple[str, int], list[Introduction]] = defaultdict(list)
    untold = due_steps(at=at).filter(_untold()).select_related("owner", "program__site")
    for one in untold.order_by("next_step_on", "pk")[:MOST_TOLD]:
        groups[recipient(one), one.program_id].append(one)
    return sum(_tell(email, group, at) for (email, _program), group in groups.items())


def _untold() -> Q:
    return Q(reminded_on=None) | Q(reminded_on__lt=F("next_step_on"))


def recipient(introduction: Introduction) -> str:
    """Whose next step it is; "" for nobody's."""
    owner = introduction.owner
    own = owner.email if owner and owner.is_active else ""
    return own or introduction.program.notify_email


@retried
def _tell(email: str, introductions: list[Introduction], at: datetime) -> int:
    today = timezone.localdate(at)
    # Whoever marks one tells of it: of two runs at once, one does.
    marked = [
        one
        for one in introductions
        if Introduction.objects.filter(_untold(), pk=one.pk).update(reminded_on=today)
    ]
    if not marked or not email:
        return 0
    try:
        person = find_or_add_person(email, at=at)
    except InvalidInput:  # an account need not have a good address
        return 0
    queue_message(
        DUE_MAIL,
        about=f"{marked[0].pk}:{at.isoformat()}",
        person=person,
        program=marked[0].program,
        # Nobody's name: erasing a person must not have to look into others' mail.
        context={"introductions": [_line(one) for one in marked]},
        at=at,
    )
    return len(marked)


def _line(introduction: Introduction) -> dict[str, Any]:
    assert introduction.next_step_on
    return {
        "number": str(introduction.pk),
        "day": introduction.next_step_on.isoformat(),
        "url": _url(introduction),
    }


def _url(introduction: Introduction) -> str:
    """Its own screen; "" where the admin is served by another site."""
    try:
        path = reverse("referrals_introductions:inspect", args=[introduction.pk])
    except NoReverseMatch:
        return ""
    return urljoin(getattr(settings, "WAGTAILADMIN_BASE_URL", "") or "", path)
