"""Whether an order may use a coupon, and what it takes off."""

from __future__ import annotations

from decimal import Decimal

from ..exceptions import CouponRefused
from ..lookups import Lookup
from ..people.models import Person
from ..people.register import by_email_key
from .models import Coupon, CouponState
from .order import Order

by_code_key = Lookup(lambda: Coupon.objects.order_by(), "code_key")


def find_coupon(key: str) -> Coupon:
    """The coupon with this key. Raises CouponRefused("unknown")."""
    coupon = by_code_key.first(key) if key else None
    if coupon is None:
        raise CouponRefused("unknown")
    return coupon


def refuse_order(coupon: Coupon, order: Order, *, used_up: bool) -> None:
    """Raise CouponRefused with the first reason that lies in the coupon or the order."""
    known = order.total is not None
    reasons = {
        "void": coupon.state == CouponState.VOID,
        "not_yet_valid": order.at < coupon.valid_from,
        "expired": coupon.expires_at is not None and order.at >= coupon.expires_at,
        "used_up": used_up,
        "wrong_currency": known and bool(coupon.currency) and coupon.currency != order.currency,
        "minimum_not_met": known and (coupon.minimum_order or 0) > (order.total or 0),
        "items_needed": known and bool(coupon.products) and not order.items,
        "wrong_products": known and bool(coupon.products) and not _matching(coupon, order),
    }
    for reason, applies in reasons.items():
        if applies:
            raise CouponRefused(reason)
    others = order.other_keys - {coupon.code_key}
    if others and not coupon.combinable:
        raise CouponRefused("not_combinable")
    if others and Coupon.objects.filter(code_key__in=others, combinable=False).exists():
        raise CouponRefused("not_combinable")


def _matching(coupon: Coupon, order: Order) -> list[Decimal]:
    """The amounts of the items the coupon is for."""
    wanted = set(coupon.products)
    return [amount for sku, amount in order.items if sku in wanted]


def find_buyer(coupon: Coupon, order: Order) -> Person | None:
    """The buyer when known to us. Raises CouponRefused when the coupon is not for them."""
    if not order.buyer_key:
        # A till without an address takes the code for its holder's; these rules it cannot keep.
        if coupon.max_uses_per_person or coupon.new_customers_only:
            raise CouponRefused("email_needed")
        return None
    buyer = by_email_key.first(order.buyer_key)
    buyer_id = buyer.pk if buyer else None
    since = buyer.customer_since if buyer else None
    reasons = {
        "blocked": buyer is not None and buyer.blocked_at is not None,
        "wrong_person": coupon.holder_id is not None and buyer_id != coupon.holder_id,
        "self_referral": coupon.given_by_id is not None and buyer_id == coupon.given_by_id,
        "first_order_only": coupon.first_order_only and since is not None,
        "already_customer": coupon.new_customers_only
        and since is not None
        and since < coupon.created_at,
    }
    for reason, applies in reasons.items():
        if applies:
            raise CouponRefused(reason)
    return buyer


def discount_for(coupon: Coupon, order: Order) -> Decimal:
    """What the coupon takes off the order: of the products it is for, where it names some."""
    total = order.total or Decimal(0)
    if coupon.products:
        total = min(total, sum(_matching(coupon, order), Decimal(0)))
    return coupon.discount_on(total, order.currency)
