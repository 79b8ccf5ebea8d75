"""The small forms of which a rule's form is made."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ..programs.models import Offer, Program
from ..programs.money import CENT
from ..rewards.conditions import conditions
from ..rewards.formulas import formulas
from ..rewards.fulfilment import fulfilments
from ..rewards.limits import MEASURES, PER, PERIODS
from ..rewards.rule_models import Approval, RewardRule, RuleEffect
from ..rewards.triggers import trigger_choices

NOTHING: tuple[str, Any] = ("", _("nothing"))
OFFER: tuple[str, Any] = ("offer", _("an offer"))
# Which fields of what somebody gets matter, for an offer and for a formula.
SHOWN = {
    "": {"what"},
    "offer": {"what", "offer", "fulfilment"},
}
BY_FORMULA = {"what", "kind", "valid_days", "fulfilment"}


def moment_field(label: Any) -> forms.DateTimeField:
    """A time; the browser's own field for it."""
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    return forms.DateTimeField(label=label, required=False, widget=widget)


class HeadForm(forms.ModelForm):
    """What belongs to the rule itself. ``sent`` are the choices that show further fields."""

    trigger = forms.ChoiceField(label=_("This happens"), choices=trigger_choices)
    program = forms.ModelChoiceField(label=_("Program"), queryset=Program.objects.all())
    starts_at = moment_field(_("From"))
    ends_at = moment_field(_("Until"))

    class Meta:
        model = RewardRule
        fields = [
            "program",
            "name",
            "trigger",
            "match",
            "starts_at",
            "ends_at",
            "hold_days",
            "approval",
            "approval_above",
            "priority",
            "exclusive_group",
            "exclusive_by",
        ]

    def __init__(self, *args: Any, sent: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # What was granted belongs to the program it was granted in.
        self.fields["program"].disabled = bool(self.instance.pk)
        self.fields["name"].help_text = _("The person reads it as the reason for a reward.")
        if sent["approval"] != Approval.ABOVE:
            del self.fields["approval_above"]
        else:
            self.fields["approval_above"].label = gettext("Reward above")
        if not sent["exclusive_group"].strip():
            del self.fields["exclusive_by"]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        starts, ends = cleaned.get("starts_at"), cleaned.get("ends_at")
        if starts and ends and ends <= starts:
            self.add_error("ends_at", gettext("The end has to be after the start."))
        if "approval_above" not in self.fields:
            self.instance.approval_above = None
        return cleaned


def condition_choices() -> list[tuple[str, Any]]:
    return [("", _("choose a condition")), *conditions.choices()]


class ConditionForm(forms.Form):
    """Which condition."""

    part = forms.ChoiceField(label=_("Condition"), choices=condition_choices)


class LimitForm(forms.Form):
    """At most how much, of what, for whom and in which time."""

    most = forms.DecimalField(label=_("At most"), max_digits=12, decimal_places=2)
    measure = forms.ChoiceField(
        label=_("Of"), choices=lambda: list(MEASURES.items()), initial="amount"
    )
    period = forms.ChoiceField(label=_("In"), choices=lambda: list(PERIODS.items()), initial="year")
    per = forms.ChoiceField(label=_("For"), choices=lambda: list(PER.items()))

    def clean_most(self) -> Decimal:
        """Written one way, whole or with two decimals: a rule that says the same is the same."""
        most: Decimal = self.cleaned_data["most"]
        return most.quantize(Decimal(1) if most == most.to_integral_value() else CENT)


def what_choices() -> list[tuple[str, Any]]:
    return [NOTHING, OFFER, *formulas.choices()]


def way_choices() -> list[tuple[str, Any]]:
    ways = [(key, way.label) for key, way in fulfilments.all().items()]
    return [("", _("the usual way")), *ways]


class EffectForm(forms.ModelForm):
    """What one beneficiary gets."""

    what = forms.ChoiceField(label=_("Gets"), choices=what_choices, required=False)
    fulfilment = forms.ChoiceField(label=_("Given by"), choices=way_choices, required=False)

    class Meta:
        model = RuleEffect
        fields = ["what", "offer", "kind", "valid_days", "fulfilment"]

    field_order = ["what", "offer", "kind", "valid_days", "fulfilment"]

    def __init__(self, *args: Any, what: str, rule: RewardRule, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["offer"] = forms.ModelChoiceField(
            label=_("Offer"),
            queryset=Offer.objects.all(),
            required=False,
            empty_label=gettext("the program's own"),
        )
        self.fields["offer"].help_text = ""
        self.fields["kind"].label = _("As")
        for name in set(self.fields) - SHOWN.get(what, BY_FORMULA):
            del self.fields[name]

    def _post_clean(self) -> None:
        """The rule as a whole is looked at, by check_rule."""
