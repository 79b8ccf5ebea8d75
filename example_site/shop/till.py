"""What the till does. Everything it knows of referrals are the four calls of the API."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.formats import date_format

from example_site.shop.models import CURRENCY, ZERO, Order, Refund
from wagtail_referrals.api import EventResult, record_event, redeem_coupon, roll_back_redemption
from wagtail_referrals.exceptions import MESSAGES, ReferralsError

PROGRAM = "friends"


class AlreadyDone(Exception):
    """The order changed since the form was shown."""


class UnknownFriendCode(ReferralsError):
    """The friend's code has a typing error: better mended before the money is taken."""


def items_of(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What a coupon on certain products asks of a bill."""
    return [{"sku": line.get("sku", ""), "amount": line["price"]} for line in lines]


@transaction.atomic
def pay(
    *,
    ticket: UUID,
    email: str,
    lines: list[dict[str, Any]],
    goods: Decimal,
    coupon_code: str = "",
    friend_code: str = "",
    client: str = "",
    at: datetime | None = None,
) -> Order:
    """Store the order, use up its coupon and report the purchase: all of it or nothing."""
    order, created = Order.objects.get_or_create(
        ticket=ticket,
        defaults={
            "email": email,
            "lines": lines,
            "goods": goods,
            "paid": goods,
            "coupon_code": coupon_code,
            "friend_code": friend_code,
            "placed_at": at or timezone.now(),
        },
    )
    if not created:
        return order
    if coupon_code:
        redemption = redeem_coupon(
            coupon_code,
            order_id=order.number,
            email=email,
            order_total=goods,
            currency=CURRENCY,
            items=items_of(lines),
            client=client,
            at=at,
        )
        order.discount = redemption.discount
        order.paid = goods - order.discount
    result = record_event(
        PROGRAM,
        "purchase",
        external_id=order.purchase_id,
        email=email,
        amount=order.paid,
        currency=CURRENCY,
        coupon_code=coupon_code,
        referral_code=friend_code,
        occurred_at=at,
        metadata={"items": len(lines)},
    )
    if friend_code and result.event.not_attributed == "unknown":
        raise UnknownFriendCode("unknown")
    order.notes = _notes(result)
    order.save(update_fields=["discount", "paid", "notes"])
    return order


@transaction.atomic
def refund(order: Order, amount: Decimal, *, seen: Decimal, at: datetime | None = None) -> None:
    """Give money back, once, however often the button is pressed."""
    changed = Order.objects.filter(
        pk=order.pk, refunded=seen, cancelled_at=None, paid__gte=F("refunded") + amount
    ).update(refunded=F("refunded") + amount)
    if not changed:
        raise AlreadyDone
    _report_refund(order, amount, seen, at)


@transaction.atomic
def cancel(order: Order, *, at: datetime | None = None) -> None:
    """Give all the money back, and the coupon to use another time."""
    seen, left = order.refunded, order.left
    changed = Order.objects.filter(pk=order.pk, cancelled_at=None, refunded=seen).update(
        cancelled_at=at or timezone.now(), refunded=F("paid")
    )
    if not changed:
        raise AlreadyDone
    if left > ZERO:
        _report_refund(order, left, seen, at)
    if order.coupon_code:
        roll_back_redemption(
            order.coupon_code, order_id=order.number, reason="Order cancelled", at=at
        )
    order.refresh_from_db()


def _report_refund(order: Order, amount: Decimal, seen: Decimal, at: datetime | None) -> None:
    Refund.objects.create(order=order, amount=amount, refunded_at=at or timezone.now())
    result = record_event(
        PROGRAM,
        "refund",
        # What had been refunded before tells one refund of an order from the next.
        external_id=f"refund-{order.number}-{seen}",
        email=order.email,
        amount=amount,
        currency=CURRENCY,
        refund_of=order.purchase_id,
        occurred_at=at,
    )
    order.refresh_from_db()
    order.notes = [*order.notes, *_notes(result)]
    order.save(update_fields=["notes"])


def _notes(result: EventResult) -> list[str]:
    """What came of a purchase or a refund, in words."""
    event = result.event
    notes = []
    if event.kind == "purchase" and event.referral:
        notes.append(f"Recommended by {event.referral.advocate}.")
    if event.not_attributed in MESSAGES:
        notes.append(f"The recommendation does not count: {MESSAGES[event.not_attributed]}")
    for reward in result.rewards:
        state = reward.get_state_display()
        if state == "waiting":
            state = f"waiting until {date_format(timezone.localtime(reward.hold_until), 'j F Y')}"
        is_less = event.kind == "refund" and reward.balance
        worth = f", now worth {reward.balance} {reward.currency}" if is_less else ""
        notes.append(f"{reward.person}: {reward.headline}, {state}{worth}.")
    return notes
