"""Everything that is due, in its order."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime

from django.utils import timezone

from .asks.plan import plan_asks
from .asks.send import send_due_asks
from .coupons.batches import finish_batches
from .coupons.hold import release_expired_holds
from .feedback.reminders import tell_owners
from .feedback.testimonials import retire_testimonials
from .insights.champions import update_champions
from .insights.digest import make_digests
from .insights.experiment_turns import count_due
from .insights.reach import update_reach
from .insights.rollups import update_rollups
from .insights.tallies import update_tallies
from .messages.deliver import deliver_due
from .partners.contact_reminders import remind_of_contacts
from .partners.introduction_reminders import remind_of_steps
from .referrals.friend_mail import forget_friends, remind_friends
from .referrals.visitors import throw_away_salts
from .retention import purge
from .rewards.expire import expire_rewards
from .rewards.issue import issue_due_rewards
from .rewards.reminders import remind_of_coupons
from .rewards.running_dry import reopen_what_has_room

logger = logging.getLogger(__name__)


def run_due(*, at: datetime | None = None) -> dict[str, int]:
    """Issue what is ripe, send what is queued, throw away old salts; how many of each.

    Safe to run twice at once. What fails does not keep the rest from being done: the errors
    come at the end, as an ExceptionGroup.
    """
    at = at or timezone.now()
    work: dict[str, Callable[[], int]] = {
        "rewards_issued": lambda: issue_due_rewards(at=at),
        "rewards_expired": lambda: expire_rewards(at=at),
        "reopened": lambda: reopen_what_has_room(at=at),
        "holds_released": lambda: release_expired_holds(at=at),
        "testimonials_retired": lambda: retire_testimonials(at=at),
        "codes_made": lambda: finish_batches(),
        "cases_told": lambda: tell_owners(at=at),
        "partners_told": lambda: remind_of_contacts(at=at),
        "introductions_told": lambda: remind_of_steps(at=at),
        "coupons_told": lambda: remind_of_coupons(at=at),
        "digests_made": lambda: make_digests(at=at),
        "asks_planned": lambda: plan_asks(at=at),
        "asked": lambda: send_due_asks(at=at),
        "friends_reminded": lambda: remind_friends(at=at),
        "friends_forgotten": lambda: forget_friends(at=at),
        "messages_sent": lambda: deliver_due(at=at),
        "days_tallied": lambda: update_tallies(at=at),
        "hours_counted": lambda: update_rollups(at=at),
        # Before the clicks go that they count.
        "experiments_counted": lambda: count_due(at=at),
        "purged": lambda: purge(at=at),
        "champions_updated": lambda: update_champions(at=at),
        "reach_updated": lambda: update_reach(at=at),
        "salts_thrown_away": lambda: throw_away_salts(at.astimezone(UTC).date()),
    }
    done: dict[str, int] = {}
    errors: list[Exception] = []
    for what, do in work.items():
        try:
            done[what] = do()
        except Exception as error:  # the next piece of work is not to blame
            logger.exception("%s failed", what)
            errors.append(error)
    if errors:
        raise ExceptionGroup("Not all that was due could be done.", errors)
    return done
