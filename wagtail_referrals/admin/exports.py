"""Spreadsheets: streamed, and without a cell that a program would run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

# What begins a formula for a spreadsheet program, also in the wide form of East Asian keyboards,
# and what it leaves out before.
_SIGN, _UNSEEN = r"[=+\-@＝＋－＠]", r"\u200b-\u200f\u2060\ufeff"  # noqa: RUF001
# In half of Europe a semicolon parts the cells: then no quotes hold together what a comma parts.
_PARTED = rf"(?<=[;\t\r\n])(?=[ \xa0\"{_UNSEEN}]*{_SIGN}(?!\)))"
_FORMULA = re.compile(rf"^(?=[\t\r]|[\s{_UNSEEN}]*{_SIGN})|{_PARTED}")
# What neither XLSX nor a reader can bear.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def safe_cell(value: Any) -> Any:
    """The value; what looks like a formula in a text gets an apostrophe in front."""
    if not isinstance(value, str):
        return value
    return _FORMULA.sub("'", _CONTROL.sub("", value))


def site_time(value: Any) -> Any:
    """The value; a time to the second by the site's clock: spreadsheets know no time zones."""
    if not isinstance(value, datetime) or timezone.is_naive(value):
        return value
    return timezone.make_naive(value, timezone.get_default_timezone()).replace(microsecond=0)


class Streamed:
    """A queryset that is read in pieces, as far as an export looks at it."""

    def __init__(self, queryset: QuerySet) -> None:
        self.model = queryset.model
        self.queryset = queryset

    def __iter__(self) -> Iterator[Any]:
        return iter(self.queryset.iterator(chunk_size=2000))


class SafeExportMixin:
    """For Wagtail's and wagtail_modeladmin's list views."""

    def preprocess_field_value(self, field: str, value: Any, export_format: str) -> Any:
        return safe_cell(
            super().preprocess_field_value(  # type: ignore[misc]
                field, site_time(value), export_format
            )
        )

    def as_spreadsheet(self, queryset: QuerySet, spreadsheet_format: str) -> Any:
        return super().as_spreadsheet(  # type: ignore[misc]
            Streamed(queryset), spreadsheet_format
        )
