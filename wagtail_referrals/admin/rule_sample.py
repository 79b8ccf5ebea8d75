"""The form of a sample: an event that rules are tried on."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ..events.report import clean_time
from ..exceptions import InvalidInput
from ..people.identity import email_key
from ..programs.models import Program
from ..programs.money import clean_currency
from ..referrals.models import Advocate, Grade, Source
from ..rewards.condition import LinesField
from ..rewards.rehearsal import Sample
from ..rewards.triggers import triggers
from .rule_fields import moment_field
from .words import EVENT_KINDS, say


def kind_choices() -> list[tuple[str, str]]:
    """The kinds of events that triggers wait for."""
    named = {t.event_kind: str(t.label) for t in triggers.all().values() if t.event_kind}
    labels = {kind: str(EVENT_KINDS.get(kind, label)) for kind, label in named.items()}
    return list({"purchase": str(EVENT_KINDS["purchase"]), **labels}.items())


class SampleForm(forms.Form):
    """An event to think through."""

    kind = forms.CharField(
        label=_("Event"),
        max_length=50,
        widget=forms.Select,
        help_text=_("What your shop or a page would report."),
    )
    amount = forms.DecimalField(
        label=_("Amount"), required=False, min_value=0, max_digits=12, decimal_places=2
    )
    currency = forms.CharField(label=_("Currency"), required=False, max_length=3)
    purchase_number = forms.IntegerField(
        label=_("The friend's purchase number"), min_value=1, max_value=10_000, initial=1
    )
    friends_converted = forms.IntegerField(
        label=_("Friends of the advocate who have bought, this one included"),
        min_value=0,
        max_value=100_000,
        initial=1,
    )
    source = forms.ChoiceField(label=_("The friend came"), choices=Source.choices)
    grade = forms.ChoiceField(label=_("Grade"), choices=Grade.choices, initial=Grade.A)
    days_since_claim = forms.IntegerField(
        label=_("Days since the claim"), min_value=0, max_value=10_000, initial=1
    )
    tier = forms.CharField(label=_("The advocate's tier"), required=False, max_length=40)
    friend_is_new = forms.BooleanField(
        label=_("The friend had not bought before the recommendation"),
        required=False,
        initial=True,
    )
    coupon_used = forms.BooleanField(label=_("A coupon was used"), required=False)
    skus = LinesField(
        label=_("Products in the order"),
        required=False,
        max_length=2000,
        help_text=_("One SKU a line."),
    )
    details = LinesField(
        label=_("Details the shop tells"),
        required=False,
        max_length=2000,
        help_text=_("One a line, like “color: red”."),
    )
    occurred_at = moment_field(_("When"))
    advocate = forms.EmailField(
        label=_("The advocate's e-mail"),
        required=False,
        help_text=_("To count what this advocate has used of the limits. Empty: nobody yet."),
    )

    def __init__(self, *args: Any, program: Program, kinds: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.program = program
        known = dict(kind_choices())
        more = {kind: say(EVENT_KINDS, kind) for kind in kinds if kind not in known}
        choices = {**known, **more}
        self.fields["kind"] = forms.ChoiceField(label=_("Event"), choices=list(choices.items()))
        self.fields["currency"].initial = program.currency

    def clean_currency(self) -> str:
        value = self.cleaned_data["currency"]
        try:
            return clean_currency(value) if value else self.program.currency
        except InvalidInput as error:
            raise forms.ValidationError(str(error)) from None

    def clean_advocate(self) -> Advocate | None:
        value = self.cleaned_data["advocate"]
        if not value:
            return None
        advocates = Advocate.objects.select_related("person").filter(program=self.program)
        found = advocates.filter(person__email_key=email_key(value)).first()
        if found is None:
            raise forms.ValidationError(gettext("Nobody of this program has this address."))
        return found

    def clean_occurred_at(self) -> datetime | None:
        try:
            return clean_time(self.cleaned_data["occurred_at"])
        except InvalidInput as error:
            raise forms.ValidationError(str(error)) from None

    def clean_details(self) -> dict[str, str]:
        pairs = [line.partition(":") for line in self.cleaned_data["details"]]
        return {name.strip(): value.strip() for name, _colon, value in pairs}

    def sample(self) -> Sample:
        """What was filled in."""
        said = dict(self.cleaned_data)
        items = [{"sku": sku} for sku in said.pop("skus")]
        metadata = {**said.pop("details"), **({"items": items} if items else {})}
        if said["amount"] is None:
            said["currency"] = ""
        return Sample(**said, metadata=metadata)
