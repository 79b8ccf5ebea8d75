"""Refunds, voids and repaired attributions: taking back what was granted, by new entries."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import F
from django.utils import timezone

from ..coupons.issue import lower_coupon, void_coupon
from ..exceptions import ReferralsError
from ..programs.money import round_money
from ..programs.offers import MONEY_KINDS
from ..referrals.models import Advocate, Referral
from ..text import clean_reason
from ..transactions import retried
from .issue import announce_pending
from .ledger import OPEN_STATES, entry, move, reduce
from .models import Beneficiary, EntryKind, Reward, RewardState

if TYPE_CHECKING:
    from ..events.models import Event


def take_back_for_refund(purchase: Event, refund: Event, refunded: Decimal) -> list[Reward]:
    """Take back what the purchase granted, whole or in proportion; the rewards touched.

    ``refunded`` is the sum of all refunds of the purchase, this one included.
    """
    rewards = Reward.objects.select_related("coupon", "person").filter(event=purchase)
    whole = refunded >= (purchase.amount or 0)
    why: dict[str, Any] = {
        "actor": "system",
        "reason": f"refund {refund.external_id}"[:500],
        "event": refund,
        "at": refund.occurred_at,
    }
    kept = Decimal(0) if whole else 1 - refunded / (purchase.amount or 1)
    return [reward for reward in rewards if _take_back(reward, kept, why)]


def _take_back(reward: Reward, kept: Decimal, why: dict[str, Any]) -> bool:
    """Leave the reward worth the part of the purchase that was kept: 0 to 1."""
    if not kept:
        return end_reward(reward, **why)
    if reward.kind not in MONEY_KINDS or not reward.amount:
        return False
    worth = round_money(reward.amount * kept, reward.currency)
    if not worth:
        return end_reward(reward, **why)
    if not reduce(reward, worth, **why):
        return False
    if reward.coupon:
        lower_coupon(reward.coupon, reward.balance)
    return True


def end_reward(reward: Reward, **why: Any) -> bool:
    """Void what waits, take back what was issued; False when it has ended already.

    A use of its coupon that was made stays: the ledger says what it was worth.
    """
    if move(reward, RewardState.VOIDED, **why):
        return True
    if not move(reward, RewardState.CLAWED_BACK, **why):
        return False
    reward.refresh_from_db(fields=["coupon"])
    if reward.coupon:
        void_coupon(reward.coupon)
    return True


@retried
def void_reward(reward: Reward, *, reason: str, user: Any = None) -> None:
    """End a reward by staff. Raises ReferralsError: invalid_reason, not_possible."""
    reason = clean_reason(reason)
    if not end_reward(reward, reason=reason, user=user):
        raise ReferralsError("not_possible")


def follow_repair(referral: Referral, old: Advocate, user: Any, reason: str) -> None:
    """Give the old advocate's waiting rewards to the new one, worth what they are worth now."""
    # First the row that a refund changes first: one of the two waits for the other.
    referral.events.filter(kind="purchase").update(refunded=F("refunded"))
    waiting = Reward.objects.select_related("program__site").filter(
        referral=referral,
        person=old.person,
        beneficiary=Beneficiary.ADVOCATE,
        state__in=OPEN_STATES,
    )
    for reward in waiting:
        voided = move(reward, RewardState.VOIDED, user=user, reason=reason)
        if voided:
            Reward.objects.filter(pk=reward.pk).update(award_key=None)
            _grant_again(reward, referral.advocate, -voided.amount, user, reason)


def _grant_again(
    reward: Reward, advocate: Advocate, worth: Decimal, user: Any, reason: str
) -> None:
    at: datetime = timezone.now()
    reward.pk = None
    reward._state.adding = True
    reward.person = advocate.person
    reward.state = RewardState.PENDING
    reward.balance = worth
    reward.award_key = f"{reward.rule_id}:{reward.event_id}:{advocate.person_id}"
    reward.created_at = at
    reward.save(force_insert=True)
    entry(reward, EntryKind.GRANTED, amount=worth, user=user, reason=reason, at=at).save()
    announce_pending(reward, advocate)
