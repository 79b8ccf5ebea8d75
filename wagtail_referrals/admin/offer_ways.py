"""How an offer is given: the choice of a way, and each way's own fields."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import ObjectList, Panel

from ..parts import to_json
from ..programs.offers import OfferKind
from ..rewards.fulfilment import Fulfilment, fulfilments


def way_choices() -> list[tuple[str, Any]]:
    """The ways a site has."""
    return [("", _("the usual way for its kind")), *fulfilments.choices()]


class OfferForm(WagtailAdminModelForm):
    """An offer with the fields of every way; those of the chosen one are checked and kept."""

    fulfilment = forms.ChoiceField(label=_("Given by"), choices=way_choices, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for key, form in self._ways():
            for name, field in form.fields.items():
                field.required = False
                self.fields[f"{key}-{name}"] = field
        chosen = self.instance.fulfilment
        self.initial["fulfilment"] = chosen
        for name, value in self.instance.fulfilment_options.items():
            self.initial[f"{chosen}-{name}"] = value

    @staticmethod
    def _ways() -> Iterator[tuple[str, forms.Form]]:
        return ((key, way.form_class()) for key, way in fulfilments.all().items())

    @property
    def ways(self) -> list[tuple[str, Any, list[forms.BoundField]]]:
        """Key, label and fields of each way that has fields of its own."""
        labels = dict(way_choices())
        return [
            (key, labels[key], [self[f"{key}-{name}"] for name in form.fields])
            for key, form in self._ways()
            if form.fields
        ]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        key = cleaned.get("fulfilment", "")
        way = fulfilments.get(key) if key else None
        self.instance.fulfilment_options = self._clean_options(key, way) if way else {}
        if key == "payout" and cleaned.get("kind") == OfferKind.PERCENT:
            self.add_error("fulfilment", gettext("A percentage cannot be paid out."))
        return cleaned

    def _clean_options(self, key: str, way: Fulfilment) -> dict[str, Any]:
        form = way.form_class(self.data, prefix=key)
        if form.is_valid():
            return to_json(form.cleaned_data)
        for name, errors in form.errors.items():
            known = f"{key}-{name}"
            self.add_error(known if known in self.fields else "fulfilment", list(errors))
        return {}

    def save(self, commit: bool = True) -> Any:
        self.instance.fulfilment = self.cleaned_data["fulfilment"]
        return super().save(commit)


class WaysPanel(Panel):
    """The choice, and the fields of every way below it."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "wagtail_referrals/admin/ways.html"

        class Media:
            js = ["wagtail_referrals/admin/show-when.js"]


class OfferPanels(ObjectList):
    """All panels of an offer."""

    class BoundPanel(ObjectList.BoundPanel):
        def render_missing_fields(self) -> SafeString:
            # The base takes the fields of the ways for such that no panel shows.
            return SafeString("")
