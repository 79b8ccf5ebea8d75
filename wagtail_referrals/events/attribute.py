"""For whose recommendation a fact counts."""

from __future__ import annotations

from datetime import datetime, timedelta

from ..coupons.codes import LINK_LENGTH, code_key
from ..coupons.models import Coupon
from ..exceptions import ClaimRefused
from ..lookups import Lookup
from ..people.identity import email_key
from ..people.models import Person
from ..people.register import find_or_add_person
from ..programs.models import Program
from ..referrals.models import Advocate, AdvocateState, Referral, Source
from ..referrals.refer import refer, refuse_self_referral, wait_for_turn
from .report import PURCHASE, Report

# A shop that reports a date without a time means some hour of it.
DATE_ONLY = timedelta(days=1)


_by_friend = Lookup(
    lambda: Referral.objects.order_by().select_related(
        "advocate__person", "friend", "advocate_offer"
    ),
    "friend__email_key",
    "program_id",
)


def friend_of(program: Program, report: Report) -> tuple[Person | None, Referral | None]:
    """Who a report is about, added when new, and who brought them here so far."""
    if not report.email:
        return None, None
    known = _by_friend.first(email_key(report.email), program.pk)
    if known is None:
        return find_or_add_person(report.email, at=report.occurred_at), None
    known.program = known.advocate.program = program
    return known.friend, known


def attribute(
    program: Program,
    report: Report,
    friend: Person,
    known: Referral | None,
    coupon: Coupon | None,
    at: datetime,
) -> tuple[Referral | None, str]:
    """The referral a fact counts for, or None and the code of the reason.

    A code that cannot count does not take away the recommendation there was before.
    """
    referral, reason = known, ""
    try:
        recommender = _recommender(program, report, known, coupon)
        if recommender:
            if known is None and friend.customer_since:
                refuse_self_referral(recommender, friend)
                raise ClaimRefused("already_customer")
            if known is None and report.kind == PURCHASE:
                wait_for_turn(recommender)
            referral = refer(recommender, friend, source=_source(report), at=at, known=known)
    except ClaimRefused as refusal:
        reason = refusal.code
    if referral is None:
        return None, reason
    began = (referral.clicked_at or referral.claimed_at) - DATE_ONLY
    return (referral, "") if began <= at < referral.counts_until else (None, "outside_window")


def _source(report: Report) -> Source:
    return Source.CODE if report.referral_code else Source.COUPON


def _recommender(
    program: Program, report: Report, known: Referral | None, coupon: Coupon | None
) -> Advocate | None:
    """Who recommended, by code or by the coupon that was handed on. Raises ClaimRefused."""
    if not report.referral_code and not report.coupon_code:
        return None
    found: dict[str, str | int | None] | None
    if report.referral_code:
        key = code_key(report.referral_code, LINK_LENGTH)
        if known and known.advocate.code_key == key and _is_active(known.advocate):
            return known.advocate
        found = {"code_key": key} if key else None
    else:
        found = {"person": coupon.given_by_id} if coupon else None
    if found is None:
        raise ClaimRefused("unknown")
    active = Advocate.objects.select_related("person").filter(state=AdvocateState.ACTIVE)
    advocate = active.filter(program=program, **found).first()
    if advocate:
        advocate.program = program
    elif report.referral_code:
        raise ClaimRefused("unknown")
    return advocate


def _is_active(advocate: Advocate) -> bool:
    return advocate.state == AdvocateState.ACTIVE


def coupon_used(program: Program, report: Report) -> Coupon | None:
    """The coupon that was used, when it is one of ours."""
    key = code_key(report.coupon_code) if report.coupon_code else ""
    return Coupon.objects.filter(code_key=key, program=program).first() if key else None
