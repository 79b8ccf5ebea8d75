"""What the values of a dimension are called: pages, offers and partners by their names."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ..partners.models import Partner
from ..programs.models import Offer, Program
from ..referrals.channels import CHANNELS
from ..referrals.models import Source

_REGULAR = {"new": _("New customers"), "regular": _("Regulars")}
# Of each kind the rows, and which column is the name.
_GONE = {
    "page": _("deleted page"),
    "offer": _("deleted offer"),
    "partner": _("deleted partner"),
}


def labels_of(dimension: str, values: Iterable[str]) -> dict[str, str]:
    """{value: its label}; by one query at most. What is a site's own word stays as it is."""
    known = {value for value in values if value}
    if dimension in _GONE:
        return _names(dimension, known)
    of_dimension: dict[str, dict[str, Any]] = {
        "channel": {key: channel.counted for key, channel in CHANNELS.items()},
        "locale": dict(settings.LANGUAGES),
        "regular": _REGULAR,
        "source": dict(Source.choices),
    }
    words = of_dimension.get(dimension, {})
    return {value: str(words.get(value, value)) for value in known}


def _names(dimension: str, values: set[str]) -> dict[str, str]:
    pages: Any = Program._meta.get_field("landing_page").related_model
    rows, name = {
        "page": (pages._base_manager, "title"),
        "offer": (Offer.objects, "name"),
        "partner": (Partner.objects, "name"),
    }[dimension]
    keys = {int(value) for value in values if value.isdecimal()}
    found = rows.filter(pk__in=keys).order_by().values_list("pk", name) if keys else ()
    names = {str(pk): title for pk, title in found}
    gone = str(_GONE[dimension])
    return {value: names.get(value) or f"{gone} ({value})" for value in values}


def not_known() -> str:
    """What a row is called whose value nobody knows."""
    return gettext("not known")
