"""Telling whoever an introduction is given to that its next step is due. Once for each day set."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext

from ..messages.to_staff import Reminder, remind, screen_url
from .introduction_models import OPEN_STAGES, Introduction

DUE_MAIL = "introductions_due"
UNTOLD = Q(reminded_on=None) | Q(reminded_on__lt=F("next_step_on"))


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
    untold = due_steps(at=at).filter(UNTOLD).order_by("next_step_on", "pk")
    return remind(Reminder(DUE_MAIL, _line, _mark), untold, at=at)


def _mark(introduction: Introduction, at: datetime) -> int:
    untold = Introduction.objects.filter(UNTOLD, pk=introduction.pk)
    return untold.update(reminded_on=timezone.localdate(at))


def _line(introduction: Introduction) -> dict[str, Any]:
    """Nobody's name: erasing a person must not have to look into others' mail."""
    assert introduction.next_step_on
    return {
        "text": gettext("Introduction %(number)s") % {"number": introduction.pk},
        "day": introduction.next_step_on.isoformat(),
        "url": screen_url("introductions", introduction.pk),
    }
