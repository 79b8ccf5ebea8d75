"""A condition about what else the shop told."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ..parts import Demands, Options, Span
from .condition import Condition, conditions
from .facts import Facts
from .fair import UNFAIR_WORDS, is_unfair

OPERATORS = {
    "is": _("is"),
    "is_not": _("is not"),
    "at_least": _("is at least"),
    "at_most": _("is at most"),
    "contains": _("contains"),
}


class MetadataForm(forms.Form):
    name = forms.CharField(label=_("Detail"), max_length=100)
    operator = forms.ChoiceField(label=_("Compare"), choices=list(OPERATORS.items()))
    value = forms.CharField(label=_("Value"), max_length=200)

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"])
        if is_unfair(name):
            raise forms.ValidationError(UNFAIR_WORDS)
        return name

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if (
            cleaned.get("operator") in ("at_least", "at_most")
            and _number(cleaned.get("value")) is None
        ):
            self.add_error("value", gettext("Enter a number to compare with."))
        return cleaned


def _number(value: Any) -> Decimal | None:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


@conditions.add
class Metadata(Condition):
    key = "metadata"
    label = _("a detail the shop told is of a value")
    form_class = MetadataForm

    def holds(self, options: Options, facts: Facts) -> bool:
        if is_unfair(options["name"]) or options["name"] not in facts.event.metadata:
            return False
        told, wanted = facts.event.metadata[options["name"]], options["value"]
        if options["operator"] in ("at_least", "at_most"):
            number, limit = _number(told), _number(wanted)
            if number is None or limit is None:
                return False
            return number >= limit if options["operator"] == "at_least" else number <= limit
        if options["operator"] == "contains":
            values = told if isinstance(told, list) else [told]
            return any(wanted in str(value) for value in values)
        return (str(told) == wanted) == (options["operator"] == "is")

    def found(self, options: Options, facts: Facts) -> str:
        return str(facts.event.metadata.get(options["name"], gettext("not told")))

    def describe(self, options: Options) -> str:
        words = {**options, "operator": OPERATORS[options["operator"]]}
        return "“{name}” {operator} “{value}”".format(**words)

    def demands(self, options: Options) -> Demands:
        name, operator, value = (options[key] for key in ("name", "operator", "value"))
        ends = {"at_least": Span(low=_number(value)), "at_most": Span(high=_number(value))}
        if operator in ends:
            return {f"number {name}": ends[operator]}
        return {f"text {name}": frozenset([value])} if operator == "is" else {}
