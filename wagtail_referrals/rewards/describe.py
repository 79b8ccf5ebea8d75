"""A rule in words: one sentence, and what differs between two of its versions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext, pgettext
from django.utils.translation import gettext_lazy as _

from ..parts import Options, Part, Registry
from ..programs.models import Program
from ..programs.money import format_money
from ..programs.offers import Offer, OfferKind
from .conditions import conditions
from .formulas import formulas
from .fulfilment import fulfilments
from .limits import describe_limit
from .rule_models import (
    Approval,
    Beneficiary,
    ExclusiveBy,
    Match,
    RewardRule,
    RuleEffect,
    RuleVersion,
)
from .triggers import triggers
from .versions import EFFECT_FIELDS, RULE_FIELDS

CLAUSES = {
    "name": _("name"),
    "when": _("when"),
    "conditions": _("conditions"),
    **dict(Beneficiary.choices),
    "limits": _("limits"),
    "dates": _("from and until"),
    "hold": _("waits"),
    "approval": _("approval"),
    "group": _("exclusive group"),
    "priority": _("priority"),
}


def describe_rule(rule: RewardRule, effects: Sequence[RuleEffect]) -> str:
    """The rule as one sentence: "When …, the advocate gets …; at most …; after 14 days."."""
    said = clauses(rule, effects)
    when = said["when"]
    if said["conditions"]:
        when = gettext("%(when)s and %(conditions)s") % said
    gives = [_gives(key) % {"what": said[key]} for key in Beneficiary.values if said.get(key)]
    words = {"when": when, "gives": _and(gives) or gettext("nobody gets anything")}
    rest = [said[key] for key in ("limits", "dates", "hold", "approval", "group") if said[key]]
    return "; ".join([gettext("When %(when)s, %(gives)s") % words, *rest]) + "."


def _gives(beneficiary: str) -> str:
    words = {
        Beneficiary.ADVOCATE: gettext("the advocate gets %(what)s"),
        Beneficiary.FRIEND: gettext("the friend gets %(what)s"),
        Beneficiary.HAND_ON: gettext("the advocate gets %(what)s to hand on to a friend"),
    }
    return words[Beneficiary(beneficiary)]


def clauses(rule: RewardRule, effects: Sequence[RuleEffect]) -> dict[str, str]:
    """What a rule says, in pieces: key of CLAUSES and words, "" where it says nothing."""
    program = rule.program
    return {
        "name": rule.name,
        "when": part_words(triggers, rule.trigger, rule.trigger_options, program),
        "conditions": _conditions(rule),
        **{effect.beneficiary: effect_words(effect, program) for effect in effects},
        "limits": ", ".join(describe_limit(limit, program.currency) for limit in rule.limits),
        "dates": _dates(rule),
        "hold": _hold(rule),
        "approval": _approval(rule),
        "group": _group(rule),
        "priority": str(rule.priority),
    }


def part_words(registry: Registry[Any], key: str, options: Options, program: Program) -> str:
    """A part in words; its label as long as its fields are not filled in."""
    part: Part | None = registry.get(key)
    if part is None:
        return key
    if part.form_class.base_fields and not options:
        return str(part.label)
    return part.describe({"currency": program.currency, **options})


def effect_words(effect: RuleEffect, program: Program) -> str:
    """What one beneficiary gets."""
    way = fulfilments.get(effect.fulfilment) if effect.fulfilment else None
    given = gettext(", given by: %(way)s") % {"way": way.label} if way else ""
    if not effect.formula:
        offer = effect.effective_offer()
        return (
            offer.headline if offer else gettext("the program's offer, which is missing")
        ) + given
    amount = part_words(formulas, effect.formula, effect.formula_options, program)
    kind = OfferKind(effect.kind).label
    return gettext("%(amount)s, as %(kind)s") % {"amount": amount, "kind": kind} + given


def _conditions(rule: RewardRule) -> str:
    words = [
        part_words(conditions, stored["key"], stored.get("options", {}), rule.program)
        for stored in rule.conditions
    ]
    return _and(words) if rule.match == Match.ALL else _or(words)


def _and(words: Sequence[str]) -> str:
    return _joined(words, pgettext("between the last two of a list", "and"))


def _or(words: Sequence[str]) -> str:
    return _joined(words, pgettext("between the last two of a list", "or"))


def _joined(words: Sequence[str], last: str) -> str:
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def _moment(at: Any) -> str:
    return date_format(timezone.localtime(at), "SHORT_DATETIME_FORMAT")


def _dates(rule: RewardRule) -> str:
    words = []
    if rule.starts_at:
        words.append(gettext("from %(time)s on") % {"time": _moment(rule.starts_at)})
    if rule.ends_at:
        words.append(gettext("until %(time)s") % {"time": _moment(rule.ends_at)})
    return " ".join(words)


def _hold(rule: RewardRule) -> str:
    days = rule.effective_hold_days()
    return ngettext("after %d day", "after %d days", days) % days if days else gettext("at once")


def _approval(rule: RewardRule) -> str:
    if rule.approval == Approval.ABOVE and rule.approval_above is not None:
        amount = format_money(rule.approval_above, rule.program.currency)
        return gettext("over %(amount)s only with approval") % {"amount": amount}
    words = {
        Approval.ALWAYS: gettext("only with approval"),
        Approval.NEVER: gettext("never held for approval"),
    }
    return words.get(Approval(rule.approval), "")


def _group(rule: RewardRule) -> str:
    if not rule.exclusive_group:
        return ""
    words = (
        gettext("of the group “%(group)s” the best for the customer counts")
        if rule.exclusive_by == ExclusiveBy.BEST
        else gettext("of the group “%(group)s” the first that grants counts")
    )
    return words % {"group": rule.exclusive_group}


def as_it_was(version: RuleVersion) -> tuple[RewardRule, list[RuleEffect]]:
    """The rule and its effects as a version says; neither is stored."""
    said = version.definition
    rule = RewardRule(program=version.rule.program, name=version.name)
    for name in RULE_FIELDS:
        field = RewardRule._meta.get_field(name)
        setattr(rule, name, field.to_python(said[name]))  # type: ignore[union-attr]
    trigger = triggers.get(rule.trigger)
    rule.event_kind = trigger.kind_of(rule.trigger_options) if trigger else ""
    offers = Offer.objects.in_bulk([e["offer_id"] for e in said["effects"] if e["offer_id"]])
    effects = []
    for stored in said["effects"]:
        effect = RuleEffect(rule=rule, **{name: stored[name] for name in EFFECT_FIELDS})
        effect.offer = offers.get(effect.offer_id)
        effects.append(effect)
    return rule, effects


def changes(before: RuleVersion | None, after: RuleVersion) -> list[str]:
    """What a version says otherwise than the one before it, a line each."""
    new = clauses(*as_it_was(after))
    if before is None:
        return [describe_rule(*as_it_was(after))]
    old = clauses(*as_it_was(before))
    keys = [key for key in CLAUSES if old.get(key, "") != new.get(key, "")]
    return list(_change_lines(keys, old, new)) or [gettext("Details that no words tell.")]


def _change_lines(keys: list[str], old: dict[str, str], new: dict[str, str]) -> Iterable[str]:
    for key in keys:
        words = {
            "what": capfirst(str(CLAUSES[key])),
            "old": old.get(key) or gettext("nothing"),
            "new": new.get(key) or gettext("nothing"),
        }
        yield gettext("%(what)s: “%(new)s” instead of “%(old)s”") % words
