"""Which programs a member of the staff sees."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from .models import Program

_CACHE = "_referrals_hidden_programs"


def hidden_programs(user: Any) -> frozenset[int]:
    """The keys of the programs that are other groups' own; asked once per request's user."""
    if user.is_superuser:
        return frozenset()
    if not hasattr(user, _CACHE):
        owners = Program.groups.through.objects.values_list("program_id", "group_id")
        mine = set(user.groups.values_list("pk", flat=True)) if owners else set()
        seen = {program for program, group in owners if group in mine}
        setattr(user, _CACHE, frozenset({program for program, _group in owners} - seen))
    hidden: frozenset[int] = getattr(user, _CACHE)
    return hidden


def visible_programs(user: Any) -> QuerySet[Program]:
    """The programs a form or filter may offer to the user."""
    return Program.objects.exclude(pk__in=hidden_programs(user))
