"""Telling whoever a case is given to: that it is there, and that it is late. Each once."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from ..exceptions import InvalidInput
from ..messages.queue import queue_message
from ..people.register import find_or_add_person
from ..transactions import retried
from .case_models import OPEN_STATES, Case

# How many cases one run tells of; the next run goes on.
MOST_TOLD = 500


def tell_owners(*, at: datetime | None = None) -> int:
    """Queue a mail for everybody who has new or late cases; how many cases they tell of.

    One mail for each person and program. A case is told of to its owner, or to the program's
    own address while it is nobody's. Safe to run twice at once.
    """
    at = at or timezone.now()
    return _tell("told_at", "cases_new", Case.objects.all(), at) + _tell(
        "reminded_at", "cases_late", Case.objects.filter(due_at__lte=at), at
    )


def _tell(mark: str, kind: str, cases: Any, at: datetime) -> int:
    untold = cases.filter(**{mark: None}, state__in=OPEN_STATES, program__isnull=False)
    groups: dict[tuple[str, int], list[Case]] = defaultdict(list)
    for case in untold.select_related("owner", "program__site").order_by("due_at")[:MOST_TOLD]:
        groups[recipient(case), case.program_id].append(case)
    return sum(_tell_one(email, group, mark, kind, at) for (email, _), group in groups.items())


def recipient(case: Case) -> str:
    """Whose inbox a case is in; "" for nobody's."""
    own = case.owner.email if case.owner and case.owner.is_active else ""
    return own or (case.program.notify_email if case.program else "")


@retried
def _tell_one(email: str, cases: list[Case], mark: str, kind: str, at: datetime) -> int:
    # Whoever marks a case tells of it: of two runs at once, one does.
    marked = [
        case
        for case in cases
        if Case.objects.filter(pk=case.pk, **{mark: None}).update(**{mark: at})
    ]
    program = marked[0].program if marked else None
    if program is None or not email:
        return 0
    try:
        person = find_or_add_person(email, at=at)
    except InvalidInput:  # an account need not have a good address
        return 0
    queue_message(
        kind,
        about=f"{marked[0].pk}:{at.isoformat()}",
        person=person,
        program=program,
        # Nobody's name: erasing a person must not have to look into others' mail.
        context={"cases": [_line(case) for case in marked], "program_name": program.name},
        at=at,
    )
    return len(marked)


def _line(case: Case) -> dict[str, str]:
    return {
        "number": str(case.pk),
        "why": case.why,
        "due": case.due_at.isoformat(),
        "url": _url(case),
    }


def _url(case: Case) -> str:
    """The case's own screen; "" where the admin is served by another site."""
    try:
        path = reverse("referrals_cases:inspect", args=[case.pk])
    except NoReverseMatch:
        return ""
    return urljoin(getattr(settings, "WAGTAILADMIN_BASE_URL", "") or "", path)
