"""What a touchpoint would have sent in the last month. Only reads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import merge
from itertools import islice

from django.db.models import Max
from django.utils import timezone

from ..events.models import Event
from ..programs.models import Program
from .checks import Batch, reasons
from .models import Ask, AskState, Touchpoint
from .places import Places

DAYS, MOST, CHUNK = 30, 20_000, 500


@dataclass
class Simulation:
    """What would have become of it; ``whole`` is False when there was more than MOST to look at."""

    since: datetime
    events: int = 0
    asked: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    whole: bool = True

    def count(self, reason: str) -> None:
        """Add one event of the touchpoint: asked, or why not."""
        self.events += 1
        if reason:
            self.dropped[reason] += 1
        else:
            self.asked += 1


def simulate(
    touchpoint: Touchpoint, *, at: datetime | None = None, days: int = DAYS, most: int = MOST
) -> Simulation:
    """What this touchpoint, saved or not, would have asked within the last ``days``.

    All touchpoints in use take turns as they do in earnest, so that nobody is asked more often
    than the program allows. Blocks, complaints and refunds count as they are now.
    """
    at = at or timezone.now()
    result = Simulation(since=at - timedelta(days=days))
    turns = _Turns(touchpoint.program, result.since)
    places = Places()
    rows = islice(_asks(_all_of(touchpoint), result.since, at, most + 1), most + 1)
    looked_at = 0
    for chunk in _in_chunks(rows):
        chunk, result.whole = chunk[: most - looked_at], looked_at + len(chunk) <= most
        looked_at += len(chunk)
        turns.read(chunk)
        found = reasons(Batch(chunk, since=result.since, places=places)) if chunk else []
        for ask, reason in zip(chunk, found, strict=True):
            reason = reason or turns.take(ask)
            if ask.touchpoint is touchpoint:
                result.count(reason)
    return result


class _Turns:
    """When everybody was asked last, in earnest before that time, and in the simulation."""

    def __init__(self, program: Program, since: datetime) -> None:
        self._between = timedelta(days=program.days_between_asks)
        self._since = since
        self._last: dict[int, datetime | None] = {}
        self._same: dict[tuple[int, int], datetime] = {}

    def read(self, asks: list[Ask]) -> None:
        """Look up those who were not met before."""
        new = {ask.person_id for ask in asks if ask.person_id} - self._last.keys()
        if not new:
            return
        done = Ask.objects.filter(person__in=new, state=AskState.ASKED, settled_at__lt=self._since)
        last = dict(done.order_by().values_list("person_id").annotate(Max("settled_at")))
        self._last |= {person: last.get(person) for person in new}

    def take(self, ask: Ask) -> str:
        """Why it is not their turn; "" when it was and is taken now."""
        person, now = ask.person_id or 0, ask.due_at
        same = self._same.get((person, id(ask.touchpoint)))
        if same and same > now - timedelta(days=ask.touchpoint.every_days):
            return "asked_this"
        last = self._last.get(person)
        if last and last > now - self._between:
            return "asked_lately"
        self._last[person] = self._same[person, id(ask.touchpoint)] = now
        return ""


def _all_of(touchpoint: Touchpoint) -> list[Touchpoint]:
    """The touchpoints that ask, with this one as it would be."""
    touchpoint.is_active = True
    others = touchpoint.program.touchpoints.filter(is_active=True).exclude(pk=touchpoint.pk)
    others = others.select_related("page", "program")
    return [one for one in (touchpoint, *others) if one.asks_for and one.event_kind]


def _asks(
    touchpoints: list[Touchpoint], since: datetime, until: datetime, most: int
) -> Iterator[Ask]:
    """What would have come due, in the order of the time."""
    streams = [_asks_of(one, since, until, most) for one in touchpoints]
    return merge(*streams, key=lambda ask: ask.due_at)


def _asks_of(touchpoint: Touchpoint, since: datetime, until: datetime, most: int) -> Iterator[Ask]:
    delay = timedelta(hours=touchpoint.delay_hours)
    events = (
        Event.objects.filter(
            program=touchpoint.program_id,
            kind=touchpoint.event_kind,
            occurred_at__gte=since - delay,
            occurred_at__lt=until - delay,
            person__isnull=False,
        )
        .select_related("person__user")
        .order_by("occurred_at", "pk")[:most]
    )
    for event in events.iterator(chunk_size=CHUNK):
        yield Ask(
            touchpoint=touchpoint,
            program=touchpoint.program,
            person=event.person,
            event=event,
            asks_for=touchpoint.asks_for,
            due_at=event.occurred_at + delay,
        )


def _in_chunks(asks: Iterable[Ask]) -> Iterator[list[Ask]]:
    rows = iter(asks)
    while chunk := list(islice(rows, CHUNK)):
        yield chunk
