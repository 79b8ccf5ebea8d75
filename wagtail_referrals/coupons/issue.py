"""Issuing and voiding coupons."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.utils import timezone

from ..people.models import Person
from ..programs.models import Program
from ..programs.offers import Offer, OfferTerms, copy_terms
from .codes import new_code
from .models import Coupon, CouponState


def issue_coupon(
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
    """A new coupon with a copy of ``terms`` but for its ``amount``; valid from ``at`` (now).

    Whoever calls it makes sure to call it once: the reward's change of state does.
    """
    at = at or timezone.now()
    return Coupon.objects.create(
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


def void_coupon(coupon: Coupon) -> bool:
    """Refuse every further use; one that was made stays. False when it is void already."""
    active = Coupon.objects.filter(pk=coupon.pk, state=CouponState.ACTIVE)
    return bool(active.update(state=CouponState.VOID))


def lower_coupon(coupon: Coupon, amount: Decimal) -> bool:
    """Lower what further uses are worth. False when it is void or not worth more."""
    active = Coupon.objects.filter(pk=coupon.pk, state=CouponState.ACTIVE, amount__gt=amount)
    return bool(active.update(amount=amount))
