"""What the dashboard can be asked for: whose numbers, of which days, split by what."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.widgets import AdminDateInput

from ..insights.facts import DIMENSIONS
from ..programs.models import Program
from .days import today

OWN = "own"
USUAL = "30"
PERIODS: dict[str, str | Promise] = {
    "today": _("Today"),
    "7": _("7 days"),
    USUAL: _("30 days"),
    "90": _("90 days"),
    "12m": _("12 months"),
    "year": _("This year"),
}
# In days; this year's is as long as it is.
_LENGTHS = {"today": 1, "7": 7, USUAL: 30, "90": 90, "12m": 365}
EARLIEST = date(2000, 1, 1)


def days_of(period: str, last: date) -> tuple[date, date]:
    """The first and the last day of one of PERIODS that ends with ``last``."""
    if period == "year":
        return last.replace(month=1, day=1), last
    return last - timedelta(days=_LENGTHS[period] - 1), last


class DashboardForm(forms.Form):
    """Every field may be left empty; what is wrong counts as empty, and is told beside it."""

    site = forms.TypedChoiceField(label=_("Site"), required=False, coerce=int, empty_value=None)
    program = forms.TypedMultipleChoiceField(
        label=_("Programs"),
        required=False,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None: all of them."),
    )
    # Chosen by a link above the form; days of one's own come before it.
    period = forms.ChoiceField(
        required=False, choices=list(PERIODS.items()), widget=forms.HiddenInput
    )
    start = forms.DateField(label=_("From"), required=False, widget=AdminDateInput)
    end = forms.DateField(label=_("To"), required=False, widget=AdminDateInput)
    split = forms.ChoiceField(label=_("Split by"), required=False, choices=list(DIMENSIONS.items()))

    def __init__(self, *args: Any, programs: Sequence[Program], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.programs = programs
        sites = {one.site_id: str(one.site) for one in programs}
        fields: Any = self.fields
        fields["site"].choices = [("", _("All sites")), *sites.items()]
        fields["program"].choices = [(one.pk, one.name) for one in programs]
        # Nothing to choose from is not asked.
        if len(sites) < 2:
            del fields["site"]
        if len(programs) < 2:
            del fields["program"]

    @property
    def splits(self) -> list[tuple[str, Any]]:
        """What it can be split by, and how that is called."""
        field: Any = self.fields["split"]
        return list(field.choices)

    def leave_out_split(self, dimension: str) -> None:
        """One whose names are not for this reader."""
        field: Any = self.fields["split"]
        field.choices = [choice for choice in self.splits if choice[0] != dimension]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        self._check_days(cleaned)
        site, chosen = cleaned.get("site"), cleaned.get("program")
        if site and chosen and not any(one.site_id == site for one in self._named(chosen)):
            self.add_error("program", gettext("These programs are of another site."))
        return cleaned

    def _check_days(self, cleaned: dict[str, Any]) -> None:
        start, end = cleaned.get("start"), cleaned.get("end")
        for name, day in (("start", start), ("end", end)):
            if day and day < EARLIEST:
                self.add_error(name, gettext("Choose a day after 1999."))
            # Whose day begins earlier than the site's may choose their today.
            elif day and day > today() + timedelta(days=1):
                self.add_error(name, gettext("Choose a day that is not in the future."))
        if start and end and start > end:
            self.add_error("end", gettext("Choose a day after the first one."))
        if end and not start and "start" not in self.errors:
            self.add_error("start", gettext("Say from which day."))

    def value(self, name: str) -> Any:
        """What was chosen, or None where nothing was, or nothing that makes sense."""
        return getattr(self, "cleaned_data", {}).get(name)

    def _named(self, keys: Iterable[int]) -> list[Program]:
        wanted = set(keys)
        return [one for one in self.programs if one.pk in wanted]

    @property
    def chosen(self) -> list[Program]:
        """The programs whose numbers are shown."""
        site = self.value("site")
        found = self._named(self.value("program") or ()) or list(self.programs)
        return [one for one in found if one.site_id == site] if site else found

    @property
    def shown_period(self) -> str:
        """A key of PERIODS, or OWN."""
        if self.errors.keys() & {"start", "end"}:
            return USUAL
        return OWN if self.value("start") else self.value("period") or USUAL

    @property
    def days(self) -> tuple[date, date]:
        """The first and the last day, both included."""
        if self.shown_period != OWN:
            return days_of(self.shown_period, today())
        start = self.value("start")
        # Today is one of them by a reader's clock that is ahead of ours.
        return start, max(start, self.value("end") or today())
