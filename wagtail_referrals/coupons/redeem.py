"""Quoting, redeeming and rolling back: what a till calls."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from ..exceptions import Conflict, CouponRefused, ReferralsError
from ..text import clean_line
from ..transactions import retried
from .codes import code_key
from .company import refuse_company
from .followers import tell_followers
from .guard import one_answer
from .hold import redeem_hold
from .models import Coupon, Redemption, RedemptionState
from .order import Items, Order, clean_order, clean_order_id, order_key
from .rules import discount_for, find_buyer, find_coupon, refuse_order
from .uses import expired_holds, give_back, live_redemption, person_slots, take_use, use_or_find


@dataclass(frozen=True)
class Quote:
    """What a coupon would do for an order. ``reason`` is "" or an error's code."""

    valid: bool
    discount: Decimal
    reason: str
    message: str
    coupon: Coupon | None


def quote_coupon(
    code: str,
    *,
    email: str = "",
    order_total: Decimal,
    currency: str,
    items: Items = (),
    other_codes: Iterable[str] = (),
    order_id: str = "",
    client: str = "",
    at: datetime | None = None,
) -> Quote:
    """What the coupon would take off the order, or why it cannot be used. Never raises.

    For ``items``, ``other_codes`` and ``client`` see ``redeem_coupon``. With an ``order_id`` what
    is held for that order does not count against it.
    """
    coupon = None
    try:
        order = clean_order(
            order_id=order_id or None,
            email=email,
            order_total="" if order_total is None else order_total,
            currency=currency,
            items=items,
            other_codes=other_codes,
            at=at,
        )
        with one_answer(client):
            coupon = find_coupon(code_key(code))
            _refuse(coupon, order)
    except ReferralsError as error:
        shown = None if client else coupon
        return Quote(False, Decimal("0.00"), error.code, str(error), shown)
    return Quote(True, discount_for(coupon, order), "", coupon.headline, coupon)


def _refuse(coupon: Coupon, order: Order) -> None:
    """As redeeming would, without writing."""
    own = live_redemption(coupon.code_key, order.key) if order.id else None
    full = coupon.max_uses is not None and coupon.uses >= coupon.max_uses and not own
    if full and expired_holds(coupon.pk, order.at).exists():
        full = False
    refuse_order(coupon, order, used_up=full)
    if order.id:
        refuse_company(coupon, order)
    find_buyer(coupon, order)
    slots = [] if own else person_slots(coupon, order.buyer_key)
    if not slots:
        return
    uses = Redemption.objects.filter(person_slot__in=slots)
    expired = expired_holds(coupon.pk, order.at).filter(person_slot__in=slots)
    if uses.count() - expired.count() >= len(slots):
        raise CouponRefused("limit_reached")


def redeem_coupon(
    code: str,
    *,
    order_id: str,
    email: str = "",
    order_total: Decimal,
    currency: str,
    items: Items = (),
    other_codes: Iterable[str] = (),
    client: str = "",
    at: datetime | None = None,
) -> Redemption:
    """Use the coupon on an order; the same order again returns the same Redemption.

    ``items`` are ``{"sku": "bag-250", "amount": Decimal("9.90")}``, for coupons on certain
    products; ``other_codes`` are those the order uses besides. ``client`` names an anonymous
    caller: see ``guard``.

    Raises CouponRefused with the reason, InvalidInput for a value no call could accept,
    Conflict when the order used the coupon before with another total.
    """
    order = clean_order(
        order_id=clean_order_id(order_id),
        email=email,
        order_total="" if order_total is None else order_total,
        currency=currency,
        items=items,
        other_codes=other_codes,
        at=at,
    )
    with one_answer(client):
        key = code_key(code)
        if not key:
            raise CouponRefused("unknown")
        redemption = use_or_find(
            key,
            order,
            take_use,
            lambda there, error: _known(there, order),
        )
    if (redemption.order_total, redemption.currency) != (order.total, order.currency):
        raise Conflict("conflict")
    return redemption


def _known(there: Redemption, order: Order) -> Redemption | None:
    if there.state == RedemptionState.HELD:
        return redeem_hold(there, order)
    return there


def roll_back_redemption(
    code: str, *, order_id: str, reason: str = "", at: datetime | None = None
) -> Redemption:
    """Give the use back, once however often it is called.

    Raises CouponRefused("not_redeemed") when this order never used the coupon.
    """
    order_id = clean_order_id(order_id)
    key = code_key(code)
    if not key:
        raise CouponRefused("unknown")
    _give_back(key, order_id, clean_line(reason, 500), at or timezone.now())
    redemptions = Redemption.objects.select_related("coupon").filter(
        coupon__code_key=key, order_key=order_key(order_id), state=RedemptionState.ROLLED_BACK
    )
    redemption = redemptions.order_by("-rolled_back_at").first()
    if redemption is None:
        find_coupon(key)
        raise CouponRefused("not_redeemed")
    return redemption


@retried
def _give_back(key: str, order_id: str, reason: str, at: datetime) -> None:
    coupon = give_back(key, order_key(order_id), reason, at)
    if coupon is None:
        transaction.set_rollback(True)
        return
    tell_followers("rolled_back", coupon, order_id=order_id, at=at)
