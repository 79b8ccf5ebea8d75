"""Asking every rule about an event, and granting what they say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ..lookups import Lookup
from ..people.models import Person
from ..programs.models import Program
from ..programs.offers import MONEY_KINDS, Offer, copy_terms
from ..referrals.models import Advocate, Referral
from .issue import announce_pending, fulfil
from .ledger import entry
from .models import (
    Beneficiary,
    Decision,
    EntryKind,
    Reward,
    RewardEntry,
    RewardRule,
    RewardState,
)

if TYPE_CHECKING:
    from ..events.models import Event


@dataclass(frozen=True)
class Facts:
    """What rules may look at. The score of a feedback is not among it, on purpose."""

    event: Event
    program: Program
    advocate: Advocate | None
    referral: Referral | None = None
    is_first_purchase: bool = False

    def person_for(self, beneficiary: str) -> Person | None:
        """Who would get it."""
        if beneficiary == Beneficiary.FRIEND:
            return self.referral.friend if self.referral else None
        return self.advocate.person if self.advocate else None


@dataclass
class Outcome:
    """What the rules answered, in the order they were asked."""

    decisions: list[Decision] = field(default_factory=list)
    rewards: list[Reward] = field(default_factory=list)


# The first that applies is the reason why a rule grants nothing.
REFUSALS: dict[str, Callable[[RewardRule, Facts, Offer | None], bool]] = {
    "closed": lambda rule, facts, offer: not facts.program.is_open(facts.event.occurred_at),
    "no_referral": lambda rule, facts, offer: facts.person_for(rule.beneficiary) is None,
    "not_first_purchase": lambda rule, facts, offer: (
        rule.trigger == "purchase" and rule.first_purchase_only and not facts.is_first_purchase
    ),
    "wrong_currency": lambda rule, facts, offer: (
        rule.minimum_amount is not None and facts.event.currency != facts.program.currency
    ),
    "minimum_not_met": lambda rule, facts, offer: (
        rule.minimum_amount is not None and (facts.event.amount or 0) < rule.minimum_amount
    ),
    "no_offer": lambda rule, facts, offer: offer is None,
}


_active_rules = Lookup(
    lambda: RewardRule.objects.select_related("offer").filter(is_active=True),
    "program_id",
    "trigger",
)


def decide(facts: Facts) -> Outcome:
    """Ask every active rule of the event's kind, store each answer, grant and fulfil.

    Runs in the event's transaction: the event and what follows from it are one.
    """
    outcome = Outcome()
    for rule in _active_rules.all(facts.program.pk, facts.event.kind):
        rule.program = facts.program
        offer = rule.effective_offer()
        reason = facts.event.not_attributed or _refusal(rule, facts, offer)
        person = facts.person_for(rule.beneficiary)
        outcome.decisions.append(
            Decision(
                rule=rule,
                event=facts.event,
                person=person,
                granted=not reason,
                reason=reason,
                decided_at=facts.event.recorded_at,
            )
        )
        if not reason and offer and person:
            outcome.rewards.append(_grant(rule, facts, offer, person))
    Decision.objects.bulk_create(outcome.decisions)
    return outcome


def _refusal(rule: RewardRule, facts: Facts, offer: Offer | None) -> str:
    return next((reason for reason, applies in REFUSALS.items() if applies(rule, facts, offer)), "")


def _grant(rule: RewardRule, facts: Facts, offer: Offer, person: Person) -> Reward:
    at = facts.event.occurred_at
    hold_days = rule.effective_hold_days()
    reward = Reward(
        program=facts.program,
        rule=rule,
        rule_name=rule.name,
        event=facts.event,
        referral=facts.referral,
        person=person,
        beneficiary=rule.beneficiary,
        offer=offer,
        valid_days=offer.valid_days,
        max_uses=offer.max_uses,
        hold_until=at + timedelta(days=hold_days),
        award_key=f"{rule.pk}:{facts.event.pk}:{person.pk}",
        created_at=at,
        **copy_terms(offer),
    )
    if offer.kind in MONEY_KINDS and offer.amount:
        reward.balance = offer.amount
    if hold_days == 0:
        reward.state = RewardState.ISSUED
        # From now, however long ago it was: a late report must not bring an expired coupon.
        reward.coupon = fulfil(reward, facts.advocate, at=facts.event.recorded_at)
    reward.save(force_insert=True)
    RewardEntry.objects.bulk_create(_first_entries(reward, rule))
    if hold_days and rule.beneficiary == Beneficiary.ADVOCATE:
        announce_pending(reward, facts.advocate)
    return reward


def _first_entries(reward: Reward, rule: RewardRule) -> list[RewardEntry]:
    actor, at = f"rule:{rule.pk}", reward.created_at
    why: dict[str, Any] = {"actor": actor, "reason": rule.name, "at": at}
    entries = [entry(reward, EntryKind.GRANTED, amount=reward.balance, **why)]
    if reward.state == RewardState.ISSUED:
        entries.append(entry(reward, EntryKind.ISSUED, actor=actor, at=at))
    return entries
