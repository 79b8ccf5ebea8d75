"""Staff note how far a recommendation has come."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone

from ..exceptions import InvalidInput, ReferralsError
from ..people.log import GRADED, note
from ..referrals.models import Grade, Referral
from ..referrals.refer import set_grade
from ..rewards.facts import Facts
from ..text import clean_reason
from ..transactions import retried
from .report import clean_report
from .store import EventResult, find_event, follow_up, repeat, store_event

KIND = "referral.graded"


@retried
def grade_referral(
    referral: Referral, grade: str, *, reason: str, user: Any = None, at: datetime | None = None
) -> EventResult:
    """Raise a referral's grade, record it as an event, and ask the rules that wait for it.

    Raises InvalidInput: invalid_grade, invalid_reason; ReferralsError("not_possible") for a grade
    that is not better than the one it has.
    """
    reason = clean_reason(reason)
    if grade not in Grade.values:
        raise InvalidInput("invalid_grade")
    at = at or timezone.now()
    if not set_grade(referral, grade, at):
        raise ReferralsError("not_possible")
    related = (
        *("program__site", "program__friend_offer", "program__advocate_offer"),
        "advocate_offer",
    )
    referral = Referral.objects.select_related("advocate__person", "friend", *related).get(
        pk=referral.pk
    )
    report = clean_report(
        kind=KIND,
        external_id=f"referral-{referral.pk}-{grade}",
        metadata={"grade": grade},
        occurred_at=at,
    )
    note(referral, GRADED, reason=reason, user=user, grade=grade)
    known = find_event(referral.program, KIND, report.source_key)
    if known:
        # It had this grade before an order was sent back: what it earned, it earned then.
        return repeat(known, report)
    event = store_event(referral.program, report, at=at, person=referral.friend, referral=referral)
    return follow_up(event, Facts(event, referral.program, referral.advocate, referral))
