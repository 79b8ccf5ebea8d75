"""Our own ways of giving: a coupon, a code from a pool, a payout, words."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from decimal import Decimal

from django import forms
from django.db.models import F
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ..bulk import create_many
from ..coupons.issue import new_coupon
from ..coupons.models import Coupon
from ..parts import Options
from ..programs.offers import MONEY_KINDS
from .fulfilment import Fulfilment, worth_when
from .models import EntryKind, Reward
from .payout_models import Payout
from .payouts import cancel_payout, new_payouts, paid_for
from .pool_models import CodePool
from .pools import note_low, take_code
from .rule_models import Beneficiary


class CouponFulfilment(Fulfilment):
    """A coupon of ours, to be used in the shop."""

    key = "coupon"
    label = _("a coupon")

    def prepare(self, rewards: list[Reward], at: datetime) -> list[Reward]:
        coupons = [self._coupon(reward, at) for reward in rewards]
        create_many(coupons, "code_key")
        for reward, coupon in zip(rewards, coupons, strict=True):
            reward.coupon = coupon
        return rewards

    def _coupon(self, reward: Reward, at: datetime) -> Coupon:
        hand_on = reward.beneficiary == Beneficiary.HAND_ON
        return new_coupon(
            reward.program,
            reward,
            amount=reward.balance if reward.kind in MONEY_KINDS else reward.amount,
            offer=reward.offer,
            holder=None if hand_on else reward.person,
            given_by=reward.person if hand_on else None,
            valid_days=reward.valid_days,
            max_uses=reward.max_uses,
            at=at,
        )


class TextFulfilment(Fulfilment):
    """Words only: the offer says what somebody gets, and the mail says it."""

    key = "text"
    label = _("words in the mail")

    def had(self, reward: Reward) -> Decimal:
        # Nobody can take words back.
        return Decimal("0.00")


def pool_choices() -> list[tuple[int | str, str | Promise]]:
    """The pools, for a form's select."""
    return [("", "---------"), *CodePool.objects.values_list("pk", "name")]


class PoolForm(forms.Form):
    """Which pool, and what to do once it is empty."""

    pool = forms.TypedChoiceField(label=_("Pool"), choices=pool_choices, coerce=int)
    when_empty = forms.ChoiceField(
        label=_("When it is empty"),
        choices=[
            ("wait", _("wait until codes are added")),
            ("coupon", _("give a coupon of ours")),
        ],
        initial="wait",
    )


class PoolFulfilment(Fulfilment):
    """A code of somebody else's, from those that were uploaded."""

    key = "pool"
    label = _("a code from a pool")
    form_class = PoolForm

    def describe(self, options: Options) -> str:
        pool = CodePool.objects.filter(pk=options.get("pool") or 0).first()
        return gettext("a code from the pool “%(name)s”") % {"name": pool or "?"}

    def prepare(self, rewards: list[Reward], at: datetime) -> list[Reward]:
        by_pool: dict[int | None, list[Reward]] = defaultdict(list)
        for reward in rewards:
            by_pool[reward.fulfilment_options.get("pool")].append(reward)
        pools = CodePool.objects.in_bulk([pk for pk in by_pool if pk])
        for pk, pool in pools.items():
            for reward in by_pool[pk]:
                reward.given = take_code(pk, str(reward.award_key), at) or ""
            note_low(pool, by_pool[pk][0].program, at)
        empty = [reward for reward in rewards if not reward.given]
        instead = [one for one in empty if one.fulfilment_options.get("when_empty") == "coupon"]
        given = [reward for reward in rewards if reward.given]
        return given + CouponFulfilment().prepare(instead, at)

    def had(self, reward: Reward) -> Decimal:
        # A code that was handed over cannot be made worthless.
        return worth_when(reward, EntryKind.ISSUED)


class PayoutFulfilment(Fulfilment):
    """Paid or handed over by people, from a list: money, a gift card, a donation, goods."""

    key = "payout"
    label = _("paid or handed over by you, from a list")

    def follow_up(self, rewards: list[Reward], at: datetime) -> None:
        new_payouts(rewards, at)

    def lock(self, reward: Reward) -> None:
        Payout.objects.filter(reward=reward.pk).update(state=F("state"))

    def take_back(self, reward: Reward) -> None:
        cancel_payout(reward)

    def had(self, reward: Reward) -> Decimal:
        return paid_for(reward)
