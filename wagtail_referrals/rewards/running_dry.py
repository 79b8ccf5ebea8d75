"""Rules and programs that have nothing left to give: noted once, told to the owner, undone."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext

from ..messages.to_staff import setup_url, tell_owner
from ..programs.models import Program
from ..programs.money import format_money
from .facts import Facts
from .limits import LOW, Limit, budget_of, limit_at, read_used
from .rule_models import Beneficiary, RewardRule
from .triggers import CLAIMED


def note_dry(reached: list[Limit], rules: dict[int, RewardRule], facts: Facts) -> None:
    """Note what has just run dry; a page promises nothing from then on."""
    at = facts.event.recorded_at
    for limit in reached:
        if limit.personal:
            continue
        rule = rules.get(limit.rule_id) if limit.rule_id else None
        if rule is None:
            _note_full(facts.program, None, at)
        elif rule.dry_since is None and _is_first(rule, at):
            _note_full(facts.program, rule, at)


def _is_first(rule: RewardRule, at: datetime) -> bool:
    """Whether it was us who noted it."""
    rule.dry_since = at
    return bool(RewardRule.objects.filter(pk=rule.pk, dry_since=None).update(dry_since=at))


def promises_friends(rule: RewardRule) -> bool:
    """Whether it is the rule that gives friends what the landing page promises."""
    if rule.event_kind != CLAIMED:
        return False
    return rule.effects.filter(beneficiary=Beneficiary.FRIEND).exists()


def _note_full(program: Program, rule: RewardRule | None, at: datetime) -> None:
    """The program itself is full, or one of its rules: the owner hears of either once."""
    told = rule is not None
    if program.full_since is None and (rule is None or promises_friends(rule)):
        program.full_since = at
        still = Program.objects.filter(pk=program.pk, full_since=None)
        told = bool(still.update(full_since=at)) or told
    if told:
        tell_owner(
            "running_dry",
            program,
            about=f"{program.pk}:{rule.pk if rule else ''}:{at.isoformat()}",
            context={"program_name": program.name, "rule_name": rule.name if rule else ""},
            at=at,
        )


def note_low(low: list[Limit], facts: Facts) -> None:
    """Tell the owner of a budget that runs low: once for each budget, also when refunds lift it."""
    program = facts.program
    for limit in low:
        with translation.override(settings.LANGUAGE_CODE):  # not the customer's
            context = {
                "used": _amount(limit.most * LOW, limit, program),
                "most": _amount(limit.most, limit, program),
                "url": setup_url("programs", program.pk),
            }
        about = f"{limit.key}:{limit.most.normalize():f}"
        tell_owner("budget_low", program, about=about, context=context, at=facts.event.recorded_at)


def _amount(number: Decimal, limit: Limit, program: Program) -> str:
    """Of a budget in money or in rewards."""
    if limit.measure == "amount":
        return format_money(number, program.currency)
    return gettext("%d rewards") % number


def reopen_what_has_room(*, at: datetime) -> int:
    """Rules and programs that ran dry and can give again: a new month, more budget, a refund."""
    reopened = 0
    for rule in RewardRule.objects.exclude(dry_since=None):
        if not _is_dry(rule, at):
            reopened += RewardRule.objects.filter(pk=rule.pk).update(dry_since=None)
    for program in Program.objects.exclude(full_since=None):
        dry = RewardRule.objects.filter(program=program).exclude(dry_since=None)
        if not _reached(budget_of(program)) and not any(map(promises_friends, dry)):
            reopened += Program.objects.filter(pk=program.pk).update(full_since=None)
    return reopened


def _is_dry(rule: RewardRule, at: datetime) -> bool:
    return _reached(
        [limit_at(rule, stored, at) for stored in rule.limits if stored["per"] == "rule"]
    )


def _reached(limits: list[Limit]) -> bool:
    used = read_used(limit.key for limit in limits)
    return any(limit.is_reached(used[limit.key]) for limit in limits if limit.key in used)
