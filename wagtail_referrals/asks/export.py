"""What a person is told we hold: what they were asked for, and what not."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from ..people.export import Part, part
from ..people.models import Person
from .models import Ask


def export_asks(person: Person) -> Iterable[Part]:
    """What was planned to ask them, and what became of it."""
    yield part(
        "asks",
        _("What we asked you for"),
        Ask.objects.filter(person=person),
        ("touchpoint__name", "asks_for", "state", "reason", "due_at", "settled_at"),
    )
