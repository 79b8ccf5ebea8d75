"""Everything that is due, in its order."""

from datetime import datetime

from django.utils import timezone

from .messages.deliver import deliver_due
from .referrals.visitors import throw_away_salts
from .rewards.issue import issue_due_rewards


def run_due(*, at: datetime | None = None) -> dict[str, int]:
    """Issue what is ripe, send what is queued, throw away old salts; how many of each.

    Safe to run twice at once.
    """
    at = at or timezone.now()
    return {
        "rewards_issued": issue_due_rewards(at=at),
        "messages_sent": deliver_due(at=at),
        "salts_thrown_away": throw_away_salts(at.date()),
    }
