"""Rewards as tests need them: a friend buys, time passes, an order comes back."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from wagtail_referrals.api import record_event
from wagtail_referrals.programs.models import Program
from wagtail_referrals.referrals.models import Advocate
from wagtail_referrals.rewards.issue import issue_due_rewards
from wagtail_referrals.rewards.models import Reward

LATER = timedelta(days=15)


def buy(advocate: Advocate, order: str = "1", amount: str = "50.00") -> Reward:
    """A friend's first order; the advocate's reward for it."""
    # By its name, as a shop does: an instance may know an offer as it was before.
    result = record_event(
        advocate.program.slug,
        "purchase",
        external_id=order,
        email=f"friend-{order}@example.org",
        amount=Decimal(amount),
        currency="EUR",
        referral_code=advocate.display_code,
    )
    (reward,) = result.rewards
    return reward


def refund(order: str = "1", amount: str = "50.00") -> None:
    record_event(
        Program.objects.get(),
        "refund",
        external_id=f"refund-{order}-{amount}",
        amount=Decimal(amount),
        currency="EUR",
        refund_of=order,
    )


def issue_all(after: timedelta = LATER) -> int:
    return issue_due_rewards(at=timezone.now() + after)


def give_by(program: Program, fulfilment: str, kind: str = "", **options: Any) -> None:
    """The advocate's offer is given that way from now on."""
    offer = program.advocate_offer
    assert offer is not None
    offer.fulfilment, offer.fulfilment_options = fulfilment, options
    offer.kind = kind or offer.kind
    offer.save()


def ledger(reward: Reward) -> list[tuple[str, Decimal, Decimal]]:
    return [(line.kind, line.amount, line.owed) for line in reward.entries.all()]


def kinds(reward: Reward) -> list[str]:
    return [line.kind for line in reward.entries.all()]
