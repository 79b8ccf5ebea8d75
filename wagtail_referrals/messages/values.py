"""What a mail was queued with, made fit to be put into it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from html import escape
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.formats import date_format

from ..text import clean_line
from .kinds import DAY, FLAG, LETTER, LINE, LINK, LIST, Field, MailKind

LONGEST_LINE, LONGEST_LETTER, LONGEST_LINK, MOST_ITEMS = 500, 5000, 2000, 500
# What a mailbox would make a link of: in a name it is somebody's advertisement, or worse.
_ADDRESS = re.compile(r"(?<=:)(?=//)|(?<=[^\s.][.。｡．])(?=[^\W\d_][^\s.,;:!?)])|(?<=\S)(?=@\w)")


def plain_values(kind: MailKind, context: Mapping[str, Any]) -> dict[str, Any]:
    """The values of all that a kind can name, as plain text in the language that is active.

    A list's are mappings with ``text``, ``url`` and ``note``.
    """
    given = dict(context)
    if kind.derive:
        given |= kind.derive(given)
    return {name: _plain(field, given.get(name)) for name, field in kind.named.items()}


def as_html(values: Mapping[str, Any]) -> dict[str, Any]:
    """The same values for HTML."""
    return {
        name: [as_html(item) for item in value]
        if isinstance(value, list)
        else escape(value).replace("\n", "<br>")
        for name, value in values.items()
    }


def break_up(words: str) -> str:
    """Somebody's words, in which no mailbox finds an address to make a link of."""
    return _ADDRESS.sub(" ", words)


def as_day(value: Any) -> str:
    """A day as the reader's language writes it; words that are no date stay as they are."""
    moment = value
    if isinstance(value, str):
        try:
            moment = parse_datetime(value) or parse_date(value) or value
        except ValueError:
            return value
    if isinstance(moment, datetime) and timezone.is_aware(moment):
        moment = timezone.localtime(moment)
    if isinstance(moment, date):
        return date_format(moment, "DATE_FORMAT")
    return str(moment or "")


def _plain(field: Field, value: Any) -> Any:
    if field.form == LIST:
        items = value if isinstance(value, list | tuple) else []
        return [_item(item, field.as_it_is) for item in items[:MOST_ITEMS]]
    return _scalar(field.form, value, field.as_it_is)


def _scalar(form: str, value: Any, as_it_is: bool) -> str:
    if form == FLAG or isinstance(value, bool):
        return "1" if value else ""
    if value is None:
        return ""
    if form == DAY:
        return clean_line(as_day(value), LONGEST_LINE)
    if form == LINK:
        url = clean_line(value, LONGEST_LINK)
        return url if url.startswith(("https://", "http://", "mailto:")) else ""
    words = _letter(value) if form == LETTER else clean_line(str(value), LONGEST_LINE)
    return words if as_it_is else break_up(words)


def _letter(value: Any) -> str:
    lines = str(value)[:LONGEST_LETTER].replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(clean_line(line, LONGEST_LETTER) for line in lines).strip()


def _item(item: Any, as_it_is: bool) -> dict[str, str]:
    """One of a list: a mapping, a pair of words and an address, or words."""
    if isinstance(item, list | tuple):
        item = dict(zip(("text", "url"), item, strict=False))
    elif not isinstance(item, Mapping):
        item = {"text": item}
    notes = [_scalar(LINE, item.get("note"), as_it_is), as_day(item.get("day"))]
    return {
        "text": _scalar(LINE, item.get("text"), as_it_is),
        "url": _scalar(LINK, item.get("url"), as_it_is),
        "note": ", ".join(note for note in notes if note),
    }
