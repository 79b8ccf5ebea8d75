"""The next twelve months, if it goes on like this; or as somebody tries with the sliders."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ..insights.dashboard import Dashboard, project
from ..insights.growth import projection
from .dashboard_words import Picture, picture
from .days import today

MONTHS = 12
HUNDRED = Decimal(100)


def _slider(label: Any, most: int, places: int, *, least: int = 0) -> forms.DecimalField:
    return forms.DecimalField(
        label=label, required=False, min_value=least, max_value=most, decimal_places=places
    )


class ProjectionForm(forms.Form):
    """What the projection is made of. Each field is a slider where there is JavaScript."""

    advocates = forms.IntegerField(
        label=_("Advocates today"), required=False, min_value=0, max_value=100_000_000
    )
    share = _slider(_("Shares per advocate and month"), 1000, 2)
    conversion = _slider(_("Customers per 100 shares"), 1000, 1)
    joining = _slider(_("New ones who take part, in percent"), 100, 1)
    cycle = _slider(_("Cycle time in days"), 3650, 1, least=1)

    def __init__(self, asked: Mapping[str, Any], known: Mapping[str, Decimal]) -> None:
        """What was asked for; where it was not, what is known."""
        values = {name: asked.get(name) or known.get(name) for name in self.base_fields}
        super().__init__(values, auto_id="projection-%s")
        self.is_valid()
        self.known = known

    def value(self, name: str) -> Decimal | None:
        """What was asked for, if it makes sense, else what is known."""
        found = self.cleaned_data.get(name)
        return self.known.get(name) if found is None else Decimal(found)

    @property
    def picture(self) -> Picture | None:
        """The months as a chart; None where not enough is known."""
        known = {name: self.value(name) for name in self.base_fields}
        values = {name: value for name, value in known.items() if value is not None}
        if len(values) < len(known):
            return None
        months = project(
            int(values["advocates"]),
            values["share"],
            values["conversion"],
            values["cycle"],
            MONTHS,
            participation=values["joining"],
        )
        return picture(projection(months, today()))


def known_of(dashboard: Dashboard) -> dict[str, Decimal]:
    """What the sliders begin with: the numbers of the period that is shown."""
    found = {number.key: number.value for number in dashboard.growth}
    # Where there are more advocates than customers, each new one is taken to be one.
    known: dict[str, Decimal | None] = {
        "advocates": Decimal(dashboard.advocates),
        "share": found.get("share_rate"),
        "conversion": found.get("conversion"),
        "joining": found.get("participation") or HUNDRED,
        "cycle": found.get("cycle"),
    }
    return {name: _bounded(name, value) for name, value in known.items() if value is not None}


def _bounded(name: str, value: Decimal) -> Decimal:
    """Within what its slider reaches: a cycle of some hours is one of a day."""
    field: Any = ProjectionForm.base_fields[name]
    return min(max(value, Decimal(field.min_value)), Decimal(field.max_value))
