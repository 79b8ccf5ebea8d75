"""Asking what is due: each reason not to is looked at, then one ask takes the person's turn."""

from __future__ import annotations

import logging
from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from ..feedback.guests import Guest
from ..feedback.invitations import invite
from ..late import tell_late
from ..people.models import Person
from ..transactions import retried
from .checks import FORMS, Batch, reasons
from .mails import queue_introduction_ask, queue_referral_ask
from .models import Ask, AskFor, AskState
from .places import Places

logger = logging.getLogger(__name__)

BATCH = 500
RELATED = ("touchpoint__page", "program__site", "person__user", "event")
MAILS = {
    AskFor.FEEDBACK: "feedback_ask",
    AskFor.REVIEW: "review_ask",
    AskFor.REFERRAL: "referral_ask",
    AskFor.INTRODUCTION: "introduction_ask",
}


def send_due_asks(*, at: datetime | None = None) -> int:
    """Ask whom it is time to ask, and note of the others why not; how many were asked.

    Safe in several workers: nobody is asked twice within their program's days between two asks,
    whatever it is for.
    """
    at = at or timezone.now()
    places = Places()
    asked = 0
    last: Ask | None = None
    while batch := _due(at, last):
        last = batch[-1]
        found = reasons(Batch(batch, at, places=places))
        _drop(batch, found, at)
        for ask, reason in zip(batch, found, strict=True):
            asked += not reason and _ask_safely(ask, places, at)
    return asked


def _due(at: datetime, last: Ask | None) -> list[Ask]:
    """The next of them. Not the last one's again: what fails is left to the next run."""
    due = Ask.objects.filter(state=AskState.PLANNED, due_at__lte=at).select_related(*RELATED)
    if last:
        due = due.filter(Q(due_at__gt=last.due_at) | Q(due_at=last.due_at, pk__gt=last.pk))
    return list(due.order_by("due_at", "pk")[:BATCH])


def _drop(batch: list[Ask], found: list[str], at: datetime) -> None:
    """Note why they are not asked."""
    by_reason: dict[str, list[int]] = defaultdict(list)
    for ask, reason in zip(batch, found, strict=True):
        if reason:
            by_reason[reason].append(ask.pk)
    for reason, keys in by_reason.items():
        still = Ask.objects.filter(pk__in=keys, state=AskState.PLANNED)
        still.update(state=AskState.DROPPED, reason=reason, settled_at=at)


def _ask_safely(ask: Ask, places: Places, at: datetime) -> bool:
    """Ask; an error keeps nobody else from being asked."""
    try:
        return ask_now(ask, places, at)
    except Exception:  # a page of the site's own, a template, the database
        logger.exception("Ask %s failed", ask.pk)
        return False


@retried
def ask_now(ask: Ask, places: Places, at: datetime) -> bool:
    """Ask one person, if it is their turn; False when another worker did, or it is not.

    The ask, the person's turn and the mail are written together, or none of them.
    """
    mine = Ask.objects.filter(pk=ask.pk, state=AskState.PLANNED)
    tell_late([at])
    if not mine.update(state=AskState.ASKED, settled_at=at):
        return False
    with transaction.atomic():
        reason = _send(ask, places, at) if take_turn(ask, at) else "asked_lately"
        # Whom nothing was sent to has had no turn.
        transaction.set_rollback(bool(reason))
    if reason:
        Ask.objects.filter(pk=ask.pk).update(state=AskState.DROPPED, reason=reason)
    return not reason


def take_turn(ask: Ask, at: datetime) -> bool:
    """Whether nothing was asked of them for as long as the program says; from now on it was."""
    days = timedelta(days=ask.program.days_between_asks)
    free = Q(asked_at=None) | Q(asked_at__lte=at - days)
    there = Person.objects.filter(free, pk=ask.person_id or 0, erased_at=None)
    return bool(there.update(asked_at=at))


def _send(ask: Ask, places: Places, at: datetime) -> str:
    """Queue its mail; why not, when there is nothing it could lead to."""
    page = places.page(ask.touchpoint, ask.person)
    if ask.asks_for in FORMS:
        return _invite(ask, page, at)
    send = queue_referral_ask if ask.asks_for == AskFor.REFERRAL else queue_introduction_ask
    return "" if send(ask, page, at) else "no_page"


def _invite(ask: Ask, page: Any, at: datetime) -> str:
    person = ask.person
    assert person is not None
    guest = Guest(person.email, str(person.email_key))
    kind = MAILS[AskFor(ask.asks_for)]
    made = invite(page, ask.program, [guest], kind=kind, send=True, at=at).made
    if not made:
        return "invited"
    Ask.objects.filter(pk=ask.pk).update(invitation=made[0])
    return ""
