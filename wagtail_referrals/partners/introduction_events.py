"""Introductions as facts that rules are asked about."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from ..events.models import Event
from ..events.report import clean_report
from ..events.store import EventResult, find_event, follow_up, repeat, store_event
from ..referrals.join import join_program
from ..referrals.models import Advocate
from ..rewards.facts import Facts
from ..rewards.models import Reward
from ..rewards.take_back import end_reward
from .introduction_models import (
    Direction,
    Introduction,
    IntroductionEntryKind,
    IntroductionStage,
)
from .join import partner_of

RECEIVED, WON = "introduction.received", "introduction.won"


def advocate_of(introduction: Introduction) -> Advocate:
    """Who earns by it: the giver, or the partner whose contact the giver is.

    So it stays when the friend has come by somebody else's link meanwhile.
    """
    is_given = introduction.direction == Direction.GIVEN
    program, giver = introduction.program, introduction.giver
    partner = partner_of(program, giver) if is_given else introduction.partner
    return partner.advocate if partner else join_program(program, giver)


def record_introduction(
    introduction: Introduction,
    kind: str,
    *,
    advocate: Advocate,
    at: datetime,
    amount: Decimal | None = None,
) -> EventResult:
    """Store the event and ask the rules, in the transaction of what happened."""
    program = introduction.program
    report = clean_report(
        kind=kind,
        external_id=_id(introduction, kind),
        amount=amount,
        currency=program.currency if amount is not None else "",
        metadata={
            "grade": introduction.grade,
            "way": introduction.way,
            "direction": introduction.direction,
            "partner": introduction.partner_id,
        },
        occurred_at=at,
    )
    known = find_event(program, kind, report.source_key)
    if known:
        return repeat(known, report)
    referral = introduction.referral
    if referral and referral.advocate_id != advocate.pk:
        referral = None
    event = store_event(program, report, at=at, person=advocate.person, referral=referral)
    return follow_up(event, Facts(event, program, advocate, referral))


def take_back_win(introduction: Introduction, **why: Any) -> list[Reward]:
    """It was not won after all: what was granted for it ends; the rewards touched."""
    won = Event.objects.filter(
        program=introduction.program, kind=WON, external_id=_id(introduction, WON)
    )
    won.update(not_attributed="taken_back")
    rewards = Reward.objects.select_related("coupon", "person", "program").filter(event__in=won)
    return [reward for reward in rewards if end_reward(reward, **why)]


def _id(introduction: Introduction, kind: str) -> str:
    """The event's id: what is won again after it was taken back is another win."""
    if kind == RECEIVED:
        return f"introduction-{introduction.pk}"
    stages = introduction.entries.filter(kind=IntroductionEntryKind.STAGE)
    return f"introduction-{introduction.pk}-{stages.filter(value=IntroductionStage.WON).count()}"
