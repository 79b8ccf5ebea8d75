"""Spreadsheets of a hundred thousand rows: plain values from the database, no objects."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from django.db.models import QuerySet, Value
from django.utils import timezone

from .exports import Streamed, safe_cell
from .records import Text

ROWS_AT_ONCE = 2000
Row = list[Any]


@dataclass(frozen=True)
class PlainColumn:
    """A column of a spreadsheet: the path of its field, and what is said of its values.

    A value in place of a path is for what ``complete`` fills in.
    """

    heading: Text
    path: str | Value
    say: Callable[[Any], Any] | None = None


class PlainExportMixin:
    """For a list view: takes the place of ``exports``, which needs an object for each row."""

    plain_columns: tuple[PlainColumn, ...] = ()

    @property
    def list_export(self) -> list[str]:
        return [str(column.heading) for column in self.plain_columns]

    def complete(self, rows: list[Row]) -> list[Row]:
        """Rows with what no single field holds; each begins with its key."""
        return rows

    def plain_rows(self, queryset: QuerySet) -> Iterator[Row]:
        """The values of each row, as they are said."""
        paths = [column.path for column in self.plain_columns]
        say = [
            (number, column.say)
            for number, column in enumerate(self.plain_columns, start=1)
            if column.say
        ]
        found = queryset.values_list("pk", *paths).iterator(chunk_size=ROWS_AT_ONCE)
        while rows := [list(row) for row in islice(found, ROWS_AT_ONCE)]:
            for row in rows:
                for number, words in say:
                    row[number] = words(row[number])
            for row in self.complete(rows):
                del row[0]
                yield row

    def to_row_dict(self, item: Row) -> dict[str, Any]:
        return dict(zip(self.list_export, item, strict=True))

    def write_xlsx(self, queryset: Streamed, output: Any) -> None:
        super().write_xlsx(_Rows(queryset.model, self, queryset.queryset), output)  # type: ignore[misc]

    def stream_csv(self, queryset: Streamed) -> Iterator[str]:
        """The lines, some thousand at once: to send each takes longer than to write it."""
        buffer = io.StringIO()
        write = csv.writer(buffer).writerow
        write(self.list_export)
        for number, row in enumerate(self.plain_rows(queryset.queryset), start=1):
            write([_cell(value) for value in row])
            if not number % ROWS_AT_ONCE:
                yield buffer.getvalue()
                buffer.seek(0)
                buffer.truncate()
        yield buffer.getvalue()


@dataclass(frozen=True)
class _Rows:
    """What Wagtail's writer looks at: a model, and something to go through."""

    model: Any
    view: PlainExportMixin
    queryset: QuerySet

    def __iter__(self) -> Iterator[Row]:
        return self.view.plain_rows(self.queryset)


def _cell(value: Any) -> Any:
    if isinstance(value, str) and value and not _is_plain(value):
        return safe_cell(value)
    return value


def _is_plain(text: str) -> bool:
    """Safe as it is: it begins with a letter or a digit, shows all it holds, and is one cell."""
    return text[0].isalnum() and text.isprintable() and ";" not in text


def by_the_clock(at: datetime | None) -> datetime | None:
    """A time to the second by the site's clock: spreadsheets know no time zones."""
    zone = timezone.get_default_timezone()
    return at and at.astimezone(zone).replace(tzinfo=None, microsecond=0)
