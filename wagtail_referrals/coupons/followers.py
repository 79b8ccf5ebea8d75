"""Who wants to know what happens to a coupon, while it happens.

The rooms below this one follow the coupons they have issued. A follower is called inside the
transaction, so that what it writes stands or falls with it; it must not be slow.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .models import Coupon

Follower = Callable[..., None]
_followers: list[Follower] = []


def follow_coupons(follower: Follower) -> Follower:
    """Have ``follower(what, coupon, **details)`` called; registering it again changes nothing.

    ``what`` is "redeemed" (order_id, at, redemption), "rolled_back" (order_id, at), "voided"
    (user, reason, at), "extended" (until, user, reason, at) or "reissued" (new, user, reason,
    at). ``coupon`` may be as it was read before the change. Coupons of a batch are left out.
    """
    if follower not in _followers:
        _followers.append(follower)
    return follower


def tell_followers(what: str, coupon: Coupon, **details: Any) -> None:
    """Call every follower, in the order they came."""
    if coupon.batch_id:
        return
    for follower in _followers:
        follower(what, coupon, **details)
