"""What the till does. Everything it knows of referrals are the four calls of the API."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from example_site.shop.models import CURRENCY, ZERO, Order, Refund
from wagtail_referrals.api import record_event, redeem_coupon, roll_back_redemption

PROGRAM = "friends"


class AlreadyDone(Exception):
    """The order changed since the form was shown."""


@transaction.atomic
def pay(
    *,
    ticket: UUID,
    email: str,
    lines: list[dict[str, Any]],
    goods: Decimal,
    coupon_code: str = "",
    friend_code: str = "",
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
            at=at,
        )
        order.discount = redemption.discount
        order.paid = goods - order.discount
        order.save(update_fields=["discount", "paid"])
    record_event(
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
    order.refresh_from_db()


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
    record_event(
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
