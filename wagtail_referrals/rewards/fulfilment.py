"""How what was granted reaches somebody."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from decimal import Decimal

from django.utils.module_loading import import_string

from ..conf import setting
from ..parts import Part, Registry
from ..programs.offers import OfferKind
from .models import EntryKind, Reward

# How an offer is given that does not say; any other kind becomes a coupon of ours.
BY_KIND = {OfferKind.CASH: "payout", OfferKind.DONATION: "payout"}


class Fulfilment(Part):
    """A way to give. Both steps run in the transaction that issues the rewards."""

    def prepare(self, rewards: list[Reward], at: datetime) -> list[Reward]:
        """Make what is given, before the rewards are stored; those that can be issued now.

        May set ``reward.coupon`` or ``reward.given``. The others stay approved and are tried
        again when the next due work is done.
        """
        return rewards

    def follow_up(self, rewards: list[Reward], at: datetime) -> None:
        """What has to know the stored rewards, once they are issued."""

    def lock(self, reward: Reward) -> None:
        """Make whoever changes what was given wait; before a reward is taken back."""

    def take_back(self, reward: Reward) -> None:
        """The reward was taken back: hand over nothing more of it."""

    def had(self, reward: Reward) -> Decimal:
        """What the person has had of it for good: a debt, once it is taken back."""
        return worth_when(reward, EntryKind.REDEEMED)


def worth_when(reward: Reward, kind: EntryKind) -> Decimal:
    """What it was worth at its first entry of that kind; 0.00 when there is none."""
    lines = list(reward.entries.values_list("kind", "amount"))
    kinds = [line_kind for line_kind, _amount in lines]
    upto = kinds.index(kind) + 1 if kind in kinds else 0
    return sum((amount for _kind, amount in lines[:upto]), Decimal("0.00"))


class _Fulfilments(Registry[Fulfilment]):
    """Those the setting FULFILMENTS names by dotted path, and those of the hook."""

    def all(self) -> dict[str, Fulfilment]:
        named = [import_string(path)() for path in setting("FULFILMENTS")]
        return {**{part.key: part for part in named}, **super().all()}


fulfilments = _Fulfilments("fulfilment")


def default_fulfilment(kind: str) -> str:
    """The key of the usual way to give an offer of that kind."""
    return BY_KIND.get(OfferKind(kind), "coupon")


def prepare(rewards: list[Reward], at: datetime) -> list[Reward]:
    """The rewards that can be issued now, each prepared by its way of giving."""
    by_way: dict[str, list[Reward]] = defaultdict(list)
    for reward in rewards:
        by_way[reward.fulfilment].append(reward)
    ready: list[Reward] = []
    for key, those in by_way.items():
        way = fulfilments.get(key)
        ready += way.prepare(those, at) if way else []
    for reward in ready:
        reward.expires_at = reward.coupon.expires_at if reward.coupon else None
    return ready


def follow_up(rewards: list[Reward], at: datetime) -> None:
    """Tell each way of giving which rewards were issued."""
    for key in dict.fromkeys(reward.fulfilment for reward in rewards):
        way = fulfilments.get(key)
        if way:
            way.follow_up([reward for reward in rewards if reward.fulfilment == key], at)
