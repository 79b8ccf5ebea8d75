"""What is wrong with the lines of a file, next to the field it was chosen in."""

from __future__ import annotations

from collections.abc import Sequence

from django import forms
from django.utils.translation import gettext

from ..coupons.upload import LineError

# More broken lines than these, named at once, help nobody.
MOST_SHOWN = 20


def add_line_errors(form: forms.Form, field: str, errors: Sequence[LineError]) -> None:
    """Name the first of the broken lines below the field, and how many more there are."""
    for error in errors[:MOST_SHOWN]:
        where = gettext("Line %(line)d: ") % {"line": error.line} if error.line else ""
        form.add_error(field, where + error.message)
    if (more := len(errors) - MOST_SHOWN) > 0:
        form.add_error(field, gettext("… and %(more)d other lines.") % {"more": more})
