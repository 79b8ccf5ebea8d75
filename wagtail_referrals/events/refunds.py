"""Refunds, chargebacks and orders that are of another total now."""

from __future__ import annotations

import hashlib
from decimal import Decimal

from django.db import transaction
from django.db.models import F, Q

from ..exceptions import Conflict
from ..late import tell_late
from ..people.models import Person
from ..people.register import no_customer_any_more
from ..programs.models import Program
from ..referrals.refer import count_purchase, unconvert
from ..rewards.take_back import take_back_for_refund
from ..signals import event_recorded
from .models import Event
from .report import ORDER_CHANGED, PURCHASE, Report
from .store import EventResult, find_event, repeat, store_event


def record_change(program: Program, report: Report) -> EventResult:
    """A refund, a chargeback, or an order that is of another total now."""
    key = hashlib.sha256(report.refund_of.encode()).hexdigest()
    purchases = Event.objects.filter(program=program, kind=PURCHASE, source_key=key)
    # Writes nothing new, but makes every other change of this purchase wait.
    purchases.update(refunded=F("refunded"))
    purchase = purchases.select_related("person", "referral__advocate__person").first()
    if purchase is None:
        raise Conflict("unknown_purchase")
    # The same change, reported at the same moment, may have been the one we waited for.
    known = find_event(program, report.kind, report.source_key)
    if known:
        return repeat(known, report)
    sent_back = _sent_back(purchase, report) - purchase.refunded
    purchase.refunded += sent_back
    purchases.update(refunded=purchase.refunded)
    tell_late([purchase.occurred_at])
    event = store_event(
        program, report, person=purchase.person, referral=purchase.referral, refund_of=purchase
    )
    _uncount(purchase, sent_back)
    rewards = take_back_for_refund(purchase, event, purchase.refunded)
    transaction.on_commit(
        lambda: event_recorded.send(Event, event=event, decisions=[], rewards=rewards),
        robust=True,
    )
    return EventResult(event, True, [], rewards)


def _sent_back(purchase: Event, report: Report) -> Decimal:
    """How much of the purchase has been sent back in all, this report included."""
    assert purchase.amount is not None and report.amount is not None
    if purchase.currency != report.currency:
        raise Conflict("wrong_currency")
    if report.kind == ORDER_CHANGED:
        # A higher total than at first earns no more: the reward is of what was granted.
        return max(purchase.refunded, purchase.amount - report.amount)
    if purchase.refunded + report.amount > purchase.amount:
        raise Conflict("refund_exceeds_order")
    return purchase.refunded + report.amount


def _uncount(purchase: Event, sent_back: Decimal) -> None:
    """Take what was sent back off the advocate's counts, and the friend who bought, if all was."""
    friends = 0
    if purchase.person and purchase.refunded == purchase.amount:
        friends = -int(_forget_purchase(purchase, purchase.person))
    if purchase.referral is None:
        return
    value = sent_back if purchase.currency == purchase.program.currency else Decimal("0.00")
    if friends or value:
        count_purchase(purchase.referral.advocate, friends=friends, value=-value)


def _forget_purchase(purchase: Event, person: Person) -> bool:
    """A purchase that was sent back whole made nobody a customer; True if they had converted."""
    sent_back = Q(amount__gt=0, refunded=F("amount"))
    kept = Event.objects.filter(person=person, kind=PURCHASE).exclude(sent_back)
    if not kept.exists():
        no_customer_any_more(person)
    if purchase.referral is None or kept.filter(program=purchase.program_id).exists():
        return False
    return unconvert(purchase.referral)
