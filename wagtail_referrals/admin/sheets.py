"""Spreadsheets of what a screen shows: some lines, as CSV or XLSX."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from io import BytesIO
from typing import Any

from django.http import HttpResponse
from django.utils.functional import Promise
from openpyxl import Workbook

from .exports import safe_cell, site_time

FORMATS = ("csv", "xlsx")
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def as_sheet(lines: Iterable[Iterable[Any]], kind: str, name: str) -> HttpResponse:
    """The lines as a file to keep; ``kind`` is one of FORMATS, ``name`` without its ending."""
    cells = [[_cell(cell) for cell in line] for line in lines]
    response = _as_xlsx(cells) if kind == "xlsx" else _as_csv(cells)
    response["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return response


def _cell(value: Any) -> Any:
    return safe_cell(str(value) if isinstance(value, Promise) else site_time(value))


def _as_csv(lines: list[list[Any]]) -> HttpResponse:
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    csv.writer(response).writerows(lines)
    return response


def _as_xlsx(lines: list[list[Any]]) -> HttpResponse:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for line in lines:
        sheet.append(line)
    written = BytesIO()
    book.save(written)
    return HttpResponse(written.getvalue(), content_type=_XLSX)
