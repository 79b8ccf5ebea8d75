"""Telling whoever a case is given to: that it is there, and that it is late. Each once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext

from ..messages.to_staff import Reminder, remind, screen_url
from .case_models import OPEN_STATES, Case


def tell_owners(*, at: datetime | None = None) -> int:
    """Queue a mail for everybody who has new or late cases; how many cases they tell of.

    One mail for each person and program. A case is told of to its owner, or to the program's
    own address while it is nobody's. Safe to run twice at once.
    """
    at = at or timezone.now()
    late = Case.objects.filter(due_at__lte=at)
    return _tell("told_at", "cases_new", Case.objects.all(), at) + _tell(
        "reminded_at", "cases_late", late, at
    )


def _tell(mark: str, kind: str, cases: QuerySet[Case], at: datetime) -> int:
    def mark_one(case: Case, at: datetime) -> int:
        return Case.objects.filter(pk=case.pk, **{mark: None}).update(**{mark: at})

    untold = cases.filter(**{mark: None}, state__in=OPEN_STATES, program__isnull=False)
    return remind(Reminder(kind, _line, mark_one), untold.order_by("due_at"), at=at)


def _line(case: Case) -> dict[str, Any]:
    """Nobody's name: erasing a person must not have to look into others' mail."""
    return {
        "text": gettext("Case %(number)s: %(why)s") % {"number": case.pk, "why": case.why},
        "day": case.due_at.isoformat(),
        "url": screen_url("cases", case.pk),
    }
