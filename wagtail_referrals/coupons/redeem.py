"""Quoting, redeeming and rolling back: what a till calls.

Every verb writes first, by one conditional UPDATE, and looks at the row count: a check
followed by a write lets two tills use one coupon (design.md, section 5).
"""

import functools
import hashlib
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Case, F, When
from django.utils import timezone

from ..exceptions import Conflict, CouponRefused, InvalidInput, ReferralsError
from ..lookups import Lookup
from ..people.identity import email_key
from ..people.models import Person
from ..people.register import by_email_key
from ..programs.money import clean_amount, clean_currency
from ..signals import coupon_redeemed
from ..text import clean_line
from ..transactions import ATTEMPTS
from .codes import code_key
from .models import Coupon, CouponState, Redemption, RedemptionState


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
    at: datetime | None = None,
) -> Quote:
    """What the coupon would take off the order, or why it cannot be used. Never raises."""
    coupon = None
    try:
        order_total, currency = clean_amount(order_total), clean_currency(currency)
        coupon = _coupon(code)
        buyer_key = email_key(email) if email else ""
        _refuse_unless_usable(coupon, buyer_key, order_total, currency, at or timezone.now())
        if coupon.max_uses is not None and coupon.uses >= coupon.max_uses:
            raise CouponRefused("used_up")
    except ReferralsError as error:
        return Quote(False, Decimal("0.00"), error.code, str(error), coupon)
    return Quote(True, coupon.discount_on(order_total, currency), "", coupon.headline, coupon)


def redeem_coupon(
    code: str,
    *,
    order_id: str,
    email: str = "",
    order_total: Decimal,
    currency: str,
    at: datetime | None = None,
) -> Redemption:
    """Use the coupon on an order; the same order again returns the same Redemption.

    Raises CouponRefused with the reason, InvalidInput for a value no call could accept,
    Conflict when the order used the coupon before with another total.
    """
    order_total, currency = clean_amount(order_total), clean_currency(currency)
    order_id = clean_order_id(order_id)
    buyer_key = email_key(email) if email else ""
    key = code_key(code)
    if not key:
        raise CouponRefused("unknown")
    at = at or timezone.now()
    for attempt in range(ATTEMPTS):
        try:
            with transaction.atomic():
                return _redeem(key, order_id, buyer_key, order_total, currency, at)
        except (IntegrityError, CouponRefused) as error:
            redemption = _live_redemption(key, order_id)
            if redemption:
                break
            # The use that was in the way has been rolled back meanwhile: there is room now.
            if isinstance(error, CouponRefused) or attempt == ATTEMPTS - 1:
                raise
    assert redemption is not None
    if (redemption.order_total, redemption.currency) != (order_total, currency):
        raise Conflict("conflict")
    return redemption


def _redeem(
    key: str, order_id: str, buyer_key: str, order_total: Decimal, currency: str, at: datetime
) -> Redemption:
    taken = _take_use(key)
    coupon = _coupon(key)
    buyer = _refuse_unless_usable(coupon, buyer_key, order_total, currency, at)
    if coupon.max_uses is not None and not taken:
        raise CouponRefused("used_up")
    redemption = Redemption(
        coupon=coupon,
        order_id=order_id,
        order_key=_order_key(order_id),
        person=buyer,
        order_total=order_total,
        discount=coupon.discount_on(order_total, currency),
        currency=currency,
        redeemed_at=at,
    )
    redemption.save(force_insert=True)
    transaction.on_commit(lambda: _announce(redemption), robust=True)
    return redemption


@functools.cache
def _take_statement(vendor: str) -> str:
    quote = connection.ops.quote_name
    fields: list[Any] = [Coupon._meta.get_field(name) for name in ("uses", "max_uses", "code_key")]
    uses, most, code = (quote(field.column) for field in fields)
    table = quote(Coupon._meta.db_table)
    return f"UPDATE {table} SET {uses} = {uses} + 1 WHERE {code} = %s AND {uses} < {most}"


