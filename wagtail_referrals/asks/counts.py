"""How touchpoints went lately, for the map."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from ..events.models import Event
from ..partners.introduction_models import Introduction
from ..referrals.models import Referral
from .models import Ask, AskFor, AskState, Touchpoint


@dataclass
class Counts:
    """Asks that were settled: asked and, of those, answered; not asked."""

    asked: int = 0
    answered: int = 0
    dropped: int = 0


def counts_since(touchpoints: list[int], since: datetime) -> dict[int, Counts]:
    """By touchpoint: what became of the asks that came due since then. One query."""
    asks = Ask.objects.order_by().filter(touchpoint__in=touchpoints, settled_at__gte=since)
    rows = asks.values_list("touchpoint_id", "state").annotate(
        number=Count("pk"), answered=Count("pk", filter=_is_answered())
    )
    counts: dict[int, Counts] = defaultdict(Counts)
    for touchpoint, state, number, answered in rows:
        if state == AskState.ASKED:
            counts[touchpoint].asked, counts[touchpoint].answered = number, answered
        elif state == AskState.DROPPED:
            counts[touchpoint].dropped = number
    return counts


def _is_answered() -> Q:
    """Whether they did what they were asked for, after it."""
    brought = Referral.objects.filter(
        referrer=OuterRef("person"),
        program=OuterRef("program"),
        claimed_at__gte=OuterRef("settled_at"),
    )
    introduced = Introduction.objects.filter(
        giver=OuterRef("person"),
        program=OuterRef("program"),
        created_at__gte=OuterRef("settled_at"),
    )
    return (
        Q(invitation__answered_at__isnull=False)
        | (Q(asks_for=AskFor.REFERRAL) & Q(Exists(brought.order_by())))
        | (Q(asks_for=AskFor.INTRODUCTION) & Q(Exists(introduced.order_by())))
    )


def with_reports(touchpoints: QuerySet[Touchpoint]) -> QuerySet[Touchpoint]:
    """Each with ``is_reported``: whether an event of its kind has ever come."""
    events = Event.objects.filter(program=OuterRef("program"), kind=OuterRef("event_kind"))
    return touchpoints.annotate(is_reported=Exists(events.order_by()))
