"""What a shop does, for the races: rules, orders, refunds, and books that have to balance."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from itertools import pairwise
from typing import Any

from wagtail_referrals.api import record_event
from wagtail_referrals.events.store import EventResult
from wagtail_referrals.messages.models import Message
from wagtail_referrals.people.register import find_or_add_person
from wagtail_referrals.programs.models import Program
from wagtail_referrals.referrals.join import join_program
from wagtail_referrals.referrals.models import Advocate
from wagtail_referrals.rewards.announce import MESSAGE_KINDS
from wagtail_referrals.rewards.ledger import END_STATES, TRANSITIONS
from wagtail_referrals.rewards.models import Reward, RewardState
from wagtail_referrals.rewards.rule_models import Allowance, Beneficiary, RewardRule, RuleEffect
from wagtail_referrals.rewards.versions import save_rule


def make_rule(program: Program, effects: list[RuleEffect] | None = None, **values: Any) -> Any:
    """A rule for friends' first purchases, in place of the default one: 10 euros, at once."""
    program.rules.filter(name="The advocate's thank-you").delete()
    values = {"name": "Thank you", "trigger": "first_purchase", "hold_days": 0, **values}
    return save_rule(RewardRule(program=program, **values), effects or [fixed("10.00")])


def fixed(amount: str) -> RuleEffect:
    return RuleEffect(formula="fixed", formula_options={"amount": amount})


def limit(
    most: str, per: str = "advocate", period: str = "lifetime", measure: str = "count"
) -> Any:
    return {"per": per, "period": period, "measure": measure, "most": most}


def join(program: Program, count: int) -> list[Advocate]:
    return [
        join_program(program, find_or_add_person(f"advocate{number}@example.org"))
        for number in range(count)
    ]


def buy(advocate: Advocate, number: int | str, amount: str = "50.00", **values: Any) -> EventResult:
    """The order of one friend whom this advocate sent; each number is a friend of its own."""
    return record_event(
        advocate.program,
        "purchase",
        external_id=f"order-{number}",
        email=f"friend{number}@example.org",
        amount=Decimal(amount),
        currency="EUR",
        referral_code=advocate.display_code,
        **values,
    )


def refund(program: Program, number: int | str, amount: str, name: str = "refund") -> EventResult:
    return record_event(
        program,
        "refund",
        external_id=f"{name}-{number}",
        refund_of=f"order-{number}",
        amount=Decimal(amount),
        currency="EUR",
    )


def faults() -> list[str]:
    """Where the books do not balance: rewards against their ledgers, limits against rewards."""
    rewards = list(Reward.objects.prefetch_related("entries"))
    found = [fault for reward in rewards for fault in _faults_of(reward)]
    return found + _faults_of_allowances(rewards) + _missing_messages(rewards)


def _faults_of(reward: Reward) -> list[str]:
    lines = sorted(reward.entries.all(), key=lambda line: line.pk)
    sums = (sum(line.amount for line in lines), sum(line.owed for line in lines))
    found = []
    if (reward.balance, reward.owed) != sums:
        found.append(
            f"{reward.pk}: {reward.balance}, owed {reward.owed}, but entries sum to {sums}"
        )
    if sum(line.kind == "granted" for line in lines) != 1:
        found.append(f"{reward.pk}: not granted once")
    path = [RewardState(line.kind) for line in lines if line.kind in RewardState]
    if path[-1:] != [reward.state] and (path or reward.state != RewardState.PENDING):
        found.append(f"{reward.pk}: {reward.state}, but its entries end with {path[-1:]}")
    # The first state needs no way to it.
    for before, after in pairwise(path):
        if after not in TRANSITIONS[before]:
            found.append(f"{reward.pk}: from {before} to {after}")
    return found


def _faults_of_allowances(rewards: list[Reward]) -> list[str]:
    taken: dict[str, Decimal] = defaultdict(Decimal)
    for reward in rewards:
        if reward.state not in END_STATES:
            for key, part in reward.allowances.items():
                taken[key] += Decimal(part)
    counted = dict(Allowance.objects.values_list("key", "used"))
    return [
        f"{key}: {counted.get(key)} counted, {taken[key]} taken"
        for key in {*counted, *taken}
        if counted.get(key, Decimal(0)) != taken[key]
    ]


def _missing_messages(rewards: list[Reward]) -> list[str]:
    queued = set(Message.objects.values_list("key", flat=True))
    wanted = {
        f"{kind}:{reward.award_key}" for reward in rewards for kind in _messages_about(reward)
    }
    return [f"no message {key}" for key in sorted(wanted - queued)]


def _messages_about(reward: Reward) -> list[str]:
    if reward.coupon_id:
        return [MESSAGE_KINDS[Beneficiary(reward.beneficiary)]]
    waits = reward.state == RewardState.PENDING
    return ["reward_pending"] if waits and reward.beneficiary == Beneficiary.ADVOCATE else []
