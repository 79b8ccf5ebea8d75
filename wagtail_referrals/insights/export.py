"""What a person is told we hold: what we take them to be worth."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from ..people.export import Part, part
from ..people.models import Person
from .champion_models import CustomerValue, SegmentMove
from .reach_models import Reach


def export_values(person: Person) -> Iterable[Part]:
    """The values that were worked out of them, and the groups they were in."""
    yield part(
        "values",
        _("What we take you to be worth to us"),
        CustomerValue.objects.filter(person=person),
        (
            *("program__name", "currency", "purchases", "first_at", "last_at", "margin", "ahead"),
            *("lifetime", "friends", "referral_low", "referral_value", "referral_high", "segment"),
        ),
    )
    yield part(
        "value_moves",
        _("When you came into another group of customers"),
        SegmentMove.objects.filter(person=person),
        ("program__name", "currency", "before", "after", "moved_at"),
    )
    yield part(
        "reach",
        _("How far your recommendation travelled"),
        Reach.objects.filter(advocate__person=person),
        ("program__name", "claimed", "people", "levels", "computed_at"),
    )
