"""Writing an event, and asking the rules about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_UP
from typing import Any

from django.db import transaction
from django.utils import timezone

from ..bulk import insert
from ..exceptions import Conflict
from ..late import tell_late
from ..lookups import Lookup
from ..programs.models import Program
from ..programs.money import CENT, as_money
from ..rewards.engine import Outcome, decide
from ..rewards.facts import Facts
from ..rewards.models import Decision, Reward
from ..signals import event_recorded
from .models import Event
from .report import PURCHASE, Report


@dataclass(frozen=True)
class EventResult:
    """What was recorded and what came of it. ``created`` is False for a repeat."""

    event: Event
    created: bool
    decisions: list[Decision] = field(default_factory=list)
    rewards: list[Reward] = field(default_factory=list)


_by_source = Lookup(
    lambda: Event.objects.order_by().select_related("person", "referral"),
    "kind",
    "program_id",
    "source_key",
)


def find_event(program: Program, kind: str, source_key: str) -> Event | None:
    """The event with that id, by its digest."""
    return _by_source.first(kind, program.pk, source_key)


def repeat(event: Event, report: Report) -> EventResult:
    """The first result of a fact told again. Raises Conflict when it says something else."""
    if event.fingerprint != report.fingerprint:
        raise Conflict("conflict")
    return EventResult(event, False, list(event.decisions.all()), list(event.rewards.all()))


def store_event(
    program: Program, report: Report, *, at: datetime | None = None, **found: Any
) -> Event:
    """Write the event; ``found`` are its person, referral, refund_of, not_attributed."""
    now = at or timezone.now()
    own = as_money(report.metadata.get("margin")) if report.kind == PURCHASE else None
    event = Event(
        program=program,
        kind=report.kind,
        external_id=report.external_id,
        source_key=report.source_key,
        fingerprint=report.fingerprint,
        amount=report.amount,
        currency=report.currency,
        own_margin=None if own is None else own.quantize(CENT, rounding=ROUND_HALF_UP),
        metadata=report.metadata,
        occurred_at=report.occurred_at or now,
        recorded_at=now,
        **found,
    )
    insert([event])
    tell_late([event.occurred_at])
    return event


def follow_up(event: Event, facts: Facts) -> EventResult:
    """Ask the rules about a new event and announce it after the commit."""
    outcome: Outcome = decide(facts)

    def announce() -> None:
        event_recorded.send(
            Event, event=event, decisions=outcome.decisions, rewards=outcome.rewards
        )

    transaction.on_commit(announce, robust=True)
    return EventResult(event, True, outcome.decisions, outcome.rewards)
