"""What is kept of a person who got or may get something."""

from django.db.models import Q
from django.utils.translation import gettext

from ..people.erase import Identity
from ..referrals.erase import referrals_about
from .ledger import OPEN_STATES
from .models import Decision, Reward, RewardEntry
from .payout_models import Payout
from .take_back import end_reward


def erase_rewards(identity: Identity) -> None:
    """What waits for them ends; what was granted keeps its amounts, and its reasons no name."""
    person = identity.person
    for reward in Reward.objects.filter(person=person, state__in=OPEN_STATES):
        end_reward(reward, reason=gettext("The person was erased"))
    referrals = referrals_about(person).values("pk")
    rewards = Reward.objects.filter(Q(person=person) | Q(referral__in=referrals))
    entries = RewardEntry.objects.filter(reward__in=rewards.order_by().values("pk"))
    identity.redact_rows(entries, "reason")
    payouts = Payout.objects.filter(reward__person=person)
    identity.redact_rows(payouts, "reference", "problem")
    # What was found is of the shop's own details about the order.
    Decision.objects.filter(person=person).redact(details={})
    events = person.events.order_by().values("pk")
    Decision.objects.filter(event__in=events).redact(details={})
