"""Why somebody was asked, or was not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext

from ..events.models import Event
from ..people.models import Person
from .models import Ask, AskState, Touchpoint
from .plan import OVERLAP, TOO_OLD
from .reasons import why_not

# The latest of each: what somebody asks about is seldom older.
MOST = 20


@dataclass(frozen=True)
class Explained:
    """One event that a touchpoint waits for, and what came of it. ``ask`` is None without one."""

    touchpoint: Touchpoint
    at: datetime
    words: str
    reason: str = ""
    ask: Ask | None = None

    @property
    def is_asked(self) -> bool:
        """Whether they were asked."""
        return bool(self.ask and self.ask.state == AskState.ASKED)


def explain(
    person: Person, asks: QuerySet[Ask], touchpoints: QuerySet[Touchpoint]
) -> list[Explained]:
    """What was and was not asked of somebody, the latest first.

    ``asks`` and ``touchpoints`` are those to tell of: an admin screen leaves out what its reader
    may not see.
    """
    rows = asks.filter(person=person).select_related("touchpoint", "event", "program")
    told = [_of_ask(ask) for ask in rows.order_by("-planned_at", "-pk")[:MOST]]
    told += _without_ask(person, touchpoints)
    return sorted(told, key=lambda one: one.at, reverse=True)[:MOST]


def describe(ask: Ask) -> str:
    """What became of an ask, in a sentence."""
    if ask.state == AskState.PLANNED:
        return gettext("Will be looked at on %(day)s.") % {"day": _day(ask.due_at)}
    if ask.state == AskState.DROPPED:
        return why_not(ask.reason)
    words = gettext("Asked for %(what)s on %(day)s.")
    day = _day(ask.settled_at or ask.due_at)
    return words % {"what": ask.get_asks_for_display(), "day": day}


def _of_ask(ask: Ask) -> Explained:
    return Explained(ask.touchpoint, ask.event.occurred_at, describe(ask), ask.reason, ask)


def _without_ask(person: Person, touchpoints: QuerySet[Touchpoint]) -> Iterator[Explained]:
    """Events that touchpoints wait for, of which nothing came."""
    waiting = touchpoints.exclude(asks_for="").exclude(event_kind="")
    by_kind: dict[tuple[int, str], list[Touchpoint]] = {}
    for touchpoint in waiting:
        by_kind.setdefault((touchpoint.program_id, touchpoint.event_kind), []).append(touchpoint)
    if not by_kind:
        return
    kinds = {kind for _program, kind in by_kind}
    found = Event.objects.filter(person=person, kind__in=kinds).order_by("-occurred_at", "-pk")
    events = list(found[:MOST])
    asks = Ask.objects.filter(event__in=[event.pk for event in events]).order_by()
    there = set(asks.values_list("event_id", "touchpoint_id"))
    for event in events:
        for touchpoint in by_kind.get((event.program_id, event.kind), ()):
            if (event.pk, touchpoint.pk) not in there:
                reason = _why_none(touchpoint, event)
                yield Explained(touchpoint, event.occurred_at, why_not(reason), reason)


def _why_none(touchpoint: Touchpoint, event: Event) -> str:
    if not touchpoint.is_active:
        return "touchpoint_off"
    due = event.occurred_at + timedelta(hours=touchpoint.delay_hours)
    if due < timezone.now() - TOO_OLD:
        return "too_old"
    looked_at = max(touchpoint.created_at, touchpoint.planned_until - OVERLAP)
    return "too_early" if event.recorded_at < looked_at else "not_planned"


def _day(at: datetime) -> str:
    return date_format(timezone.localtime(at), "DATE_FORMAT")
