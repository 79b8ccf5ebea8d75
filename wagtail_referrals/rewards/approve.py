"""What staff decide about many rewards at once: approve, hold, void.

Each verb may be repeated: what is no longer in a state for it is left as it is. The rewards that
were moved come back; what is missing among them was not.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from ..exceptions import ReferralsError
from ..text import clean_reason
from ..transactions import retried
from .ledger import move_many
from .models import Reward, RewardState
from .take_back import void_reward


@retried
def approve_rewards(
    rewards: Iterable[Reward], *, reason: str, user: Any = None, at: datetime | None = None
) -> list[Reward]:
    """Let them be given: by the next due work, once their hold is over.

    Raises InvalidInput("invalid_reason").
    """
    return move_many(
        list(rewards), RewardState.APPROVED, reason=clean_reason(reason), user=user, at=at
    )


@retried
def hold_rewards(
    rewards: Iterable[Reward], *, reason: str, user: Any = None, at: datetime | None = None
) -> list[Reward]:
    """Give none of them until somebody approves. Raises InvalidInput("invalid_reason")."""
    return move_many(list(rewards), RewardState.HELD, reason=clean_reason(reason), user=user, at=at)


def void_rewards(rewards: Iterable[Reward], *, reason: str, user: Any = None) -> list[Reward]:
    """End them, each in a transaction of its own: what was given is taken back.

    Raises InvalidInput("invalid_reason").
    """
    reason = clean_reason(reason)
    return [reward for reward in rewards if _voided(reward, reason, user)]


def _voided(reward: Reward, reason: str, user: Any) -> bool:
    try:
        void_reward(reward, reason=reason, user=user)
    except ReferralsError:
        return False
    return True
