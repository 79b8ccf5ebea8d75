"""Which coupons stand each other on one order.

Of the uses of an order one leads, and a unique key lets no second one lead. Who wants to be alone
has to lead; who can stand others takes its place beside the leader, with the leader's row locked.
So two that cannot stand each other never both get in, and an order's first coupon costs no look.
"""

from __future__ import annotations

from datetime import datetime

from ..exceptions import CouponRefused
from .models import Coupon, Redemption
from .order import Order


def lock_leader(order: Order) -> Redemption | None:
    """The use that leads the order, with all who want to stand beside it made to wait.

    Before anything is read: on MariaDB a transaction goes on seeing what its first read saw.
    """
    leader = Redemption.objects.select_for_update().filter(order_key=order.key, leads=True)
    # Once more: on PostgreSQL who has waited does not see the one that took its place.
    return leader.first() or leader.first()


def leads(coupon: Coupon, order: Order, leader: Redemption | None) -> bool | None:
    """Whether a new use may lead the order (True) or stands beside its leader (None).

    For who has found the lead taken. It stays with a use that was given back until somebody
    needs it: so giving back has nobody to hand it on to. Raises CouponRefused("not_combinable").
    """
    refuse_company(coupon, order)
    if leader is None:
        return True
    if _counts(leader, order.at):
        return None
    Redemption.objects.filter(pk=leader.pk).update(leads=None)
    return True


def refuse_company(coupon: Coupon, order: Order) -> None:
    """Raise CouponRefused("not_combinable") when the order has a use that bars this coupon."""
    live = Redemption.objects.filter(order_key=order.key, live=True).order_by()
    others = [use for use in live if use.coupon_id != coupon.pk and _counts(use, order.at)]
    if not others:
        return
    keys = [use.coupon_id for use in others]
    if not coupon.combinable or Coupon.objects.filter(pk__in=keys, combinable=False).exists():
        raise CouponRefused("not_combinable")


def _counts(use: Redemption, at: datetime) -> bool:
    """What was held long enough is let go, though nobody has noticed yet."""
    return bool(use.live) and (use.held_until is None or use.held_until > at)
