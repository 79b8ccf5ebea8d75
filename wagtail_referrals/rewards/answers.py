"""What each rule would say to an event: read-only, so that it serves dry runs as well."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError

from ..people.models import Person
from ..programs.offers import MONEY_KINDS, OfferKind, copy_terms
from ..referrals.models import AdvocateState
from .conditions import conditions
from .facts import Facts
from .fair import is_unfair
from .formulas import formulas
from .fulfilment import default_fulfilment
from .models import Reward
from .rule_models import Approval, Beneficiary, Match, RewardRule, RuleEffect
from .triggers import triggers

logger = logging.getLogger(__name__)

Refusal = tuple[str, dict[str, Any]]


@dataclass
class ConditionAnswer:
    """One condition of a rule: did it hold, and what was found."""

    key: str
    options: dict[str, Any]
    holds: bool
    found: str


@dataclass
class Answer:
    """What one rule says about one beneficiary: a reward, not stored, or why there is none."""

    rule: RewardRule
    effect: RuleEffect
    person: Person | None
    reason: str = ""
    details: dict[str, Any] = field(default_factory=dict)
    conditions: list[ConditionAnswer] = field(default_factory=list)
    reward: Reward | None = None

    def refuse(self, reason: str, **details: Any) -> None:
        """There is nothing after all."""
        self.reason, self.details, self.reward = reason, details, None


def answers(effects: Iterable[RuleEffect], facts: Facts) -> list[Answer]:
    """Each rule's answer as if it were the only one, in the order of the effects."""
    return [_answer(effect, facts) for effect in effects]


def _answer(effect: RuleEffect, facts: Facts) -> Answer:
    answer = Answer(effect.rule, effect, facts.person_for(effect.beneficiary))
    try:
        _look(answer, facts)
    except (LookupError, TypeError, ValueError, ArithmeticError, ValidationError):
        # A part that a site has changed or taken away must not lose the shop an order.
        logger.exception("Rule %s cannot be asked", effect.rule.pk)
        answer.refuse("part_missing", part=effect.rule.trigger)
    return answer


def _look(answer: Answer, facts: Facts) -> None:
    if facts.event.not_attributed:
        answer.refuse(facts.event.not_attributed)
        return
    for look in (_wrong_time, _nobody, _not_triggered, _conditions):
        refusal = look(answer, facts)
        if refusal:
            answer.refuse(refusal[0], **refusal[1])
            return
    answer.reward = _reward(answer, facts)
    if answer.reward is None:
        answer.refuse("no_offer")


def _wrong_time(answer: Answer, facts: Facts) -> Refusal | None:
    at, rule = facts.event.occurred_at, answer.rule
    if not facts.program.is_open(at):
        return "closed", {}
    if rule.starts_at and at < rule.starts_at:
        return "too_early", {"starts_at": rule.starts_at.isoformat()}
    if rule.ends_at and at >= rule.ends_at:
        return "too_late", {"ends_at": rule.ends_at.isoformat()}
    return None


def _nobody(answer: Answer, facts: Facts) -> Refusal | None:
    if answer.person is None:
        return "no_referral", {}
    involved = [answer.person, facts.person_for(Beneficiary.ADVOCATE)]
    if any(person and person.blocked_at for person in involved):
        return "blocked", {}
    if any(person and person.erased_at for person in involved):
        return "erased", {}
    if facts.advocate and facts.advocate.state != AdvocateState.ACTIVE:
        return "paused", {}
    return None


def _not_triggered(answer: Answer, facts: Facts) -> Refusal | None:
    trigger = triggers.get(answer.rule.trigger)
    if trigger is None:
        return "part_missing", {"part": answer.rule.trigger}
    if trigger.happened(answer.rule.trigger_options, facts):
        return None
    return "not_triggered", {}


def _conditions(answer: Answer, facts: Facts) -> Refusal | None:
    rule = answer.rule
    for stored in rule.conditions:
        condition = conditions.get(stored["key"])
        if condition is None:
            return "part_missing", {"part": stored["key"]}
        if is_unfair(stored["key"]):
            return "unfair", {"part": stored["key"]}
        options = stored.get("options", {})
        holds = condition.holds(options, facts)
        found = "" if holds else condition.found(options, facts)[:200]
        answer.conditions.append(ConditionAnswer(stored["key"], options, holds, found))
    met = [condition.holds for condition in answer.conditions]
    if not met or (any(met) if rule.match == Match.ANY else all(met)):
        return None
    first = next(condition for condition in answer.conditions if not condition.holds)
    return "condition", {"key": first.key, "options": first.options, "found": first.found}


def _reward(answer: Answer, facts: Facts) -> Reward | None:
    """What the rule grants, in a row that is not stored; None when it has nothing to give."""
    effect, rule, person = answer.effect, answer.rule, answer.person
    assert person is not None
    given = _by_formula(effect, facts) if effect.formula else _by_offer(effect, facts)
    if given is None:
        return None
    at = facts.event.occurred_at
    reward = Reward(
        program=facts.program,
        rule=rule,
        version_id=rule.version_id,
        rule_name=rule.name,
        event=facts.event,
        referral=facts.referral,
        person=person,
        beneficiary=effect.beneficiary,
        formula=effect.formula,
        formula_options=effect.formula_options,
        hold_until=at + timedelta(days=rule.effective_hold_days()),
        award_key=f"{rule.pk}:{facts.event.pk}:{person.pk}:{effect.beneficiary}",
        created_at=at,
        **given,
    )
    reward.fulfilment = reward.fulfilment or default_fulfilment(reward.kind)
    if reward.kind in MONEY_KINDS and reward.amount:
        reward.balance = reward.amount
    return reward


def _by_offer(effect: RuleEffect, facts: Facts) -> dict[str, Any] | None:
    offer = effect.effective_offer(facts.advocate, facts.referral)
    if offer is None:
        return None
    return {
        "offer": offer,
        "valid_days": offer.valid_days,
        "max_uses": offer.max_uses,
        "fulfilment": effect.fulfilment or offer.fulfilment,
        "fulfilment_options": effect.fulfilment_options or offer.fulfilment_options,
        **copy_terms(offer),
    }


def _by_formula(effect: RuleEffect, facts: Facts) -> dict[str, Any] | None:
    formula = formulas.get(effect.formula)
    money = formula.amount(effect.formula_options, facts) if formula else None
    if money is None or money[0] <= 0:
        return None
    return {
        "kind": effect.kind,
        "amount": money[0],
        "currency": money[1],
        "valid_days": effect.valid_days,
        "max_uses": 1,
        "fulfilment": effect.fulfilment,
        "fulfilment_options": effect.fulfilment_options,
    }


def worth(reward: Reward, facts: Facts) -> Decimal:
    """What a reward is worth to somebody, to compare rules of one group.

    In the program's currency; 0 in any other, as nothing says what that is worth: among such, the
    rule asked first counts.
    """
    percent = reward.kind == OfferKind.PERCENT
    if (facts.event.currency if percent else reward.currency) != facts.program.currency:
        return Decimal(0)
    return facts.amount * (reward.amount or 0) / 100 if percent else reward.balance


def needs_approval(reward: Reward, rule: RewardRule) -> bool:
    """Whether somebody has to look at it before it is given.

    With "above an amount", money in another currency than the program's always: the two cannot be
    compared.
    """
    if rule.approval == Approval.NEVER:
        return False
    if rule.approval == Approval.ALWAYS or reward.flags:
        return True
    above = rule.approval_above
    if rule.approval != Approval.ABOVE or above is None or not reward.balance:
        return False
    return reward.currency != rule.program.currency or reward.balance > above
