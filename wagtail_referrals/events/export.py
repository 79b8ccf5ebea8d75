"""What a person is told we hold: facts the shop reported."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from ..people.export import Part, part
from ..people.models import Person
from .models import Event


def export_events(person: Person) -> Iterable[Part]:
    """Orders, refunds and whatever else was reported of them, with all details."""
    yield part(
        "events",
        _("What you did"),
        Event.objects.filter(person=person),
        (
            *("program__name", "kind", "external_id", "amount", "currency", "refunded"),
            *("not_attributed", "metadata", "occurred_at", "recorded_at"),
        ),
    )
