"""What a person is told we hold: mails."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from ..people.export import Part, part
from ..people.models import Person
from .models import MailPreference, Message


def export_messages(person: Person) -> Iterable[Part]:
    """The mails to them, with what was in them, and which they declined."""
    yield part(
        "declined_mails",
        _("Mails you declined"),
        MailPreference.objects.filter(person=person),
        ("category", "declined_at"),
    )
    yield part(
        "messages",
        _("Mails to you"),
        Message.objects.filter(person=person),
        ("kind", "program__name", "locale", "state", "created_at", "sent_at", "context"),
    )
