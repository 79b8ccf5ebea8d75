"""What a site's own tests may use."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import ClassVar

from .rewards.fulfilment import Fulfilment
from .rewards.models import Reward


@dataclass(frozen=True)
class Given:
    """What the twin would have handed over. ``amount`` is 0.00 for what is no money."""

    reward_id: int
    email: str
    headline: str
    amount: Decimal
    currency: str
    at: datetime


class MemoryFulfilment(Fulfilment):
    """A way of giving that only remembers: name it in FULFILMENTS, ``clear()`` before a test.

    ``given`` holds what was handed over, in order; ``taken_back`` the ids of the rewards that
    were taken back afterwards. While ``has_nothing`` is true, rewards have to wait.
    """

    key = "memory"
    label = "in memory, for tests"
    given: ClassVar[list[Given]] = []
    taken_back: ClassVar[list[int]] = []
    has_nothing: ClassVar[bool] = False

    @classmethod
    def clear(cls) -> None:
        """Forget everything."""
        cls.given.clear()
        cls.taken_back.clear()
        cls.has_nothing = False

    def prepare(self, rewards: list[Reward], at: datetime) -> list[Reward]:
        return [] if self.has_nothing else rewards

    def follow_up(self, rewards: list[Reward], at: datetime) -> None:
        self.given.extend(
            Given(
                reward.pk,
                reward.person.email,
                reward.headline,
                reward.balance,
                reward.currency,
                at,
            )
            for reward in rewards
        )

    def take_back(self, reward: Reward) -> None:
        self.taken_back.append(reward.pk)
