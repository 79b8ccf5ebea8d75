"""What an advocate reaches next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from math import ceil

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from ..lookups import Lookup
from ..programs.money import format_money
from ..referrals.models import Advocate
from .describe import part_words
from .formulas import Stepped, formulas
from .rule_models import Beneficiary, RewardRule, RuleEffect, RuleState
from .triggers import FriendsMilestone, ValueMilestone

# What one or two friends spent is their own business.
FEWEST_FRIENDS = 3


@dataclass(frozen=True)
class Milestone:
    """The next goal in words, and how far they are; ``percent`` None where it is not said."""

    words: str
    now: int
    goal: int
    percent: int | None


def next_milestone(advocate: Advocate, *, at: datetime | None = None) -> Milestone | None:
    """The nearest goal by the number of friends, or else by what they bought.

    One query, where it is cached what is put to the test. None without a rule that has goals, or
    when all are reached.
    """
    effects = _effects(advocate, at or timezone.now())
    goals = [goal for effect in effects for goal in _by_friends(advocate, effect)]
    if goals:
        number, what = min(goals)
        return _for_friends(advocate, number, what)
    values = [goal for effect in effects for goal in _by_value(advocate, effect)]
    return _for_value(advocate, *min(values)) if values else None


_with_goals = Lookup(
    lambda: (
        RuleEffect.objects.filter(
            Q(rule__trigger__in=[FriendsMilestone.key, ValueMilestone.key])
            | Q(formula=Stepped.key),
            rule__state=RuleState.ACTIVE,
            rule__dry_since=None,
            beneficiary=Beneficiary.ADVOCATE,
        )
        .select_related("rule", "offer")
        .order_by("pk")
    ),
    "rule__program",
)


def _effects(advocate: Advocate, at: datetime) -> list[RuleEffect]:
    effects = [one for one in _with_goals.all(advocate.program_id) if _is_on(one.rule, at)]
    for effect in effects:
        effect.rule.program = advocate.program
    return effects


def _is_on(rule: RewardRule, at: datetime) -> bool:
    has_begun = rule.starts_at is None or rule.starts_at <= at
    return has_begun and (rule.ends_at is None or rule.ends_at > at)


def _by_friends(advocate: Advocate, effect: RuleEffect) -> Iterator[tuple[int, str]]:
    """How many friends, and what they bring; only what is not reached yet."""
    program, options = advocate.program, effect.formula_options
    if effect.rule.trigger == FriendsMilestone.key:
        number = int(effect.rule.trigger_options.get("number", 0))
        if number > advocate.friends_converted:
            yield number, _what(effect, number, advocate)
    elif effect.formula == Stepped.key and options.get("by") == "friends":
        for step in options.get("steps", []):
            number = ceil(Decimal(step["from"]))
            if number > advocate.friends_converted:
                amount = format_money(Decimal(step["amount"]), program.currency)
                yield number, gettext("%(amount)s for each friend") % {"amount": amount}


def _by_value(advocate: Advocate, effect: RuleEffect) -> Iterator[tuple[Decimal, str]]:
    if effect.rule.trigger != ValueMilestone.key:
        return
    goal = Decimal(str(effect.rule.trigger_options.get("amount", "0")))
    if goal > advocate.friends_value:
        yield goal, _what(effect, 0, advocate)


def _what(effect: RuleEffect, friends: int, advocate: Advocate) -> str:
    """What reaching the goal brings; of steps, the one for so many friends."""
    options = effect.formula_options
    if effect.formula == Stepped.key and options.get("by") == "friends":
        reached = [one for one in options.get("steps", []) if Decimal(one["from"]) <= friends]
        if reached:
            return format_money(Decimal(reached[-1]["amount"]), effect.rule.program.currency)
    if effect.formula:
        return part_words(formulas, effect.formula, options, effect.rule.program)
    offer = effect.effective_offer(advocate)
    return offer.headline if offer else ""


def _for_friends(advocate: Advocate, goal: int, what: str) -> Milestone:
    have = advocate.friends_converted
    left = goal - have
    words = ngettext(
        "One more friend who buys, and this waits for you: %(what)s",
        "%(left)d more friends who buy, and this waits for you: %(what)s",
        left,
    )
    return Milestone(words % {"left": left, "what": what}, have, goal, 100 * have // goal)


def _for_value(advocate: Advocate, goal: Decimal, what: str) -> Milestone:
    values = {"amount": format_money(goal, advocate.program.currency), "what": what}
    words = gettext("When your friends have bought for %(amount)s in all: %(what)s") % values
    percent = None
    if advocate.friends_converted >= FEWEST_FRIENDS:
        percent = int(100 * advocate.friends_value / goal)
    return Milestone(words, 0, 0, percent)
