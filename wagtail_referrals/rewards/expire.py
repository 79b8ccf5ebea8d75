"""Rewards whose coupon has run out unused."""

from __future__ import annotations

from datetime import datetime

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext

from ..coupons.models import Coupon, Redemption, RedemptionState
from ..transactions import retried
from .ledger import move
from .models import Reward, RewardState


def expire_rewards(*, at: datetime | None = None, limit: int = 1000) -> int:
    """Book out what nobody can use any more; returns how many rewards. Safe to run twice."""
    at = at or timezone.now()
    over = Reward.objects.filter(state=RewardState.ISSUED, expires_at__lte=at)
    return sum(_expire(reward, at) for reward in over.order_by("expires_at")[:limit])


@retried
def _expire(reward: Reward, at: datetime) -> bool:
    assert reward.coupon_id is not None
    # First the coupon: it may be extended, or be used, in this moment.
    over = Coupon.objects.filter(pk=reward.coupon_id, expires_at__lte=at)
    if not over.update(uses=F("uses")):
        return False
    held = Redemption.objects.filter(coupon=reward.coupon_id, live=True, held_until__gt=at)
    if held.filter(state=RedemptionState.HELD).exists():
        return False
    return bool(move(reward, RewardState.EXPIRED, reason=gettext("Its coupon ran out"), at=at))
