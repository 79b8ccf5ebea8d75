"""How an introduction goes on: its stages, whose it is, what is next. Each change has a line."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from ..exceptions import Conflict, InvalidInput, ReferralsError
from ..programs.money import clean_amount, format_money
from ..referrals.models import Grade
from ..signals import introduction_moved
from ..text import clean_line, clean_reason, clean_text
from ..transactions import retried
from .introduction_events import WON, advocate_of, record_introduction, take_back_win
from .introduction_mails import tell_giver
from .introduction_models import (
    OPEN_STAGES,
    Introduction,
    IntroductionEntry,
    IntroductionEntryKind,
    IntroductionStage,
)
from .introductions import key_of

Kind = IntroductionEntryKind
RELATED = (
    "program__site",
    "program__friend_offer",
    "program__advocate_offer",
    "partner__advocate__person",
    "giver",
    "introduced",
    "referral__advocate__person",
    "referral__friend",
)


def needs_reason(introduction: Introduction, stage: str) -> bool:
    """Whether staff have to say why: what is lost, and what is opened again."""
    return stage == IntroductionStage.LOST or not introduction.is_open


@retried
def move(
    introduction: Introduction,
    stage: str,
    *,
    reason: str = "",
    amount: Decimal | str | None = None,
    user: Any = None,
    actor: str = "",
    at: datetime | None = None,
) -> Introduction:
    """Take an introduction from the stage it is seen in to another one; the giver is told.

    ``amount`` is what was won by it, in the program's currency. What was lost and what is opened
    again needs a reason. A win that is taken back ends what was granted for it. ``actor`` says
    who it was when it was none of the staff.
    Raises Conflict("edited_meanwhile"), InvalidInput: invalid_reason, invalid_amount;
    ReferralsError("not_possible") for a stage that is none, or the same, or when another one
    between the same people is open.
    """
    at = at or timezone.now()
    if stage not in IntroductionStage.values or stage == introduction.stage:
        raise ReferralsError("not_possible")
    reason = clean_reason(reason) if needs_reason(introduction, stage) else clean_line(reason, 500)
    won = clean_amount(amount) if amount not in (None, "") else None
    if won is not None and stage != IntroductionStage.WON:
        raise InvalidInput("invalid_amount")
    before = introduction.stage
    introduction = Introduction.objects.select_related(*RELATED).get(pk=introduction.pk)
    key = key_of(introduction) if stage in OPEN_STAGES else None
    others = Introduction.objects.filter(open_key=key).exclude(pk=introduction.pk)
    if key and others.exists():
        raise ReferralsError("not_possible")
    values: dict[str, Any] = {
        "stage": stage,
        "stage_since": at,
        "open_key": key,
        "amount": won,
        "currency": introduction.program.currency if won is not None else "",
        "lost_reason": reason if stage == IntroductionStage.LOST else "",
    }
    if not Introduction.objects.filter(pk=introduction.pk, stage=before).update(**values):
        raise Conflict("edited_meanwhile")
    for name, value in values.items():
        setattr(introduction, name, value)
    if before == IntroductionStage.WON:
        take_back_win(introduction, reason=reason, user=user, at=at)
    worth = format_money(won, values["currency"]) if won is not None else ""
    text = " · ".join(filter(None, [worth, reason]))
    _write(introduction, Kind.STAGE, text, value=stage, user=user, actor=actor, created_at=at)
    if stage == IntroductionStage.WON:
        advocate = advocate_of(introduction)
        record_introduction(introduction, WON, advocate=advocate, at=at, amount=won)
    tell_giver(introduction, at)
    transaction.on_commit(
        lambda: introduction_moved.send(Introduction, introduction=introduction, from_stage=before),
        robust=True,
    )
    return introduction


@retried
def change_introduction(
    introduction: Introduction,
    *,
    owner: Any,
    next_step: str,
    next_step_on: date | None,
    grade: str,
    user: Any = None,
) -> Introduction:
    """Say whose it is, what is next and when, and how good it is.

    Raises Conflict("edited_meanwhile") when it is no longer as ``introduction`` has it,
    InvalidInput("invalid_grade").
    """
    if grade not in Grade.values:
        raise InvalidInput("invalid_grade")
    new: dict[str, Any] = {
        "owner_id": owner.pk if owner else None,
        "next_step": clean_line(next_step, 200),
        "next_step_on": next_step_on,
        "grade": grade,
    }
    seen = {name: getattr(introduction, name) for name in new}
    if new == seen:
        return introduction
    rows = Introduction.objects.filter(pk=introduction.pk, **seen)
    # Another day is another reminder.
    again = {"reminded_on": None} if new["next_step_on"] != seen["next_step_on"] else {}
    if not rows.update(**new, **again):
        raise Conflict("edited_meanwhile")
    if new["owner_id"] != seen["owner_id"]:
        _write(introduction, Kind.OWNER, str(owner or "–"), user=user)
    if (new["next_step"], next_step_on) != (seen["next_step"], seen["next_step_on"]):
        words = " · ".join(filter(None, [str(next_step_on or ""), new["next_step"]]))
        _write(introduction, Kind.NEXT, words or "–", user=user)
    if grade != seen["grade"]:
        _write(introduction, Kind.GRADE, grade, value=grade, user=user)
    introduction.refresh_from_db()
    return introduction


@retried
def note_introduction(introduction: Introduction, text: str, *, user: Any = None) -> None:
    """Add a note to the history. Raises InvalidInput("invalid_text")."""
    _write(introduction, Kind.NOTE, clean_text(text, 2000), user=user)


def _write(introduction: Introduction, kind: str, text: str, **values: Any) -> None:
    IntroductionEntry.objects.create(introduction=introduction, kind=kind, text=text, **values)
