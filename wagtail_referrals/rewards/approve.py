"""What staff decide about many rewards at once: approve, hold, void.

Each verb may be repeated: what is no longer in a state for it is left as it is. The rewards that
were moved come back; what is missing among them was not.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from ..exceptions import ReferralsError
from ..text import clean_reason
from ..transactions import retried
from .announce import announce_approved
from .ledger import move_many
from .models import Reward, RewardState
from .rule_models import Beneficiary
from .take_back import void_reward

# What is given so soon is told of by being given.
SOON = timedelta(days=1)


@retried
def approve_rewards(
    rewards: Iterable[Reward], *, reason: str, user: Any = None, at: datetime | None = None
) -> list[Reward]:
    """Let them be given: by the next due work, once their hold is over.

    Who had heard nothing, because it was held, hears of it now, unless it comes within a day.
    Raises InvalidInput("invalid_reason").
    """
    reason, at = clean_reason(reason), at or timezone.now()
    rewards = list(rewards)
    keys = [reward.pk for reward in rewards]
    wait = Reward.objects.filter(
        pk__in=keys,
        state=RewardState.HELD,
        hold_until__gt=at + SOON,
        beneficiary=Beneficiary.ADVOCATE,
        person__blocked_at=None,
    )
    held = list(wait.select_related("person", "program__site", "coupon", "referral__friend"))
    moved = move_many(rewards, RewardState.APPROVED, reason=reason, user=user, at=at)
    approved = {reward.pk for reward in moved}
    announce_approved([reward for reward in held if reward.pk in approved], at)
    return moved


@retried
def hold_rewards(
    rewards: Iterable[Reward], *, reason: str, user: Any = None, at: datetime | None = None
) -> list[Reward]:
    """Give none of them until somebody approves. Raises InvalidInput("invalid_reason")."""
    return move_many(list(rewards), RewardState.HELD, reason=clean_reason(reason), user=user, at=at)


def void_rewards(
    rewards: Iterable[Reward], *, reason: str, user: Any = None, tell: str = ""
) -> list[Reward]:
    """End them, each in a transaction of its own: what was given is taken back.

    ``tell`` is as for ``void_reward``. Raises InvalidInput("invalid_reason").
    """
    reason = clean_reason(reason)
    return [reward for reward in rewards if _voided(reward, reason, user, tell)]


def _voided(reward: Reward, reason: str, user: Any, tell: str) -> bool:
    try:
        void_reward(reward, reason=reason, user=user, tell=tell)
    except ReferralsError:
        return False
    return True
