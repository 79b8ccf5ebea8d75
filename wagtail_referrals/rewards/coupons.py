"""What becomes of a reward when its coupon is used, given back, extended, re-issued or voided.

Called in the transaction that changes the coupon, after its row: who changes a reward and its
coupon changes the coupon first, everywhere (two orders of locks would be a deadlock).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext

from ..bulk import insert
from ..coupons.models import Coupon
from ..lookups import Lookup
from .ledger import entry, move
from .models import EntryKind, Reward, RewardState
from .take_back import end_reward, lock_given, owe_no_more_than_had


def follow_coupon(what: str, coupon: Coupon, **details: Any) -> None:
    """A follower for ``coupons.followers.follow_coupons``."""
    _STEPS[what](coupon, **details)


# At every redemption, most of them of coupons that are no reward's.
_of_coupon = Lookup(lambda: Reward.objects.only("currency").order_by(), "coupon_id")


def _redeemed(coupon: Coupon, *, order_id: str, at: Any, **details: Any) -> None:
    # Who moves a reward to another coupon waits for the coupon's row: what is read is so.
    reward = _of_coupon.first(coupon.pk)
    if reward is None:
        return
    issued = Reward.objects.filter(pk=reward.pk, state=RewardState.ISSUED)
    if issued.update(state=RewardState.REDEEMED):
        insert([entry(reward, EntryKind.REDEEMED, reason=_order(order_id), at=at)])


def _rolled_back(coupon: Coupon, *, order_id: str, at: Any, **details: Any) -> None:
    coupon = _newest(coupon)
    reward = Reward.objects.filter(coupon=coupon.pk).first()
    if reward is None:
        return
    lock_given(reward)
    why = {"reason": gettext("given back: %(order)s") % {"order": _order(order_id)}, "at": at}
    if not coupon.made_uses().exists():
        move(reward, RewardState.ISSUED, **why)
    owe_no_more_than_had(reward, **why)


def _newest(coupon: Coupon) -> Coupon:
    """What was re-issued in its place in the end, or itself: that one is the reward's."""
    while newer := Coupon.objects.filter(replaces=coupon.pk).first():
        coupon = newer
    return coupon


def _order(order_id: str) -> str:
    return (gettext("order %(id)s") % {"id": order_id})[:400]


def _voided(coupon: Coupon, *, reason: str, user: Any, at: Any) -> None:
    # Where the reward was what ended the coupon, it has ended already.
    reward = Reward.objects.filter(coupon=coupon.pk).first()
    if reward:
        end_reward(reward, reason=reason or gettext("Its coupon was voided"), user=user, at=at)


def _reissued(coupon: Coupon, *, new: Coupon, **details: Any) -> None:
    Reward.objects.filter(coupon=coupon.pk).update(coupon=new)


def _extended(coupon: Coupon, *, until: Any, reason: str, user: Any, at: Any) -> None:
    """An expired reward's coupon is good again: it is granted anew, above any limit."""
    Reward.objects.filter(coupon=coupon.pk).update(expires_at=until)
    reward = Reward.objects.filter(coupon=coupon.pk, state=RewardState.EXPIRED).first()
    if reward is None:
        return
    worth = -reward.entries.get(kind=EntryKind.EXPIRED).amount
    key = reward.award_key
    Reward.objects.filter(pk=reward.pk).update(coupon=None, award_key=None)
    reward.pk = None
    reward._state.adding = True
    reward.award_key, reward.coupon, reward.created_at = key, coupon, at
    reward.state, reward.balance, reward.owed, reward.allowances = (
        RewardState.ISSUED,
        worth,
        worth * 0,
        {},
    )
    reward.save(force_insert=True)
    why = {"reason": reason, "user": user, "at": at}
    entry(reward, EntryKind.GRANTED, amount=worth, **why).save()
    entry(reward, EntryKind.ISSUED, **why).save()


_STEPS: dict[str, Callable[..., None]] = {
    "redeemed": _redeemed,
    "rolled_back": _rolled_back,
    "voided": _voided,
    "extended": _extended,
    "reissued": _reissued,
}
