"""Holding a use of a coupon for an order, from the checkout until it is paid or given up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from ..exceptions import CouponRefused, InvalidInput
from ..transactions import retried
from .codes import code_key
from .company import lock_leader, refuse_company
from .guard import one_answer
from .models import Redemption, RedemptionState
from .order import Items, Order, clean_order, clean_order_id, order_key
from .rules import by_code_key, find_buyer, find_coupon, refuse_order
from .uses import (
    announce,
    expired_holds,
    free_slot,
    let_go,
    lock_coupon,
    person_slots,
    take_use,
    use_or_find,
    what_it_was,
)

LONGEST_MINUTES = 24 * 60
# Refusals that the order's own hold may be the cause of.
FULL = ("used_up", "limit_reached")


def hold_coupon(
    code: str,
    order_id: str,
    minutes: int = 30,
    *,
    email: str = "",
    order_total: Decimal | None = None,
    currency: str = "",
    items: Items = (),
    other_codes: Iterable[str] = (),
    client: str = "",
    at: datetime | None = None,
) -> Redemption:
    """Reserve a use for an order during its checkout; the same order again holds it longer.

    It counts like a use, becomes one when the order redeems the coupon, and lets go by itself
    after ``minutes`` (1 to 1,440). What depends on the total is asked when it is known. An order
    that used the coupon gets that Redemption. Raises CouponRefused and InvalidInput.
    """
    at = at or timezone.now()
    if not isinstance(minutes, int) or not 1 <= minutes <= LONGEST_MINUTES:
        raise InvalidInput("invalid_minutes")
    until = at + timedelta(minutes=minutes)
    order = clean_order(
        order_id=clean_order_id(order_id),
        email=email,
        order_total=order_total,
        currency=currency,
        items=items,
        other_codes=other_codes,
        at=at,
    )
    with one_answer(client):
        key = code_key(code)
        if not key:
            raise CouponRefused("unknown")
        hold = partial(take_use, held_until=until)
        return use_or_find(key, order, hold, lambda there, error: _longer(there, error, until))


def _longer(there: Redemption, error: Exception, until: datetime) -> Redemption | None:
    if there.state != RedemptionState.HELD:
        return there
    if isinstance(error, CouponRefused) and error.code not in FULL:
        raise error
    if not _own(there).update(held_until=until):
        return None
    there.held_until = until
    return there


def _own(there: Redemption) -> QuerySet[Redemption]:
    return Redemption.objects.filter(pk=there.pk, live=True, state=RedemptionState.HELD)


def redeem_hold(there: Redemption, order: Order) -> Redemption | None:
    """Make the use of what the order holds; None when it was let go meanwhile.

    A coupon that expired during the checkout is still good. Raises CouponRefused.
    """
    try:
        with transaction.atomic():
            return _redeem_hold(there, order)
    except IntegrityError:  # the person's last slot was taken just now
        return None


def _redeem_hold(there: Redemption, order: Order) -> Redemption | None:
    lock_coupon(there.coupon_id)
    if not _own(there).update(state=RedemptionState.REDEEMED, held_until=None):
        return None
    lock_leader(order)
    coupon = find_coupon(there.coupon.code_key)
    in_time = there.held_until is not None and order.at < there.held_until
    when = replace(order, at=min(there.redeemed_at, order.at)) if in_time else order
    refuse_order(coupon, when, used_up=False)
    refuse_company(coupon, when)
    buyer = find_buyer(coupon, order)
    if there.person_slot not in person_slots(coupon, order.buyer_key):
        there.person_slot = free_slot(coupon, order)
    there.coupon, there.state, there.held_until = coupon, RedemptionState.REDEEMED, None
    for name, value in what_it_was(coupon, order, buyer).items():
        setattr(there, name, value)
    there.save(force_update=True)
    announce(there)
    return there


@retried
def release_hold(code: str, order_id: str, *, at: datetime | None = None) -> bool:
    """Give a held use back. False when the order holds none: used, let go or never held."""
    coupon = by_code_key.first(code_key(code))
    if coupon is None:
        return False
    held = Redemption.objects.filter(
        coupon=coupon,
        order_key=order_key(clean_order_id(order_id)),
        live=True,
        state=RedemptionState.HELD,
    )
    return bool(let_go(coupon.pk, held, at or timezone.now()))


def release_expired_holds(*, at: datetime | None = None, most: int = 1000) -> int:
    """Let go what was held long enough, for up to ``most`` coupons; how many holds.

    Nobody has to wait for it: who needs such a use takes it.
    """
    at = at or timezone.now()
    held = Redemption.objects.filter(state=RedemptionState.HELD, held_until__lte=at).order_by()
    coupons = list(held.values_list("coupon", flat=True).distinct()[:most])
    return sum(_release_expired(coupon_id, at) for coupon_id in coupons)


@retried
def _release_expired(coupon_id: int, at: datetime) -> int:
    return let_go(coupon_id, expired_holds(coupon_id, at), at)
