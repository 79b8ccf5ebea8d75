"""The form of a rule: one screen out of many small forms, of which only those that matter show.

A rule's form is made three ways: from what is stored; from what was typed, with no fault found,
while somebody is still choosing; and from what was typed, checked, when it is to be saved.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext

from ..parts import Options, Part, to_json
from ..programs.access import visible_programs
from ..rewards.conditions import conditions
from ..rewards.describe import describe_rule
from ..rewards.formulas import formulas
from ..rewards.fulfilment import fulfilments
from ..rewards.rule_models import Beneficiary, RewardRule, RuleEffect
from ..rewards.triggers import triggers
from ..rewards.validation import MOST_ROWS, check_rule
from .rule_fields import ConditionForm, EffectForm, HeadForm, LimitForm

ROWS = {"conditions": ConditionForm, "limits": LimitForm}


class Fields:
    """A choice and the chosen part's own fields; either form may be missing."""

    def __init__(self, row: str, *forms_: forms.BaseForm | None) -> None:
        self.row = row
        self.forms = [form for form in forms_ if form is not None]

    @property
    def choice(self) -> forms.BaseForm:
        return self.forms[0]

    @property
    def visible(self) -> list[forms.BoundField]:
        """Every field of it: the choice, the fields of what was chosen, and what else there is."""
        first, *others = [list(form) for form in self.forms] or [[]]
        own, *more = others or [[]]
        return [*first[:1], *own, *first[1:], *(field for form in more for field in form)]

    @property
    def problems(self) -> list[str]:
        """What is wrong with no single field."""
        return [str(words) for form in self.forms for words in form.non_field_errors()]


