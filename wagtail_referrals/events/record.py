"""The one door for facts."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

from ..exceptions import InvalidInput, ReferralsError
from ..people.models import Person
from ..people.register import became_customer
from ..programs.models import Program
from ..referrals.models import Referral
from ..referrals.refer import convert, count_purchase
from ..rewards.facts import Facts
from ..transactions import retried
from .attribute import attribute, coupon_used, friend_of
from .refunds import record_change
from .report import OF_PURCHASE, OWN_KINDS, PURCHASE, Report, clean_report
from .store import EventResult, find_event, follow_up, repeat, store_event

_SLUG = re.compile(r"[-a-zA-Z0-9_]{1,60}")


def record_event(
    program: str | Program,
    kind: str,
    *,
    external_id: str,
    email: str = "",
    amount: Decimal | int | str | None = None,
    currency: str = "",
    coupon_code: str = "",
    referral_code: str = "",
    refund_of: str = "",
    occurred_at: datetime | None = None,
    metadata: dict[str, Any] | None = None,
) -> EventResult:
    """Record a fact and do what follows from it, in one transaction.

    ``kind`` is "purchase", "refund" or one of your own. Purchases need ``email``, ``amount`` and
    ``currency``; ``coupon_code`` or ``referral_code`` say who recommended. A "refund" and a
    "chargeback" need ``amount``, ``currency`` and ``refund_of``, the ``external_id`` of the
    purchase; "order.changed" needs the same, with the order's new total as ``amount``. The
    lines of an order that rules ask for are ``metadata["items"]``: dicts of sku and category.

    The same id again returns the first result with ``created=False``; the same id with another
    amount, person or code raises Conflict("conflict"). An unknown code never loses a purchase:
    it is recorded, and ``event.not_attributed`` says why it counts for nobody.
    Raises InvalidInput for a value no call could accept, ReferralsError("unknown_program"),
    Conflict("unknown_purchase") or Conflict("refund_exceeds_order").
    """
    report = clean_report(
        kind=kind,
        external_id=external_id,
        email=email,
        amount=amount,
        currency=currency,
        coupon_code=coupon_code,
        referral_code=referral_code,
        refund_of=refund_of,
        occurred_at=occurred_at,
        metadata=metadata,
    )
    if report.kind in OWN_KINDS:
        raise InvalidInput("invalid_kind")
    return _record(find_program(program), report)


def find_program(program: str | Program) -> Program:
    """A program by its slug, with what the verbs need of it. Raises ReferralsError."""
    if isinstance(program, Program):
        return program
    related = Program.objects.select_related("site", "friend_offer", "advocate_offer")
    # As it is written: MariaDB would take "FRIENDS" for "friends".
    slug = str(program)
    found = related.filter(slug=slug).first() if _SLUG.fullmatch(slug) else None
    if found is None or found.slug != slug:
        raise ReferralsError("unknown_program")
    return found


@retried
def _record(program: Program, report: Report) -> EventResult:
    known = find_event(program, report.kind, report.source_key)
    if known:
        return repeat(known, report)
    if report.kind in OF_PURCHASE:
        return record_change(program, report)
    return _record_fact(program, report)


def _record_fact(program: Program, report: Report) -> EventResult:
    at = report.occurred_at or timezone.now()
    # One time for the event, the person and the referral: a first purchase is known by it.
    report = replace(report, occurred_at=at)
    person, referral = friend_of(program, report)
    coupon = coupon_used(program, report)
    not_attributed = ""
    if person:
        referral, not_attributed = attribute(program, report, person, referral, coupon, at)
    noted: dict[str, Any] = {}
    if report.kind == PURCHASE and person:
        noted = _note_purchase(program, report, person, referral, at)
    event = store_event(
        program,
        report,
        # The very moment since which they are a customer.
        at=None if report.occurred_at else at,
        person=person,
        referral=referral,
        not_attributed=not_attributed,
        coupon=coupon,
        **noted,
    )
    advocate = referral.advocate if referral else None
    return follow_up(event, Facts(event, program, advocate, referral))


def _note_purchase(
    program: Program, report: Report, person: Person, referral: Referral | None, at: datetime
) -> dict[str, Any]:
    """Note a purchase on the person, the referral and the advocate; what was so at that time."""
    # The first purchase of a friend is the one that converts: the UPDATE says so, once.
    is_first = person.customer_since is None and bool(referral and convert(referral, at))
    became_customer(person, at)
    if referral is None:
        return {}
    assert report.amount is not None
    value = report.amount if report.currency == program.currency else Decimal("0.00")
    count_purchase(referral.advocate, friends=int(is_first), value=value)
    return {
        "is_first_purchase": is_first,
        "friends_converted": referral.advocate.friends_converted,
        "friends_value": referral.advocate.friends_value,
    }
