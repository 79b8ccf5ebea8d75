"""What is kept of a person who got or may get something."""

from django.db.models import Q
from django.utils.translation import gettext

from ..messages.models import Message
from ..people.erase import Identity
from ..people.models import Person
from ..referrals.erase import referrals_about
from ..referrals.models import AttributionChange, Referral
from .ledger import OPEN_STATES
from .models import Decision, Reward, RewardEntry
from .moments import FRIEND_MAILS
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
    _forget_friend(person)
    # What was found is of the shop's own details about the order.
    Decision.objects.filter(person=person).redact(details={})
    events = person.events.order_by().values("pk")
    Decision.objects.filter(event__in=events).redact(details={})


def _forget_friend(friend: Person) -> None:
    """The mails that told advocates of them by their first name."""
    own = Referral.objects.filter(friend=friend)
    changed = AttributionChange.objects.filter(referral__friend=friend)
    told = {
        *own.values_list("referrer", flat=True),
        *changed.values_list("from_advocate__person", flat=True),
    }
    mails = Message.objects.filter(kind__in=FRIEND_MAILS, person__in=told)
    for pk, context in mails.values_list("pk", "context"):
        if context.get("friend") == friend.pk:
            Message.objects.filter(pk=pk).update(context={**context, "friend_first_name": ""})
