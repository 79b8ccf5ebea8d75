"""All numbers of the dashboard as a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _

from .sheets import FORMATS as KINDS
from .sheets import as_sheet

__all__ = ["KINDS", "spreadsheet"]
HEADINGS = [_("Part"), _("Of"), _("Number"), _("Value"), _("Unit"), _("Currency")]


def spreadsheet(rows: Iterable[list[Any]], kind: str, name: str) -> HttpResponse:
    """An answer that is kept as a file; ``kind`` is one of KINDS."""
    return as_sheet([HEADINGS, *rows], kind, name)
