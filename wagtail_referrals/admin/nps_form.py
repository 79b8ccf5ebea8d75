"""What the NPS report can be asked for."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import get_language_info, gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.widgets import AdminDateInput

from ..insights.report import MONTH, WEEK
from ..text import clean_line

# In the address: rows that have no page, program or source.
NO_VALUE = "-"
DIMENSION_LABELS = {
    "page_id": _("Page"),
    "source": _("Source"),
    "regular": _("First-timers and regulars"),
    "program_id": _("Program"),
    "locale": _("Language"),
}
_WHO = {True: _("Regulars"), False: _("First-timers"), None: _("Not known")}


def label_of(dimension: str, value: Any, names: dict[int, str]) -> str:
    """A value of a dimension as staff read it; ``names`` are those of pages or programs."""
    if dimension == "regular":
        return str(_WHO[value])
    if dimension in ("page_id", "program_id"):
        return names.get(value, gettext("None"))
    if dimension == "locale":
        return language(value)
    return value or gettext("None")


def language(code: str) -> str:
    """A language by its own name."""
    try:
        return str(get_language_info(code)["name_local"])
    except KeyError:
        return code or gettext("None")


class ReportForm(forms.Form):
    """Every field may be left empty: then it does not matter."""

    start = forms.DateField(label=_("From"), required=False, widget=AdminDateInput)
    end = forms.DateField(label=_("To"), required=False, widget=AdminDateInput)
    step = forms.ChoiceField(
        label=_("Trend by"),
        required=False,
        choices=[("", _("Whatever fits")), (WEEK, _("Week")), (MONTH, _("Month"))],
    )
    page = forms.TypedChoiceField(label=_("Page"), required=False, coerce=int, empty_value=None)
    program = forms.TypedChoiceField(
        label=_("Program"), required=False, coerce=int, empty_value=None
    )
    who = forms.ChoiceField(
        label=_("Who"),
        required=False,
        choices=[("", _("Everybody")), ("first", _WHO[False]), ("regular", _WHO[True])],
    )
    source = forms.CharField(
        label=_("Source"), required=False, max_length=60, help_text=_("As in the address.")
    )
    locale = forms.CharField(
        label=_("Language"), required=False, max_length=10, help_text=_("A code like de.")
    )

    def __init__(self, *args: Any, pages: dict[int, str], programs: dict[int, str], **kwargs: Any):
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["page"].choices = [("", _("All pages")), *pages.items()]
        fields["program"].choices = [("", _("All programs")), *programs.items()]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        start, end = cleaned.get("start"), cleaned.get("end")
        if start and end and start > end:
            self.add_error("end", gettext("Choose a day after the first one."))
        return cleaned

    def value(self, name: str) -> Any:
        """What was chosen, or None where nothing was, or nothing that makes sense."""
        return getattr(self, "cleaned_data", {}).get(name)

    @property
    def condition(self) -> Q:
        """On the tallies' dimensions."""
        found = Q()
        for name in ("page", "program"):
            if self.value(name):
                found &= Q(**{f"{name}_id": self.value(name)})
        if self.value("who"):
            found &= Q(regular=self.value("who") == "regular")
        if self.value("source"):
            found &= Q(source=clean_line(self.value("source"), 60).casefold())
        if self.value("locale"):
            found &= Q(locale=self.value("locale"))
        return found
