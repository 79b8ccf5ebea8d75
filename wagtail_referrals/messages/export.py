"""What a person is told we hold: mails."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext_lazy as _

from ..people.export import Column, Part, Words, part
from ..people.models import Person
from .kinds import ASKED_FOR, CATEGORIES, mail_kinds
from .models import MailPreference, Message
from .unwanted import category_of

_ADDRESS = re.compile(r"https?://\S+")


def export_messages(person: Person) -> Iterable[Part]:
    """The mails to them, with what was in them, and which they declined."""
    declined = part(
        "declined_mails",
        _("Mails you declined"),
        MailPreference.objects.filter(person=person),
        ("category", "declined_at"),
    )
    yield _with_words(declined, "category", CATEGORIES)
    mails = part(
        "messages",
        _("Mails to you"),
        Message.objects.filter(person=person),
        ("kind", "program__name", "locale", "state", "created_at", "sent_at", "context"),
    )
    for row in mails.rows:
        row["context"] = _shown(row["kind"], row["context"])
    yield _with_words(mails, "kind", {key: kind.label for key, kind in mail_kinds().items()})


def _with_words(found: Part, name: str, words: dict[str, Words]) -> Part:
    def told(column: Column) -> Column:
        return replace(column, choices=words) if column.name == name else column

    return replace(found, columns=[told(column) for column in found.columns])


def _shown(kind: str, values: dict[str, Any]) -> dict[str, Any]:
    """Without the number of somebody else, and without links that prove who their reader is.

    By those somebody sees their page, leaves, takes their data, is forgotten: the file passes
    through the hands of staff, and may be sent on.
    """
    values = {name: value for name, value in values.items() if name != "friend"}
    if "own_page" in values:
        values["own_page"] = _without_addresses(values["own_page"])
    if category_of(kind) != ASKED_FOR:
        return values
    return {name: _without_addresses(value) for name, value in values.items()}


def _without_addresses(value: Any) -> Any:
    return _ADDRESS.sub("https://…", value) if isinstance(value, str) else value
