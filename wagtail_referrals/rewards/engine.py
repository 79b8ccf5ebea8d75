"""Asking every rule about an event, and granting what they say."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from ..bulk import insert
from ..lookups import Lookup
from ..programs.offers import MONEY_KINDS
from .answers import Answer, answers, worth
from .facts import Facts
from .grant import grant
from .limits import Limit, limits_of, lock_used, read_used, take
from .models import Decision, Reward
from .rule_models import ExclusiveBy, RuleEffect, RuleState
from .running_dry import note_dry, note_low

logger = logging.getLogger(__name__)


@dataclass
class Outcome:
    """What the rules answered, in the order they were asked."""

    decisions: list[Decision] = field(default_factory=list)
    rewards: list[Reward] = field(default_factory=list)


class Spent(NamedTuple):
    """The limits of which nothing is left, and the budgets that have just come to run low."""

    dry: list[Limit]
    low: list[Limit]


_active_effects: Lookup[RuleEffect] = Lookup(
    lambda: (
        RuleEffect.objects.select_related("rule", "offer")
        .filter(rule__state=RuleState.ACTIVE)
        .order_by("rule__priority", "rule__pk", "pk")
    ),
    "rule__event_kind",
    "rule__program_id",
)


def decide(facts: Facts) -> Outcome:
    """Ask every active rule of the event's kind, store each answer, grant and fulfil.

    Runs in the event's transaction: the event and what follows from it are one.
    """
    effects = _active_effects.all(facts.event.kind, facts.program.pk)
    asked = ask(effects, facts)
    spent = settle(asked, facts, lock_used, take)
    decisions = [decision_of(answer, facts) for answer in asked]
    insert(decisions)
    rewards = [answer.reward for answer in asked if answer.reward]
    rules = {answer.rule.pk: answer.rule for answer in asked}
    grant(rewards, rules, facts)
    note_dry(spent.dry, rules, facts)
    note_low(spent.low, facts)
    return Outcome(decisions, rewards)


def rehearse(effects: Iterable[RuleEffect], facts: Facts) -> list[Answer]:
    """What ``decide`` would answer now, without writing anything."""
    asked = ask(effects, facts)
    settle(asked, facts, read_used, lambda taken, limits: None)
    return asked


def ask(effects: Iterable[RuleEffect], facts: Facts) -> list[Answer]:
    """Each rule's own answer, before groups and limits."""
    for effect in effects:
        effect.rule.program = facts.program
    asked = answers(effects, facts)
    for answer in asked:
        if answer.reward:
            answer.reward.flags = facts.flags
    return asked


def settle(
    asked: list[Answer],
    facts: Facts,
    used_of: Callable[[dict[str, Limit]], dict[str, Decimal]],
    count: Callable[[dict[str, Decimal], dict[str, Limit]], None],
) -> Spent:
    """Let each exclusive group grant once, and no limit be passed; refuse the rest."""
    limits = {id(answer): _limits(answer, facts) for answer in asked if answer.reward}
    granting = [answer for answer in asked if answer.reward]
    known = {limit.key: limit for found in limits.values() for limit in found}
    used = used_of(known) if known else {}
    taken: dict[str, Decimal] = {}
    winners: dict[tuple[str, int], Answer] = {}
    for answer in _in_turn(granting, limits, used, facts):
        group = (answer.rule.exclusive_group, answer.reward.person_id)  # type: ignore[union-attr]
        winner = winners.get(group) if group[0] else None
        if winner:
            answer.refuse("exclusive", rule=winner.rule.name)
        elif _fits(answer, limits[id(answer)], used, taken, facts) and group[0]:
            winners[group] = answer
    count(taken, known)
    return _spent(known, used, taken)


def _spent(known: dict[str, Limit], used: dict[str, Decimal], taken: dict[str, Decimal]) -> Spent:
    spent, zero = Spent([], []), Decimal(0)
    for key, limit in known.items():
        before = used.get(key, zero)
        after = before + taken.get(key, zero)
        if limit.is_reached(after):
            spent.dry.append(limit)
        elif limit.is_low(after) and not limit.is_low(before):
            spent.low.append(limit)
    return spent


def _limits(answer: Answer, facts: Facts) -> list[Limit]:
    """The limits of a grant; a rule with one that cannot be read grants nothing."""
    try:
        return limits_of(answer.effect, facts)
    except (LookupError, TypeError, ValueError, ArithmeticError):
        logger.exception("The limits of rule %s cannot be read", answer.rule.pk)
        answer.refuse("part_missing", part="limits")
        return []


def _in_turn(
    granting: list[Answer],
    limits: dict[int, list[Limit]],
    used: dict[str, Decimal],
    facts: Facts,
) -> list[Answer]:
    """By priority, but within a group of which the best counts, by what would be had of it."""
    first_of: dict[str, int] = {}
    for position, answer in enumerate(granting):
        first_of.setdefault(answer.rule.exclusive_group or str(id(answer)), position)

    def turn(position: int) -> tuple[int, Decimal, int]:
        answer = granting[position]
        best = answer.rule.exclusive_group and answer.rule.exclusive_by == ExclusiveBy.BEST
        value = Decimal(0)
        if best and answer.reward:
            room = _room(answer.reward, limits[id(answer)], used)
            value = min([worth(answer.reward, facts), *room])
        return first_of[answer.rule.exclusive_group or str(id(answer))], -value, position

    return [granting[position] for position in sorted(range(len(granting)), key=turn)]


def _room(reward: Reward, limits: list[Limit], used: dict[str, Decimal]) -> list[Decimal]:
    """What each limit in money leaves of it."""
    return [
        limit.most - used.get(limit.key, Decimal(0))
        for limit in limits
        if limit.measure == "amount" and limit.concerns(reward)
    ]


def _fits(
    answer: Answer,
    limits: list[Limit],
    used: dict[str, Decimal],
    taken: dict[str, Decimal],
    facts: Facts,
) -> bool:
    """Whether the limits leave room; an amount of money is cut to what is left.

    What a limit in money cannot count, as it is in another currency than the program's, has none.
    """
    reward = answer.reward
    assert reward is not None
    for limit in limits:
        if not limit.concerns(reward):
            continue
        if limit.measure == "amount" and reward.currency != facts.program.currency:
            answer.refuse("wrong_currency", currency=reward.currency, limit=limit.key)
            return False
        gone = used.get(limit.key, Decimal(0)) + taken.get(limit.key, Decimal(0))
        if limit.is_reached(gone):
            answer.refuse(
                limit.code, limit=limit.key, most=str(limit.most), personal=limit.personal
            )
            return False
        if limit.measure == "amount":
            reward.balance = min(reward.balance, limit.most - gone)
    if reward.kind in MONEY_KINDS and reward.balance:
        reward.amount = reward.balance
    for limit in limits:
        part = limit.takes(reward)
        taken[limit.key] = taken.get(limit.key, Decimal(0)) + part
        if part:
            reward.allowances[limit.key] = str(part)
    return True


def decision_of(answer: Answer, facts: Facts) -> Decision:
    """The answer as it is stored; not stored yet."""
    return Decision(
        rule=answer.rule,
        version_id=answer.rule.version_id,
        event=facts.event,
        person=answer.person,
        beneficiary=answer.effect.beneficiary,
        granted=answer.reward is not None,
        reason=answer.reason,
        details=answer.details,
        decided_at=facts.event.recorded_at,
    )