def _take_use(key: str) -> int:
    """Count one use, if one is left: 1 or 0. By hand, as Django would write the SQL anew."""
    with connection.cursor() as cursor:
        cursor.execute(_take_statement(connection.vendor), [key])
        return int(cursor.rowcount)


def _announce(redemption: Redemption) -> None:
    coupon_redeemed.send(Redemption, redemption=redemption)


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
    try:
        with transaction.atomic():
            _give_back(key, order_id, clean_line(reason, 500), at or timezone.now())
    except _NothingToGiveBack:
        pass
    redemptions = Redemption.objects.select_related("coupon").filter(
        coupon__code_key=key, order_key=_order_key(order_id), live=None
    )
    redemption = redemptions.order_by("-rolled_back_at").first()
    if redemption is None:
        raise CouponRefused("not_redeemed")
    return redemption


class _NothingToGiveBack(Exception):
    """Undoes the transaction, and with it the count."""


def _give_back(key: str, order_id: str, reason: str, at: datetime) -> None:
    # The coupon's row first, as redeeming does: two orders of locks would be a deadlock.
    # Also when it counts none: a use that comes between the two statements would be lost.
    Coupon.objects.filter(code_key=key, max_uses__isnull=False).update(
        uses=Case(When(uses__gt=0, then=F("uses") - 1), default=0)
    )
    # By the coupon's own key: joined to it the UPDATE would be a look followed by a write.
    coupon_id = Coupon.objects.filter(code_key=key).values_list("pk", flat=True).first()
    live = Redemption.objects.filter(coupon=coupon_id, order_key=_order_key(order_id), live=True)
    given_back = live.update(
        state=RedemptionState.ROLLED_BACK,
        live=None,
        rolled_back_at=at,
        rollback_reason=reason,
    )
    if not given_back:
        raise _NothingToGiveBack


def clean_order_id(value: Any) -> str:
    """1 to 255 printable characters. Raises InvalidInput("invalid_id")."""
    order_id = str(value if value is not None else "").strip()
    if not 1 <= len(order_id) <= 255 or not order_id.isprintable():
        raise InvalidInput("invalid_id")
    return order_id


def _order_key(order_id: str) -> str:
    return hashlib.sha256(order_id.encode()).hexdigest()


_by_code_key = Lookup(lambda: Coupon.objects.order_by(), "code_key")


def _coupon(code: str) -> Coupon:
    key = code_key(code)
    coupon = _by_code_key.first(key) if key else None
    if coupon is None:
        raise CouponRefused("unknown")
    return coupon


def _live_redemption(key: str, order_id: str) -> Redemption | None:
    live = Redemption.objects.select_related("coupon")
    return live.filter(coupon__code_key=key, order_key=_order_key(order_id), live=True).first()


def _refuse_unless_usable(
    coupon: Coupon, buyer_key: str, order_total: Decimal, currency: str, at: datetime
) -> Person | None:
    """Raise CouponRefused, or return the buyer when known to us."""
    reason = _own_reason(coupon, order_total, currency, at)
    if reason:
        raise CouponRefused(reason)
    if not buyer_key:
        return None
    buyer = by_email_key.first(buyer_key)
    buyer_id = buyer.pk if buyer else None
    if coupon.holder_id and buyer_id != coupon.holder_id:
        raise CouponRefused("wrong_person")
    if coupon.given_by_id and buyer_id == coupon.given_by_id:
        raise CouponRefused("self_referral")
    if coupon.first_order_only and buyer and buyer.customer_since:
        raise CouponRefused("first_order_only")
    return buyer


def _own_reason(coupon: Coupon, order_total: Decimal, currency: str, at: datetime) -> str:
    """Why the coupon itself refuses the order, whoever buys; "" if it does not."""
    reasons = {
        "void": coupon.state == CouponState.VOID,
        "not_yet_valid": at < coupon.valid_from,
        "expired": coupon.expires_at is not None and at >= coupon.expires_at,
        "wrong_currency": bool(coupon.currency) and coupon.currency != currency,
        "minimum_not_met": coupon.minimum_order is not None and order_total < coupon.minimum_order,
    }
    return next((reason for reason, applies in reasons.items() if applies), "")