class RuleForm:
    """All fields of one rule. ``data`` is what was sent; ``check`` finds fault with it."""

    def __init__(
        self,
        rule: RewardRule,
        effects: list[RuleEffect],
        data: QueryDict | None = None,
        *,
        check: bool = False,
    ) -> None:
        self.stored, self.data, self.check = rule, data, check
        self._user: Any = None
        self.rule = copy.copy(rule)
        self._effects = {effect.beneficiary: effect for effect in effects}
        self.head = self._head()
        self.trigger = self._options("trigger", triggers, self._trigger_key, rule.trigger_options)
        self.conditions = [self._condition(row) for row in self.rows("conditions")]
        self.limits = [Fields(row, self._limit(row)) for row in self.rows("limits")]
        self.gains = [self._gain(beneficiary) for beneficiary in self._beneficiaries]

    def within(self, user: Any) -> RuleForm:
        """Offer, and take, only the programs that the user sees."""
        self._user = user
        self.head.fields["program"].queryset = visible_programs(user)  # type: ignore[attr-defined]
        return self

    # Making the small forms.

    def _make(self, form_class: Any, prefix: str, stored: Mapping[str, Any], **more: Any) -> Any:
        """A small form in the way this form is made."""
        if self.data is None:
            return form_class(prefix=prefix, initial=dict(stored), **more)
        if self.check:
            return form_class(self.data, prefix=prefix, **more)
        form = form_class(prefix=prefix, **more)
        for name, field in form.fields.items():
            key = form.add_prefix(name)
            if not field.disabled and not field.widget.value_omitted_from_data(self.data, {}, key):
                form.initial[name] = field.widget.value_from_datadict(self.data, {}, key)
        return form

    def _sent(self, name: str, stored: Any) -> str:
        """What was chosen in a field that decides which others there are."""
        return str(stored if self.data is None else self.data.get(name, ""))

    @property
    def _trigger_key(self) -> str:
        return self._sent("trigger", self.stored.trigger)

    def _head(self) -> HeadForm:
        sent = {
            "approval": self._sent("approval", self.stored.approval),
            "exclusive_group": self._sent("exclusive_group", self.stored.exclusive_group),
        }
        if self.data is not None and not self.check:
            form: HeadForm = self._make(HeadForm, "", {}, instance=self.rule, sent=sent)
            return form
        data = self.data if self.check else None
        return HeadForm(data, instance=self.rule, sent=sent)

    def _options(self, prefix: str, registry: Any, key: str, stored: Options) -> Fields:
        part: Part | None = registry.get(key)
        form = self._make(part.form_class, f"{prefix}-options", stored) if part else None
        return Fields(prefix, form)

    def rows(self, kind: str) -> list[str]:
        """The numbers of the rows of conditions or limits, in their order."""
        if self.data is None:
            return [str(number) for number in range(len(getattr(self.stored, kind)))]
        return list(dict.fromkeys(_sent_rows(self.data, kind)))[:MOST_ROWS]

    def _condition(self, row: str) -> Fields:
        prefix = f"conditions-{row}"
        stored = {} if self.data is not None else self.stored.conditions[int(row)]
        choice = self._make(ConditionForm, prefix, {"part": stored.get("key", "")})
        part = conditions.get(self._sent(f"{prefix}-part", stored.get("key", "")))
        options = stored.get("options", {})
        own = self._make(part.form_class, f"{prefix}-options", options) if part else None
        return Fields(row, choice, own)

    def _limit(self, row: str) -> LimitForm:
        stored = {} if self.data is not None else self.stored.limits[int(row)]
        form: LimitForm = self._make(LimitForm, f"limits-{row}", stored)
        return form

    @property
    def _beneficiaries(self) -> list[str]:
        """Who can get something when this happens; and who was said to get something."""
        trigger = triggers.get(self._trigger_key)
        possible = trigger.beneficiaries if trigger else ()
        stored = {name: effect for name, effect in self._effects.items() if self.data is None}
        return [
            name
            for name in Beneficiary.values
            if name in possible or name in stored or self._sent(f"{name}-what", "")
        ]

    def _gain(self, beneficiary: str) -> Fields:
        effect = self._effects.get(beneficiary)
        stored = _as_sent(effect) if effect else {}
        what = self._sent(f"{beneficiary}-what", stored.get("what", ""))
        way = self._sent(f"{beneficiary}-fulfilment", stored.get("fulfilment", ""))
        choice = self._make(EffectForm, beneficiary, stored, what=what, rule=self.rule)
        formula = formulas.get(what)
        options = effect.formula_options if effect else {}
        own = self._make(formula.form_class, f"{beneficiary}-options", options) if formula else None
        given = fulfilments.get(way) if what else None
        way_options = effect.fulfilment_options if effect else {}
        with_way = (
            self._make(given.form_class, f"{beneficiary}-way", way_options) if given else None
        )
        return Fields(beneficiary, choice, own, with_way)

    # Reading them.

    @property
    def _all(self) -> Iterator[forms.BaseForm]:
        yield self.head
        for fields in [self.trigger, *self.conditions, *self.gains, *self.limits]:
            yield from fields.forms

    @cached_property
    def _is_clean(self) -> bool:
        # Each of them, so that every field says at once what is wrong with it.
        valid = [form.is_valid() for form in self._all]
        return all(valid)

    def is_valid(self) -> bool:
        """Whether it can be saved; if not, each field says what is wrong with it."""
        if not self._is_clean:
            return False
        try:
            check_rule(self.read(), self.effects)
        except ValidationError as error:
            for field, messages in error.message_dict.items():
                self._add_errors(field, messages)
            return False
        return True

    def read(self) -> RewardRule:
        """The rule as the form says, not stored; what is not filled in well is left out."""
        rule, keys = self.rule, self._keys
        rule.trigger = self._trigger_key
        rule.trigger_options = keys(self.trigger.forms[0]) if self.trigger.forms else {}
        rule.conditions = [
            {"key": part, "options": keys(fields.forms[1]) if fields.forms[1:] else {}}
            for fields in self.conditions
            if (part := keys(fields.choice).get("part"))
        ]
        limits = [keys(fields.choice) for fields in self.limits]
        rule.limits = [limit for limit in limits if "most" in limit]
        trigger = triggers.get(rule.trigger)
        rule.event_kind = trigger.kind_of(rule.trigger_options) if trigger else ""
        return rule

    @cached_property
    def effects(self) -> list[RuleEffect]:
        """What the rule gives to whom, not stored."""
        return [effect for fields in self.gains if (effect := self._effect(fields))]

    def _effect(self, fields: Fields) -> RuleEffect | None:
        cleaned = self._cleaned(fields.choice)
        what = cleaned.pop("what", "")
        if not what:
            return None
        own = {form.prefix: self._keys(form) for form in fields.forms[1:]}
        effect = RuleEffect(rule=self.rule, beneficiary=fields.row, **cleaned)
        effect.formula = "" if what == "offer" else what
        effect.formula_options = own.get(f"{fields.row}-options", {})
        effect.fulfilment_options = own.get(f"{fields.row}-way", {})
        return effect

    @staticmethod
    def _cleaned(form: forms.BaseForm) -> dict[str, Any]:
        form.is_valid()
        return dict(getattr(form, "cleaned_data", {}))

    def _keys(self, form: forms.BaseForm) -> Options:
        return to_json(self._cleaned(form)) if form.is_valid() else {}

    def _add_errors(self, field: str, messages: list[str]) -> None:
        name = self._with_row(field)
        for form in self._all:
            for known in form.fields:
                if form.add_prefix(known) == name:
                    form.add_error(known, messages)
                    return
        self.head.add_error(None, messages)

    def _with_row(self, field: str) -> str:
        """A field's name with the number of its row instead of its place in the list."""
        kind, _dash, rest = field.partition("-")
        if kind not in ROWS or field == NON_FIELD_ERRORS:
            return field
        place, _dash, name = rest.partition("-")
        return f"{kind}-{self.rows(kind)[int(place)]}-{name}"

    # Showing it.

    @property
    def summary(self) -> str:
        """The rule as a sentence, as far as it can be told."""
        if self.data is None:
            effects = list(self._effects.values())
            return describe_rule(self.rule, effects) if self.rule.trigger else ""
        draft = self if self.check else self._checked()
        draft.head.is_valid()
        if not draft.rule.program_id:
            return gettext("Choose a program first.")
        return describe_rule(draft.read(), draft.effects)

    def _checked(self) -> RuleForm:
        """The same form with its faults found, of the same programs."""
        form = RuleForm(self.stored, [], self.data, check=True)
        return form.within(self._user) if self._user else form

    @property
    def shows_match(self) -> bool:
        return len(self.conditions) > 1

    @property
    def seen_version(self) -> str:
        """The number of the version that is edited here."""
        version = self.stored.version
        return self._sent("seen_version", version.number if version else "")


def _as_sent(effect: RuleEffect) -> dict[str, Any]:
    """A stored effect as its form would send it."""
    names = ("offer", "kind", "valid_days", "fulfilment")
    stored = {name: getattr(effect, name) for name in names}
    return {**stored, "what": effect.formula or "offer"}


def _sent_rows(data: QueryDict, kind: str) -> list[str]:
    return [row for row in data.getlist(f"{kind}-row") if row.isdecimal() and len(row) < 5]


def change_rows(data: QueryDict) -> QueryDict:
    """What was sent, with the row added or taken out whose button was pressed."""
    changed = data.copy()
    added = data.get("_add", "")
    if added in ROWS:
        rows = [int(row) for row in _sent_rows(data, added)]
        changed.appendlist(f"{added}-row", str(max(rows, default=-1) + 1))
    kind, _dash, row = data.get("_remove", "").partition("-")
    if kind in ROWS:
        kept = [sent for sent in data.getlist(f"{kind}-row") if sent != row]
        changed.setlist(f"{kind}-row", kept)
    return changed
