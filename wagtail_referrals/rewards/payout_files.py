"""Reading the answer of whoever paid: a list of ours with its columns filled in, CSV or XLSX."""

from __future__ import annotations

import codecs
import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from django.utils.translation import gettext
from openpyxl import load_workbook

from ..coupons.upload import LineError
from .payouts import MOST_LINES, BadAnswers

# Larger than any list of 20,000 lines; a sheet that unpacks to more is none.
LARGEST_SHEET = 100_000_000
MOST_COLUMNS = 50
Lines = list[tuple[int, Mapping[str, str]]]


def read_answer(data: bytes) -> Lines:
    """The numbered lines below the headings, for ``answer_payouts``. Raises BadAnswers.

    The headings "number" and "result" have to be there, in English or the reader's language;
    "list", "reference" and "problem" may be.
    """
    rows = _sheet_rows(data) if data.startswith(b"PK\x03\x04") else _csv_rows(data)
    numbered = iter(islice(rows, MOST_LINES + 2))
    _line, headings = next(numbered, (0, []))
    places = _places(headings)
    lines: Lines = []
    for number, cells in numbered:
        if any(cells):
            lines.append((number, _values(cells, places)))
    if len(lines) > MOST_LINES:
        raise _bad(gettext("At most %(most)s lines at once.") % {"most": f"{MOST_LINES:,}"})
    return lines


def _bad(message: str) -> BadAnswers:
    return BadAnswers([LineError(0, message)])


def _words() -> dict[str, str]:
    """What a heading or a result may be called, by what it means to us."""
    return {
        "number": "number",
        "result": "result",
        "reference": "reference",
        "problem": "problem",
        "list": "list",
        gettext("List").lower(): "list",
        gettext("Number").lower(): "number",
        gettext("Result").lower(): "result",
        gettext("Reference").lower(): "reference",
        gettext("Problem").lower(): "problem",
    }


def _places(headings: list[str]) -> dict[str, int]:
    words = _words()
    named = [words.get(heading.strip().lower(), "") for heading in headings]
    places = {name: place for place, name in enumerate(named) if name}
    if not {"number", "result"} <= set(places):
        raise _bad(gettext("The first line has to name the columns, “number” and “result” too."))
    return places


def _values(cells: list[str], places: dict[str, int]) -> dict[str, str]:
    values = {name: cells[place] for name, place in places.items() if place < len(cells)}
    results = {gettext("paid").lower(): "paid", gettext("failed").lower(): "failed"}
    result = values.get("result", "").strip().lower()
    return {**values, "result": results.get(result, result)}


def _csv_rows(data: bytes) -> Iterator[tuple[int, list[str]]]:
    encoding = "utf-16" if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8"
    try:
        text = data.decode(encoding).removeprefix("\ufeff").replace("\x00", "")
    except UnicodeDecodeError:
        raise _bad(gettext("This cannot be read: save the file as UTF-8.")) from None
    first = text.partition("\n")[0]
    separator = max(";\t,", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    before = 0
    try:
        for row in reader:
            # Where the row begins: a quoted cell may go over several lines.
            yield before + 1, row
            before = reader.line_num
    except csv.Error:
        raise BadAnswers([LineError(before + 1, gettext("This line cannot be read."))]) from None


def _sheet_rows(data: bytes) -> Iterator[tuple[int, list[str]]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if sum(part.file_size for part in packed.infolist()) > LARGEST_SHEET:
                raise _bad(gettext("The file is too large."))
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        # A sheet may claim any size: we read no further than a list of ours goes.
        most = {"max_row": MOST_LINES + 2, "max_col": MOST_COLUMNS}
        rows: Iterable[Any] = book.worksheets[0].iter_rows(values_only=True, **most)
        for number, row in enumerate(rows, start=1):
            yield number, ["" if cell is None else str(cell) for cell in row]
    except BadAnswers:
        raise
    except Exception:
        # Parts can be broken, missing or encrypted: each has an error of its own.
        raise _bad(gettext("This is no spreadsheet we can read.")) from None
