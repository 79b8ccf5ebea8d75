"""Whom a touchpoint asks."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ..people.segments import segments

FIRST_TIMERS = "first_timers"
REGULARS = "regulars"


def whom_choices() -> list[tuple[str, str | Promise]]:
    """Everybody, first-timers, regulars, and every segment of people."""
    return [
        ("", _("everybody")),
        (FIRST_TIMERS, _("first-timers")),
        (REGULARS, _("regulars")),
        *segments.choices(),
    ]
