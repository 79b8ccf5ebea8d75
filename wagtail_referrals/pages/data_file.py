"""All we hold of somebody, as a file to keep."""

from __future__ import annotations

import json

from django.http import HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ..people.export import export_page, export_person
from ..people.models import Person

FORMATS: dict[str, str | Promise] = {
    "html": _("a page to read and print"),
    "json": _("JSON, for machines"),
}


def data_file(person: Person, kind: str, *, name: str, internal: bool = False) -> HttpResponse:
    """The download, as one of FORMATS; opened in a browser it runs nothing."""
    if kind == "json":
        whole = export_person(person, internal=internal)
        text, content_type = json.dumps(whole, ensure_ascii=False, indent=2), "application/json"
    else:
        text, content_type = export_page(person, internal=internal), "text/html; charset=utf-8"
    response = HttpResponse(text, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    response["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
