"""Issuing coupons, and what staff can do about one: void, extend, re-issue."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils import timezone

from ..exceptions import InvalidInput, ReferralsError
from ..people.models import Person
from ..programs.models import Program
from ..programs.offers import Offer, OfferTerms, copy_terms
from ..text import clean_line, clean_reason
from ..transactions import retried
from .codes import new_code
from .followers import tell_followers
from .models import (
    Coupon,
    CouponEntryKind,
    CouponState,
    Redemption,
    RedemptionState,
    coupon_entry,
)
from .uses import let_go


def new_coupon(
    program: Program,
    terms: OfferTerms,
    *,
    amount: Decimal | None,
    offer: Offer | None = None,
    holder: Person | None = None,
    given_by: Person | None = None,
    valid_days: int | None = None,
    max_uses: int | None = 1,
    at: datetime | None = None,
) -> Coupon:
    """A coupon, not stored, with a copy of ``terms`` but for its ``amount``; valid from ``at``."""
    at = at or timezone.now()
    return Coupon(
        program=program,
        offer=offer,
        holder=holder,
        given_by=given_by,
        code_key=new_code(),
        valid_from=at,
        created_at=at,
        expires_at=at + timedelta(days=valid_days) if valid_days else None,
        max_uses=max_uses,
        **{**copy_terms(terms), "amount": amount},
    )


def issue_coupon(program: Program, terms: OfferTerms, **values: Any) -> Coupon:
    """Store a new coupon (see ``new_coupon``). Whoever calls it makes sure to call it once."""
    coupon = new_coupon(program, terms, **values)
    coupon.save(force_insert=True)
    return coupon


@retried
def void_coupon(
    coupon: Coupon, *, reason: str = "", user: Any = None, at: datetime | None = None
) -> bool:
    """Refuse every further use; one that was made stays. False when it is void already."""
    why = {"reason": clean_line(reason, 500), "user": user}
    at = at or timezone.now()
    if not _active(coupon).update(state=CouponState.VOID):
        return False
    coupon_entry(CouponEntryKind.VOIDED, coupon=coupon, created_at=at, **why)
    tell_followers("voided", coupon, at=at, **why)
    return True


def lower_coupon(coupon: Coupon, amount: Decimal) -> bool:
    """Lower what further uses are worth. False when it is void or not worth more."""
    return bool(_active(coupon).filter(amount__gt=amount).update(amount=amount))


def _active(coupon: Coupon) -> Any:
    return Coupon.objects.filter(pk=coupon.pk, state=CouponState.ACTIVE)


@retried
def extend_coupon(
    coupon: Coupon,
    until: datetime | None,
    *,
    reason: str,
    user: Any = None,
    at: datetime | None = None,
) -> None:
    """Let it expire later, or never (None). An expired one is good again.

    Raises ReferralsError: invalid_reason, invalid_until, not_possible (void).
    """
    why = {"reason": clean_reason(reason), "user": user}
    at = at or timezone.now()
    if until is not None and (timezone.is_naive(until) or until <= at):
        raise InvalidInput("invalid_until")
    # Without an end there is nothing to extend; with a later one it would be shortened.
    earlier = Q(expires_at__isnull=False)
    if until is not None:
        earlier &= Q(expires_at__lt=until)
    if not _active(coupon).filter(earlier).update(expires_at=until):
        is_void = not _active(coupon).exists()
        raise ReferralsError("not_possible") if is_void else InvalidInput("invalid_until")
    coupon_entry(CouponEntryKind.EXTENDED, coupon=coupon, until=until, created_at=at, **why)
    tell_followers("extended", coupon, until=until, at=at, **why)


@retried
def reissue_coupon(
    coupon: Coupon, *, reason: str, user: Any = None, at: datetime | None = None
) -> Coupon:
    """A new code in place of this one, which is dead from now on; with the uses that are left.

    Uses that orders hold go back first. Raises ReferralsError: invalid_reason, not_possible
    (void, or no use left).
    """
    why = {"reason": clean_reason(reason), "user": user}
    at = at or timezone.now()
    if not _active(coupon).update(state=CouponState.VOID):
        raise ReferralsError("not_possible")
    held = Redemption.objects.filter(coupon=coupon.pk, live=True, state=RedemptionState.HELD)
    let_go(coupon.pk, held, at)
    new = _copy(Coupon.objects.get(pk=coupon.pk), at)
    for one, other in ((coupon, new), (new, coupon)):
        coupon_entry(CouponEntryKind.REISSUED, coupon=one, related=other, created_at=at, **why)
    tell_followers("reissued", coupon, new=new, at=at, **why)
    return new


def _copy(old: Coupon, at: datetime) -> Coupon:
    left = None if old.max_uses is None else old.max_uses - old.uses
    if left == 0:
        raise ReferralsError("not_possible")
    return Coupon.objects.create(
        replaces=old,
        program_id=old.program_id,
        offer_id=old.offer_id,
        batch_id=old.batch_id,
        holder_id=old.holder_id,
        given_by_id=old.given_by_id,
        code_key=new_code(),
        valid_from=old.valid_from,
        created_at=at,
        expires_at=old.expires_at,
        max_uses=left,
        **copy_terms(old),
    )
