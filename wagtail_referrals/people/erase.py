"""Erasing a person: what identifies them goes, everywhere; what was counted stays."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Model, QuerySet
from django.utils import timezone
from wagtail.models import ModelLogEntry

from ..exceptions import ReferralsError
from ..text import clean_reason
from ..transactions import retried
from .log import ERASED, note
from .models import Person

GONE = "–"
# An alias like "Al" is in too many other words.
SHORTEST = 4


@dataclass(frozen=True)
class Identity:
    """Who somebody was, to find it in the texts that staff and shops wrote."""

    person: Person
    email: str
    name: str
    # An alias, a telephone number.
    others: tuple[str, ...] = ()

    def redact(self, value: Any) -> Any:
        """The value without the address and the name: a text, or JSON with texts in it."""
        if isinstance(value, str):
            return self._pattern.sub(GONE, value) if self._pattern else value
        if isinstance(value, list):
            return [self.redact(item) for item in value]
        if isinstance(value, dict):
            return {self.redact(key): self.redact(item) for key, item in value.items()}
        return value

    @property
    def _pattern(self) -> re.Pattern[str] | None:
        said = (self.email, self.name, *(word for word in self.others if len(word) >= SHORTEST))
        words = "|".join(re.escape(word) for word in said if word)
        return re.compile(rf"(?<!\w)({words})(?!\w)", re.IGNORECASE) if words else None

    def redact_rows(self, rows: QuerySet, *fields: str) -> None:
        """Redact these fields of the rows, also of those that nothing else may change."""
        plain: QuerySet[Model] = QuerySet(rows.model).using(rows.db)
        for values in rows.order_by().values("pk", *fields):
            kept = {name: self.redact(values[name]) for name in fields}
            if any(kept[name] != values[name] for name in fields):
                plain.filter(pk=values["pk"]).update(**kept)


# Rooms below register what they keep of a person: fn(identity), in the order of the rooms.
_erasers: list[Callable[[Identity], None]] = []


def on_erase(eraser: Callable[[Identity], None]) -> None:
    """Have ``eraser`` called in the transaction of every erasure."""
    if eraser not in _erasers:
        _erasers.append(eraser)


# Rooms below say by what else somebody is known: fn(person) -> words.
_names: list[Callable[[Person], Iterable[str]]] = []


def also_known_by(names: Callable[[Person], Iterable[str]]) -> None:
    """Have the texts of staff and shops redacted of these, too."""
    if names not in _names:
        _names.append(names)


@retried
def erase_person(
    person: Person, *, reason: str, user: Any = None, at: datetime | None = None
) -> None:
    """Remove what identifies a person, in every room. It cannot be undone.

    Their link is dead, what waited for them ends, no mail goes out any more. Events, rewards and
    amounts stay, of nobody. The site's own user account is the site's to delete.
    Somebody on the block list is taken off it first: with the address the block would be gone.
    Raises InvalidInput("invalid_reason"), ReferralsError("still_blocked"), or
    ReferralsError("not_possible") when it was done.
    """
    reason = clean_reason(reason)
    at = at or timezone.now()
    # Writes nothing new, but makes whoever else changes the person wait until we are through.
    there = Person.objects.filter(pk=person.pk, erased_at=None)
    if not there.filter(blocked_at=None).update(erased_at=at):
        raise ReferralsError("still_blocked" if there.exists() else "not_possible")
    person.refresh_from_db()
    others = {word for names in _names for word in names(person) if word}
    identity = Identity(person, person.email, person.name, tuple(sorted(others, key=len)[::-1]))
    for eraser in _erasers:
        eraser(identity)
    _erase_own(identity)
    note(person, ERASED, reason=identity.redact(reason), user=user)


def _erase_own(identity: Identity) -> None:
    person = identity.person
    gone: dict[str, Any] = {
        "email": "",
        "email_key": None,
        "name": "",
        "locale": "",
        "user": None,
        "asked_at": None,
        "blocked_reason": "",
    }
    Person.objects.filter(pk=person.pk).update(**gone)
    for name, value in gone.items():
        setattr(person, name, value)
    identity.redact_rows(person.consents.all(), "wording", "place")
    redact_logs(identity, [person])


def redact_logs(identity: Identity, instances: Iterable[Model]) -> None:
    """Redact what Wagtail's log says of these."""
    for instance in instances:
        rows = ModelLogEntry.objects.for_instance(instance)
        identity.redact_rows(rows, "label", "data")
