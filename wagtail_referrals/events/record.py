"""The one door for facts."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from ..coupons.codes import LINK_LENGTH, code_key
from ..coupons.models import Coupon
from ..coupons.redeem import clean_order_id
from ..exceptions import ClaimRefused, Conflict, InvalidInput, ReferralsError
from ..people.identity import email_key
from ..people.models import Person
from ..people.register import became_customer, find_or_add_person, no_customer_any_more
from ..programs.models import Program
from ..programs.money import clean_amount, clean_currency, sum_in_database
from ..referrals.models import Advocate, AdvocateState, Referral, Source
from ..referrals.refer import convert, refer, refuse_self_referral, unconvert
from ..rewards.engine import Facts, Outcome, decide
from ..rewards.models import Decision, Reward
from ..rewards.take_back import take_back_for_refund
from ..signals import event_recorded
from ..transactions import retried
from .models import Event

PURCHASE, REFUND = "purchase", "refund"
MONEY_KINDS = (PURCHASE, REFUND)
# Facts of the inside, which have verbs of their own.
OWN_KINDS = ("feedback.submitted", "referral.claimed")
# A shop that reports a date without a time means some hour of it.
DATE_ONLY = timedelta(days=1)
_SLUG = re.compile(r"[-a-zA-Z0-9_]{1,60}")
_KIND = re.compile(r"[a-z0-9_.]{1,50}")


@dataclass(frozen=True)
class EventResult:
    """What was recorded and what came of it. ``created`` is False for a repeat."""

    event: Event
    created: bool
    decisions: list[Decision] = field(default_factory=list)
    rewards: list[Reward] = field(default_factory=list)


@dataclass(frozen=True)
class Report:
    """A fact as it was reported, cleaned."""

    kind: str
    external_id: str
    email: str = ""
    amount: Decimal | None = None
    currency: str = ""
    coupon_code: str = ""
    referral_code: str = ""
    refund_of: str = ""
    occurred_at: datetime | None = None
    metadata: dict[str, Any] = field(default_factory=dict)

    @property
    def source_key(self) -> str:
        return hashlib.sha256(self.external_id.encode()).hexdigest()

    @property
    def fingerprint(self) -> str:
        """Equal for two reports that say the same. Details may differ between deliveries."""
        said = [
            email_key(self.email) if self.email else "",
            str(self.amount) if self.amount is not None else "",
            self.currency,
            code_key(self.coupon_code),
            code_key(self.referral_code, LINK_LENGTH),
            self.refund_of,
        ]
        return hashlib.sha256("\n".join(said).encode()).hexdigest()


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
    ``currency``; ``coupon_code`` or ``referral_code`` say who recommended. Refunds need
    ``amount``, ``currency`` and ``refund_of``, the ``external_id`` of the purchase.

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


def clean_report(**values: Any) -> Report:
    """A Report of what was said. Raises InvalidInput with the reason."""
    kind = str(values["kind"] or "")
    if not _KIND.fullmatch(kind):
        raise InvalidInput("invalid_kind")
    money = values.get("amount") is not None or kind in MONEY_KINDS
    email = str(values.get("email") or "").strip()
    if email or kind == PURCHASE:
        email_key(email)
    refund_of = values.get("refund_of")
    return Report(
        kind=kind,
        external_id=clean_order_id(values["external_id"]),
        email=email,
        amount=clean_amount(values.get("amount")) if money else None,
        currency=clean_currency(values.get("currency")) if money else "",
        coupon_code=str(values.get("coupon_code") or "")[:200],
        referral_code=str(values.get("referral_code") or "")[:200],
        refund_of=clean_order_id(refund_of) if refund_of or kind == REFUND else "",
        occurred_at=clean_time(values.get("occurred_at")),
        metadata=clean_metadata(values.get("metadata")),
    )


def clean_time(value: datetime | None) -> datetime | None:
    if value is None:
        return None
    if not isinstance(value, datetime):
        raise InvalidInput("invalid_time")
    aware = timezone.make_aware(value) if timezone.is_naive(value) else value
    # Two machines' clocks differ; a day is more than that.
    if not datetime(1990, 1, 1, tzinfo=aware.tzinfo) <= aware <= timezone.now() + timedelta(days=1):
        raise InvalidInput("invalid_time")
    return aware


def _depth(value: Any) -> int:
    children = value.values() if isinstance(value, dict) else value
    if not isinstance(value, dict | list | tuple):
        return 0
    return 1 + max(map(_depth, children), default=0)


def clean_metadata(value: dict[str, Any] | None) -> dict[str, Any]:
    if not value:
        return {}
    try:
        text = json.dumps(value, cls=DjangoJSONEncoder, allow_nan=False)
        json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False).encode()
    except (TypeError, ValueError, RecursionError):
        raise InvalidInput("invalid_metadata") from None
    too_deep = _depth(value) > 20
    if not isinstance(value, dict) or len(text) > 20_000 or "\\u0000" in text or too_deep:
        raise InvalidInput("invalid_metadata")
    return dict(json.loads(text))


@retried
def _record(program: Program, report: Report) -> EventResult:
    known = find_event(program, report.kind, report.source_key)
    if known:
        return repeat(known, report)
    if report.kind == REFUND:
        return _record_refund(program, report)
    person = find_or_add_person(report.email, at=report.occurred_at) if report.email else None
    return _record_fact(program, report, person)


def find_event(program: Program, kind: str, source_key: str) -> Event | None:
    """The event with that id, by its digest."""
    events = Event.objects.select_related("person", "referral")
    return events.filter(program=program, kind=kind, source_key=source_key).first()


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
    return Event.objects.create(
        program=program,
        kind=report.kind,
        external_id=report.external_id,
        source_key=report.source_key,
        fingerprint=report.fingerprint,
        amount=report.amount,
        currency=report.currency,
        metadata=report.metadata,
        occurred_at=report.occurred_at or now,
        recorded_at=now,
        **found,
    )


def follow_up(event: Event, facts: Facts) -> EventResult:
    """Ask the rules about a new event and announce it after the commit."""
    outcome: Outcome = decide(facts)

    def announce() -> None:
        event_recorded.send(
            Event, event=event, decisions=outcome.decisions, rewards=outcome.rewards
        )

    transaction.on_commit(announce, robust=True)
    return EventResult(event, True, outcome.decisions, outcome.rewards)


def _record_fact(program: Program, report: Report, person: Person | None) -> EventResult:
    at = report.occurred_at or timezone.now()
    referral, not_attributed = _attribute(program, report, person, at) if person else (None, "")
    event = store_event(
        program, report, person=person, referral=referral, not_attributed=not_attributed
    )
    is_first = False
    if report.kind == PURCHASE and person:
        # The first purchase of a friend is the one that converts: the UPDATE says so, once.
        is_first = person.customer_since is None and bool(referral and convert(referral, at))
        became_customer(person, at)
    advocate = referral.advocate if referral else None
    return follow_up(event, Facts(event, program, advocate, referral, is_first))


def _attribute(
    program: Program, report: Report, friend: Person, at: datetime
) -> tuple[Referral | None, str]:
    """The referral a fact counts for, or None and the code of the reason.

    A code that cannot count does not take away the recommendation there was before.
    """
    related = Referral.objects.select_related("advocate__person", "referrer", "friend")
    referral = related.filter(program=program, friend=friend).first()
    reason = ""
    try:
        recommender = _recommender(program, report)
        if recommender:
            refuse_self_referral(recommender, friend)
            if referral is None and friend.customer_since:
                raise ClaimRefused("already_customer")
            referral = refer(recommender, friend, source=_source(report), at=at)
    except ClaimRefused as refusal:
        reason = refusal.code
    if referral is None:
        return None, reason
    began = (referral.clicked_at or referral.claimed_at) - DATE_ONLY
    return (referral, "") if began <= at < referral.counts_until else (None, "outside_window")


def _source(report: Report) -> Source:
    return Source.CODE if report.referral_code else Source.COUPON


def _recommender(program: Program, report: Report) -> Advocate | None:
    """Who recommended, by code or by the coupon that was handed on. Raises ClaimRefused."""
    advocates = Advocate.objects.select_related("person").filter(
        program=program, state=AdvocateState.ACTIVE
    )
    if report.referral_code:
        key = code_key(report.referral_code, LINK_LENGTH)
        advocate = advocates.filter(code_key=key).first() if key else None
        if advocate is None:
            raise ClaimRefused("unknown")
    else:
        if not report.coupon_code:
            return None
        key = code_key(report.coupon_code)
        coupon = Coupon.objects.filter(code_key=key, program=program).first() if key else None
        if coupon is None:
            raise ClaimRefused("unknown")
        advocate = advocates.filter(person=coupon.given_by_id).first()
    if advocate:
        advocate.program = program
    return advocate


def _forget_purchase(purchase: Event, person: Person) -> None:
    """A purchase that was sent back whole made nobody a customer, and converted nobody."""
    sent_back = Q(amount__gt=0, refunded=F("amount"))
    kept = Event.objects.filter(person=person, kind=PURCHASE).exclude(sent_back)
    if kept.exists():
        return
    no_customer_any_more(person)
    if purchase.referral:
        unconvert(purchase.referral)


def _record_refund(program: Program, report: Report) -> EventResult:
    key = hashlib.sha256(report.refund_of.encode()).hexdigest()
    assert report.amount is not None
    purchases = Event.objects.filter(program=program, kind=PURCHASE, source_key=key)
    room = purchases.annotate(after=sum_in_database(F("refunded"), report.amount))
    taken = room.filter(currency=report.currency, after__lte=F("amount")).update(
        refunded=sum_in_database(F("refunded"), report.amount)
    )
    purchase = purchases.select_related("person", "referral").first()
    if purchase is None:
        raise Conflict("unknown_purchase")
    if not taken:
        # The same refund, reported at the same moment, may have been what took the rest.
        known = find_event(program, REFUND, report.source_key)
        if known:
            return repeat(known, report)
        wrong = purchase.currency != report.currency
        raise Conflict("wrong_currency" if wrong else "refund_exceeds_order")
    event = store_event(
        program, report, person=purchase.person, referral=purchase.referral, refund_of=purchase
    )
    rewards = take_back_for_refund(purchase, event, purchase.refunded)
    if purchase.person and purchase.refunded == purchase.amount:
        _forget_purchase(purchase, purchase.person)
    transaction.on_commit(
        lambda: event_recorded.send(Event, event=event, decisions=[], rewards=rewards),
        robust=True,
    )
    return EventResult(event, True, [], rewards)
