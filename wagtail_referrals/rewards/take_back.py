"""Refunds, voids and repaired attributions: taking back what was granted, by new entries."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import F, Sum
from django.utils import timezone

from ..coupons.issue import lower_coupon, void_coupon
from ..coupons.models import Coupon
from ..exceptions import ReferralsError
from ..programs.money import round_money
from ..programs.offers import MONEY_KINDS
from ..referrals.models import Advocate, Referral
from ..text import clean_reason
from ..transactions import retried
from .announce import announce, announce_refused, announce_withdrawn
from .formulas import formulas
from .fulfilment import fulfilments
from .ledger import OPEN_STATES, ZERO, entry, lock_reward, move, owe, reduce
from .limits import take_again
from .models import EntryKind, Reward, RewardState
from .rule_models import Beneficiary
from .words import REFUSALS

if TYPE_CHECKING:
    from ..events.models import Event


def take_back_for_refund(purchase: Event, refund: Event, refunded: Decimal) -> list[Reward]:
    """Take back what the purchase granted, whole or in proportion; the rewards touched.

    ``refunded`` is the sum of all refunds of the purchase, this one included. What was used or
    paid out already is noted as a debt, against which the person's next rewards are set.
    """
    rewards = Reward.objects.select_related("coupon", "person").filter(event=purchase)
    why: dict[str, Any] = {
        "actor": "system",
        "reason": f"{refund.kind} {refund.external_id}"[:500],
        "event": refund,
        "at": refund.occurred_at,
    }
    ordered = purchase.amount or ZERO
    kept = max(ordered - refunded, ZERO)
    return [reward for reward in rewards if _take_back(reward, ordered, kept, why)]


def _take_back(reward: Reward, ordered: Decimal, kept: Decimal, why: dict[str, Any]) -> bool:
    """Leave the reward worth what the kept part of the order is worth."""
    if not kept:
        return end_reward(reward, **why)
    lock_given(reward)
    if reward.kind not in MONEY_KINDS or not reward.amount:
        return False
    worth = worth_after_refund(reward, ordered, kept)
    if not worth:
        return end_reward(reward, **why)
    # It may be issued in this moment, and a part of it be set against a debt.
    lock_reward(reward)
    offset = _offset(reward)
    reduced = reduce(reward, max(worth - offset, ZERO), **why)
    if reduced and reward.coupon:
        lower_coupon(reward.coupon, reward.balance)
    return _owe_what_is_gone(reward, worth, why) or reduced


def worth_after_refund(reward: Reward, ordered: Decimal, kept: Decimal) -> Decimal:
    """What the reward's rule gives for the kept part, never more than was granted."""
    assert reward.amount is not None
    formula = formulas.get(reward.formula) if reward.formula else None
    if formula is None:
        return round_money(reward.amount * kept / ordered, reward.currency)
    money = (reward.amount, reward.currency)
    return min(formula.after_refund(reward.formula_options, money, ordered, kept), reward.amount)


def end_reward(reward: Reward, *, tell: str = "", **why: Any) -> bool:
    """Void what waits, take back what was issued; False when it has ended already.

    ``tell`` is one of REFUSALS: with it the person gets the reason in these words.
    """
    lock_given(reward)
    at = why.get("at") or timezone.now()
    voided = move(reward, RewardState.VOIDED, **why)
    if not voided and not move(reward, RewardState.CLAWED_BACK, **why):
        return False
    if not voided:
        _make_worthless(reward)
    if tell:
        announce_refused(reward, REFUSALS[tell], at)
    else:
        announce_withdrawn(reward, at)
    _owe_what_is_gone(reward, ZERO, why)
    return True


def _make_worthless(reward: Reward) -> None:
    """Let nobody have more of what was given."""
    reward.refresh_from_db(fields=["coupon"])
    if reward.coupon:
        void_coupon(reward.coupon)
    way = fulfilments.get(reward.fulfilment)
    if way:
        way.take_back(reward)


def lock_given(reward: Reward) -> None:
    """Make whoever changes what was given wait: a till locks the coupon first, and so do we."""
    if reward.coupon_id:
        Coupon.objects.filter(pk=reward.coupon_id).update(uses=F("uses"))
    way = fulfilments.get(reward.fulfilment)
    if way:
        way.lock(reward)


