"""What the leaderboards can be asked for."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.widgets import AdminDateInput

from ..insights.leaders import BOARDS, EVERYBODY, FRIENDS, FURTHEST, MEASURES, REVENUE
from .days import bounded

MONTH, YEAR, DAYS_30, DAYS_90, ALL, OWN = "month", "year", "30", "90", "all", "own"
PERIODS: dict[str, str | Promise] = {
    ALL: _("since the beginning"),
    MONTH: _("this month"),
    YEAR: _("this year"),
    DAYS_30: _("the last 30 days"),
    DAYS_90: _("the last 90 days"),
    OWN: _("the days below"),
}


class LeadersForm(forms.Form):
    """Every field may be left empty; what makes no sense is said, and passed over."""

    program = forms.TypedChoiceField(
        label=_("Program"), required=False, coerce=int, empty_value=None
    )
    board = forms.ChoiceField(label=_("Who"), required=False, choices=list(BOARDS.items()))
    measure = forms.ChoiceField(
        label=_("Measured by"), required=False, choices=list(MEASURES.items())
    )
    period = forms.ChoiceField(label=_("Time"), required=False, choices=list(PERIODS.items()))
    start = forms.DateField(label=_("From"), required=False, widget=AdminDateInput)
    end = forms.DateField(label=_("To"), required=False, widget=AdminDateInput)
    currency = forms.ChoiceField(label=_("Currency"), required=False)

    def __init__(self, data: Any, *, programs: dict[int, str], currencies: list[str]):
        super().__init__(data)
        fields: Any = self.fields
        fields["program"].choices = list(programs.items())
        empty = ("", gettext("The program's own"))
        fields["currency"].choices = [empty, *((code, code) for code in currencies)]
        for name, usual in (("board", EVERYBODY), ("measure", FRIENDS), ("period", ALL)):
            fields[name].initial = usual

    def leave_out(self, board: str) -> None:
        """A board that is not for this reader."""
        field: Any = self.fields["board"]
        field.choices = [choice for choice in field.choices if choice[0] != board]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        start, end = cleaned.get("start"), cleaned.get("end")
        if start and end and start > end:
            self.add_error("end", gettext("Choose a day after the first one."))
        if cleaned.get("period") == OWN and not (start or end or {"start", "end"} & {*self.errors}):
            self.add_error("start", gettext("Say from which day on, or up to which."))
        return cleaned

    def value(self, name: str) -> Any:
        """What was chosen, or None where nothing was, or nothing that makes sense."""
        return getattr(self, "cleaned_data", {}).get(name)

    @property
    def asked_board(self) -> str:
        """A key of BOARDS."""
        return self.value("board") or EVERYBODY

    @property
    def asked_measure(self) -> str:
        """A key of MEASURES."""
        return self.value("measure") or FRIENDS

    @property
    def asked_period(self) -> str:
        """The key of the period; days that were said count where no other was chosen."""
        if self.asked_board == FURTHEST:
            return ALL
        days = self.value("start") or self.value("end")
        chosen: str = self.value("period") or (OWN if days else ALL)
        return chosen if chosen != OWN or (days and not self.errors) else ALL

    def days(self, today: date) -> tuple[date, date] | None:
        """First and last day, both included; None for all the time."""
        if self.asked_period == ALL:
            return None
        if self.asked_period == OWN:
            return bounded(self.value("start") or date.min, self.value("end") or today)
        begins = {
            MONTH: today.replace(day=1),
            YEAR: today.replace(month=1, day=1),
            DAYS_30: today - timedelta(days=29),
            DAYS_90: today - timedelta(days=89),
        }
        return begins[self.asked_period], today

    @property
    def is_unknown(self) -> bool:
        """Amounts of all the time are kept in the program's own currency only."""
        return self.asked_measure == REVENUE and self.asked_period == ALL
