"""Reading whom to invite: a CSV, or lines that were typed."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import get_supported_language_variant, gettext

from ..coupons.upload import LineError
from ..exceptions import InvalidInput, ReferralsError
from ..people.identity import clean_email, email_key
from ..text import clean_line

MOST_GUESTS = 5_000
# Headings of the columns, as spreadsheets have them; without any: e-mail, name, language.
COLUMNS = {
    "email": "email",
    "e-mail": "email",
    "mail": "email",
    "name": "name",
    "first name": "name",
    "vorname": "name",
    "language": "locale",
    "locale": "locale",
    "sprache": "locale",
}


@dataclass(frozen=True)
class Guest:
    """Somebody to be invited."""

    email: str
    email_key: str
    name: str = ""
    locale: str = ""


class BadGuests(ReferralsError):
    """Nobody was invited; ``errors`` names every line that has to be mended."""

    def __init__(self, errors: list[LineError]) -> None:
        self.errors = errors
        super().__init__(
            "invalid_answers", "; ".join(f"{e.line}: {e.message}" for e in errors[:10])
        )


def read_guests(data: bytes) -> list[Guest]:
    """One guest for each line: e-mail, name, language. Raises BadGuests with all that is wrong.

    At most 5,000 lines in UTF-8, columns by heading or in that order; empty lines are passed over.
    """
    rows = [(n, row) for n, row in enumerate(_rows(data), start=1) if any(map(str.strip, row))]
    columns = _columns(rows[0][1]) if rows else []
    if columns:
        rows = rows[1:]
    if not rows:
        raise BadGuests([LineError(0, gettext("There is no address in it."))])
    if len(rows) > MOST_GUESTS:
        words = gettext("At most %(most)s people at once.")
        raise BadGuests([LineError(0, words % {"most": f"{MOST_GUESTS:,}"})])
    guests: list[Guest] = []
    errors: list[LineError] = []
    seen: dict[str, int] = {}
    for number, row in rows:
        try:
            guest = _guest(dict(zip(columns or ("email", "name", "locale"), row, strict=False)))
        except InvalidInput as error:
            errors.append(LineError(number, str(error)))
            continue
        if guest.email_key in seen:
            words = gettext("The same address as on line %(line)d.")
            errors.append(LineError(number, words % {"line": seen[guest.email_key]}))
            continue
        seen[guest.email_key] = number
        guests.append(guest)
    if errors:
        raise BadGuests(errors)
    return guests


def _rows(data: bytes) -> Iterable[list[str]]:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        data = data.decode("utf-16", errors="replace").encode()
    try:
        text = data.removeprefix(codecs.BOM_UTF8).decode()
    except UnicodeDecodeError:
        words = gettext("This cannot be read: save the file as UTF-8.")
        raise BadGuests([LineError(0, words)]) from None
    first = text.partition("\n")[0]
    separator = max(",;\t", key=first.count)
    # Cell by cell on its line: a quote that is never closed must not swallow the lines after it.
    for line in text.splitlines():
        try:
            yield next(csv.reader([line], delimiter=separator), [])
        except csv.Error:
            yield [line]


def _columns(row: list[str]) -> list[str]:
    """What the columns are called; nothing when the first line is somebody already."""
    names = [COLUMNS.get(cell.strip().casefold(), "") for cell in row]
    return names if "email" in names else []


def _guest(cells: dict[str, str]) -> Guest:
    email = clean_email(cells.get("email", "").strip())
    locale = _language(clean_line(cells.get("locale", ""), 20))
    return Guest(email, email_key(email), clean_line(cells.get("name", ""), 120), locale)


def _language(code: str) -> str:
    """The site's own code for it, "de" for "de_AT" where there is no other. Raises InvalidInput."""
    try:
        return get_supported_language_variant(code.lower().replace("_", "-")) if code else ""
    except LookupError:
        raise InvalidInput("invalid_language") from None
