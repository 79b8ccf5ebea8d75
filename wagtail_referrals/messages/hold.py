"""Holding messages while they are delivered: nobody else sends what one worker holds."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from django.db import OperationalError, connection
from django.db.models import F, Q, QuerySet

from ..conf import setting
from ..transactions import retried, worth_another_run
from .models import Message, MessageState

# How many are held at once: few enough that the others have work, too.
BATCH = 100
DIED = "worker_died"
FREE = {"held_by": "", "leased_until": None}

Clock = Callable[[], datetime]


class Hold:
    """Some messages that one worker holds, in the order they are sent in."""

    def __init__(self, token: str, messages: list[Message], clock: Clock) -> None:
        self.token, self.messages, self._clock = token, messages, clock
        self._pks = {message.pk for message in messages}
        self._since = monotonic()

    def take_up(self, message: Message) -> bool:
        """Whether it is ours (still) and may be sent now; the lease is renewed in time."""
        if monotonic() - self._since > lease().total_seconds() / 2:
            self._since = monotonic()
            rows = self._rows(self._pks)
            _update(rows, {"leased_until": self._clock() + lease()})
            self._pks = set(rows.values_list("pk", flat=True))
        if message.pk not in self._pks:
            return False
        # From now on only what became of it is noted: perhaps it went out.
        self._pks.discard(message.pk)
        return True

    def settle(self, messages: Iterable[Message], **values: Any) -> int:
        """Note what became of some and let them go; how many were still ours."""
        pks = {message.pk for message in messages}
        self._pks -= pks
        return _update(self._rows(pks), {**FREE, **values}) if pks else 0

    def settle_rest(self, **values: Any) -> None:
        """Let go what was not sent, as it was before."""
        rest = [message for message in self.messages if message.pk in self._pks]
        self.settle(rest, state=MessageState.QUEUED, **values)

    def _rows(self, pks: Iterable[int]) -> QuerySet[Message]:
        return Message.objects.filter(
            pk__in=list(pks), held_by=self.token, state=MessageState.SENDING
        )


def _update(rows: QuerySet[Message], values: dict[str, Any]) -> int:
    """Whatever gets in between: a mail that went out must not stay to be sent again."""
    try:
        return rows.update(**values)
    except OperationalError as error:
        if not worth_another_run(error, outermost=not connection.in_atomic_block):
            raise
    return _update_again(rows, values)


@retried
def _update_again(rows: QuerySet[Message], values: dict[str, Any]) -> int:
    return rows.update(**values)


def lease() -> timedelta:
    """How long a worker may hold messages without a word."""
    return timedelta(seconds=setting("OUTBOX_LEASE_SECONDS"))


def claim(most: int, clock: Clock) -> Hold | None:
    """Hold some of what is due, the oldest first; None when nothing is left.

    One conditional UPDATE says whose they are: of two workers that saw the same ones, one.
    """
    due = Message.objects.filter(state=MessageState.QUEUED)
    while True:
        now = clock()
        ripe = due.filter(due_at__lte=now)
        # MariaDB takes no LIMIT inside of IN.
        pks = list(ripe.order_by("due_at").values_list("pk", flat=True)[: min(most, BATCH)])
        if not pks:
            return None
        token = secrets.token_hex(16)
        values = {"state": MessageState.SENDING, "held_by": token, "leased_until": now + lease()}
        if _update(ripe.filter(pk__in=pks), values):
            held = Message.objects.filter(pk__in=pks, held_by=token)
            related = held.select_related("person", "program__site")
            return Hold(token, list(related.order_by("pk")), clock)


def free_abandoned(clock: Clock) -> None:
    """What workers held that died goes back. The one that was in flight has had an attempt.

    A message that ends its workers each time is given up after OUTBOX_ATTEMPTS.
    """
    now = clock()
    held = Message.objects.filter(state=MessageState.SENDING)
    # The clock was set back: whoever holds them has one more lease, from now on.
    held.filter(leased_until__gt=now + lease()).update(leased_until=now + lease())
    over = held.filter(Q(leased_until__lte=now) | Q(leased_until=None)).order_by()
    for token in list(over.values_list("held_by", flat=True).distinct()):
        _free_group(over, token, clock)


@retried
def _free_group(over: QuerySet[Message], token: str, clock: Clock) -> None:
    ours = secrets.token_hex(16)
    # Of two that clean up, one has it.
    if not over.filter(held_by=token).update(held_by=ours, leased_until=clock() + lease()):
        return
    group = Message.objects.filter(state=MessageState.SENDING, held_by=ours)
    # They are sent in this order, so the first that is left was the one in flight.
    in_flight = group.filter(pk__in=[row.pk for row in group.order_by("pk").only("pk")[:1]])
    in_flight.update(attempts=F("attempts") + 1)
    too_often = in_flight.filter(attempts__gte=setting("OUTBOX_ATTEMPTS"))
    too_often.update(state=MessageState.FAILED, last_error=DIED, **FREE)
    group.update(state=MessageState.QUEUED, **FREE)
