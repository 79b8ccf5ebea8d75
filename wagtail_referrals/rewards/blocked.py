"""What waits for somebody who is put on the block list."""

from typing import Any

from ..people.models import Person
from .approve import hold_rewards
from .ledger import sources_of
from .models import Reward, RewardState


def hold_open_rewards(person: Person, reason: str, user: Any) -> None:
    """Hold it for review: staff void or approve it, one by one."""
    waiting = Reward.objects.filter(person=person, state__in=sources_of(RewardState.HELD))
    hold_rewards(waiting, reason=reason, user=user)
