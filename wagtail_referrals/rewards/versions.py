"""Saving a rule: a new version whenever what it says has changed."""

from __future__ import annotations

import json
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.utils.translation import gettext

from ..exceptions import Conflict, ReferralsError
from ..programs.money import CENT
from ..transactions import retried
from .rule_models import RewardRule, RuleEffect, RuleState, RuleVersion
from .triggers import triggers

RULE_FIELDS = (
    "trigger",
    "trigger_options",
    "match",
    "conditions",
    "limits",
    "starts_at",
    "ends_at",
    "hold_days",
    "approval",
    "approval_above",
    "priority",
    "exclusive_group",
    "exclusive_by",
)
EFFECT_FIELDS = (
    "beneficiary",
    "formula",
    "formula_options",
    "offer_id",
    "kind",
    "valid_days",
    "fulfilment",
    "fulfilment_options",
)


@retried
def save_rule(
    rule: RewardRule,
    effects: list[RuleEffect],
    *,
    user: Any = None,
    seen_version: int | None = None,
) -> RewardRule:
    """Store a rule and what it grants; a new RuleVersion when either has changed.

    ``seen_version`` is the number of the version the editor started from: when another one was
    saved meanwhile, nothing is written and Conflict("edited_meanwhile") is raised.
    """
    rule.event_kind = _event_kind(rule)
    if rule.pk:
        _refuse_if_edited(rule, seen_version)
        rule.save()
    else:
        rule.save(force_insert=True)
    _store_effects(rule, effects)
    _note_version(rule, effects, user)
    return rule


def _event_kind(rule: RewardRule) -> str:
    trigger = triggers.get(rule.trigger)
    return trigger.kind_of(rule.trigger_options)[:50] if trigger else ""


def _refuse_if_edited(rule: RewardRule, seen: int | None) -> None:
    # Writes nothing new, but makes the other one who saves wait until we are through.
    RewardRule.objects.filter(pk=rule.pk).update(name=rule.name)
    newest = RuleVersion.objects.filter(rule=rule).order_by("-number").first()
    if seen is not None and newest and newest.number != seen:
        raise Conflict("edited_meanwhile")
    rule.version = newest


def _store_effects(rule: RewardRule, effects: list[RuleEffect]) -> None:
    kept = [effect.beneficiary for effect in effects]
    rule.effects.exclude(beneficiary__in=kept).delete()
    known = {effect.beneficiary: effect.pk for effect in rule.effects.all()}
    for effect in effects:
        effect.rule = rule
        effect.pk = known.get(effect.beneficiary)
        effect._state.adding = effect.pk is None
        effect.save()


def _note_version(rule: RewardRule, effects: list[RuleEffect], user: Any) -> None:
    definition = define(rule, effects)
    if rule.version and rule.version.definition == definition and rule.version.name == rule.name:
        return
    rule.version = RuleVersion.objects.create(
        rule=rule,
        number=rule.version.number + 1 if rule.version else 1,
        name=rule.name,
        definition=definition,
        created_by=user,
    )
    RewardRule.objects.filter(pk=rule.pk).update(version=rule.version)


def define(rule: RewardRule, effects: list[RuleEffect]) -> dict[str, Any]:
    """What a rule says, as JSON."""
    said = {name: getattr(rule, name) for name in RULE_FIELDS}
    if rule.approval_above is not None:
        # As the database gives it back, or the next save would see a change.
        said["approval_above"] = rule.approval_above.quantize(CENT)
    said["effects"] = [
        {name: getattr(effect, name) for name in EFFECT_FIELDS}
        for effect in sorted(effects, key=lambda effect: effect.beneficiary)
    ]
    return dict(json.loads(json.dumps(said, cls=DjangoJSONEncoder)))


def copy_rule(rule: RewardRule, *, user: Any = None) -> RewardRule:
    """A copy that is paused, for the owner to change."""
    effects = list(rule.effects.all())
    copy = RewardRule.objects.get(pk=rule.pk)
    copy.pk, copy.version, copy.dry_since = None, None, None
    copy._state.adding = True
    copy.state = RuleState.PAUSED
    copy.name = gettext("Copy of %(name)s") % {"name": rule.name[:100]}
    return save_rule(copy, effects, user=user)


def set_rule_state(rule: RewardRule, state: str) -> None:
    """Pause, archive or make active. Raises ReferralsError("not_possible") when it is so."""
    if not RewardRule.objects.filter(pk=rule.pk).exclude(state=state).update(state=state):
        raise ReferralsError("not_possible")
    rule.state = state
