"""All we hold of a person, for them: as JSON, and as a page that can be read and printed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model, QuerySet
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.models import ModelLogEntry

from .models import Person
from .suppression import is_suppressed

Words = str | Promise
Row = dict[str, Any]


@dataclass(frozen=True)
class Column:
    """One value of each row: its name in the JSON, and what a reader calls it."""

    name: str
    label: Words
    # The words for stored values.
    choices: dict[Any, Words] = field(default_factory=dict)


@dataclass(frozen=True)
class Part:
    """Rows of one kind. What staff wrote for themselves is ``internal``."""

    name: str
    title: Words
    model: type[Model]
    columns: Sequence[Column]
    rows: Sequence[Row]
    internal: bool = False

    def described(self) -> list[list[tuple[Words, str]]]:
        """Each row as labels and words, for the page; what is empty is left out."""
        return [
            [
                (column.label, _in_words(column, row[column.name]))
                for column in self.columns
                if row[column.name] not in (None, "", [], {})
            ]
            for row in self.rows
        ]


def part(
    name: str,
    title: Words,
    rows: QuerySet,
    fields: Sequence[str],
    *,
    internal: bool = False,
    **labels: Words,
) -> Part:
    """The ``fields`` of these rows, which may lead to others ("program__name").

    A label is the field's own, where ``labels`` has none under its name.
    """
    columns = [_column(rows.model, path, labels.get(path)) for path in fields]
    found = rows.values_list(*fields)
    names = [column.name for column in columns]
    values = [dict(zip(names, row, strict=True)) for row in found]
    return Part(name, title, rows.model, columns, values, internal)


def _column(model: type[Model], path: str, label: Words | None) -> Column:
    first, *others = path.split("__")
    start: Any = model._meta.get_field(first)
    end: Any = start
    for step in others:
        end = end.related_model._meta.get_field(step)
    # "Program" says more than "name".
    label = label or capfirst(str(start.verbose_name))
    return Column(first if others else path, label, dict(end.flatchoices or ()))


# Rooms register what they keep of a person: fn(person) -> parts, in the order of the rooms.
_exporters: list[Callable[[Person], Iterable[Part]]] = []


def on_export(exporter: Callable[[Person], Iterable[Part]]) -> None:
    """Have ``exporter`` asked in every export."""
    if exporter not in _exporters:
        _exporters.append(exporter)


def parts_of(person: Person, *, internal: bool = False) -> list[Part]:
    """Every part, also those without rows; those of staff's own words only if asked for."""
    found = list(_own_parts(person))
    for exporter in _exporters:
        found += exporter(person)
    return [part for part in found if internal or not part.internal]


def export_person(person: Person, *, internal: bool = False) -> dict[str, Any]:
    """What we hold, as JSON values: a list of rows by the name of each part.

    ``internal`` adds what staff wrote for themselves: it can name others, so somebody has to read
    it before it is handed out.
    """
    parts = parts_of(person, internal=internal)
    whole = {"exported_at": timezone.now(), **{part.name: part.rows for part in parts}}
    as_json: dict[str, Any] = json.loads(json.dumps(whole, cls=DjangoJSONEncoder))
    return as_json


def export_page(person: Person, *, internal: bool = False) -> str:
    """The same as a page of HTML that needs nothing else, in the language that is active."""
    parts = [part for part in parts_of(person, internal=internal) if part.rows]
    context = {"person": person, "parts": parts, "at": timezone.now()}
    return render_to_string("wagtail_referrals/export.html", context)


def _in_words(column: Column, value: Any) -> str:
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, datetime):
        return date_format(timezone.localtime(value), "DATETIME_FORMAT")
    if isinstance(value, date):
        return date_format(value, "DATE_FORMAT")
    if isinstance(value, dict):
        return "; ".join(f"{key}: {_in_words(column, one)}" for key, one in value.items())
    if isinstance(value, list):
        return ", ".join(_in_words(column, one) for one in value)
    return str(column.choices.get(value, value))


def _own_parts(person: Person) -> Iterable[Part]:
    own = Person.objects.filter(pk=person.pk).order_by()
    yield part(
        "person",
        _("Who you are to us"),
        own,
        ("email", "name", "locale", "customer_since", "created_at", "blocked_at", "asked_at"),
        asked_at=_("Last asked for something"),
    )
    contact = Column("asked_not_to_be_contacted", _("Asked not to be contacted"))
    left_alone = bool(person.email) and is_suppressed(person.email)
    yield Part("contact", _("Contact"), Person, [contact], [{contact.name: left_alone}])
    yield part(
        "consents",
        _("What you agreed to"),
        person.consents.all(),
        ("kind", "wording", "version", "place", "given_at", "withdrawn_at"),
    )
    because = own.exclude(blocked_reason="")
    yield part("block", _("Blocked"), because, ("blocked_reason",), internal=True)
    yield part(
        "log",
        _("What staff did"),
        ModelLogEntry.objects.for_instance(person).order_by("timestamp"),
        ("timestamp", "action", "data"),
        internal=True,
    )