def _owe_what_is_gone(reward: Reward, worth: Decimal, why: dict[str, Any]) -> bool:
    """Note as a debt what the person had of it beyond ``worth``, as far as it is not yet."""
    if reward.kind not in MONEY_KINDS:
        return False
    noted = reward.entries.filter(kind=EntryKind.OWED).aggregate(sum=Sum("owed"))["sum"] or ZERO
    excess = _had(reward) + _offset(reward) - worth - noted
    if excess <= 0:
        return False
    owe(reward, round_money(excess, reward.currency), **why)
    return True


def owe_no_more_than_had(reward: Reward, **why: Any) -> None:
    """A use that was given back is not owed any more; what was recovered already stays so."""
    reward.refresh_from_db(fields=["owed"])
    excess = reward.owed - _had(reward) - _offset(reward)
    if reward.owed and excess > 0:
        owe(reward, -min(excess, reward.owed), **why)


def _had(reward: Reward) -> Decimal:
    """What was used of its coupon, paid out or handed over."""
    if reward.coupon:
        return reward.coupon.made_uses().aggregate(sum=Sum("discount"))["sum"] or ZERO
    way = fulfilments.get(reward.fulfilment)
    return way.had(reward) if way else ZERO


def _offset(reward: Reward) -> Decimal:
    """What of it was set against an older debt."""
    lines = reward.entries.filter(kind=EntryKind.OFFSET)
    return -(lines.aggregate(sum=Sum("amount"))["sum"] or ZERO)


@retried
def void_reward(reward: Reward, *, reason: str, user: Any = None, tell: str = "") -> None:
    """End a reward by staff. The reason stays with us; ``tell`` is what the person reads.

    ``tell`` is one of REFUSALS, or "": then who knew of the reward hears that it is gone.
    Raises ReferralsError: invalid_reason, not_possible.
    """
    reason = clean_reason(reason)
    if not end_reward(reward, tell=tell, reason=reason, user=user):
        raise ReferralsError("not_possible")


def follow_repair(referral: Referral, old: Advocate, user: Any, reason: str) -> None:
    """Give the old advocate's waiting rewards to the new one, worth what they are worth now.

    The purchases' rows are locked already: what follows refunds sees to that.
    """
    waiting = Reward.objects.select_related("program__site", "person").filter(
        referral=referral,
        person=old.person,
        beneficiary=Beneficiary.ADVOCATE,
        state__in=OPEN_STATES,
    )
    for reward in waiting:
        _pass_on(reward, referral.advocate, user, reason)


def _pass_on(reward: Reward, advocate: Advocate, user: Any, reason: str) -> None:
    held = reward.state == RewardState.HELD
    voided = move(reward, RewardState.VOIDED, user=user, reason=reason)
    if not voided:
        return
    worth = -voided.amount + _offset(reward)
    # What of it had gone against the old advocate's debt is owed again.
    _owe_what_is_gone(reward, ZERO, {"user": user, "reason": reason})
    announce_withdrawn(reward, timezone.now())
    Reward.objects.filter(pk=reward.pk).update(award_key=None)
    _grant_again(reward, advocate, worth, user, reason, held=held)


def _grant_again(
    reward: Reward, advocate: Advocate, worth: Decimal, user: Any, reason: str, *, held: bool
) -> None:
    at: datetime = timezone.now()
    why: dict[str, Any] = {"user": user, "reason": reason, "at": at}
    # What was everybody's is taken again; the new advocate's own limits staff stands above.
    shared = {key: used for key, used in reward.allowances.items() if ":advocate:" not in key}
    take_again(shared)
    reward.pk = None
    reward._state.adding = True
    reward.person = advocate.person
    reward.state = RewardState.HELD if held else RewardState.PENDING
    reward.balance, reward.owed = worth, ZERO
    reward.allowances = shared
    keys = (reward.rule_id, reward.event_id, advocate.person_id, reward.beneficiary)
    reward.award_key = ":".join(map(str, keys))
    reward.created_at = at
    reward.save(force_insert=True)
    entry(reward, EntryKind.GRANTED, amount=worth, **why).save()
    if held:
        entry(reward, EntryKind.HELD, **why).save()
        return
    announce([], [reward], {advocate.person_id: advocate}, at)
