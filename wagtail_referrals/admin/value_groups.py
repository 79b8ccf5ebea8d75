"""The four groups of customers in other lists: to filter by, and in their spreadsheets."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _
from django_filters import ChoiceFilter

from ..insights.champion_models import CustomerValue, Group
from .permissions import can_look, policy_for

LABEL = _("Group of customers")
_PREFIX = "is_of_"


def _values(user: Any, person: str, program: str) -> QuerySet[CustomerValue]:
    """What this user may see of a row's person; of its program, where it has one."""
    seen = policy_for(CustomerValue).instances_user_has_any_permission_for(user, ["view", "change"])
    rows: QuerySet[CustomerValue] = seen.order_by().filter(person=OuterRef(person))
    return rows.filter(program=OuterRef(program)) if program else rows


class GroupFilter(ChoiceFilter):
    """By group, for who may see what customers are worth; ``person`` and ``program`` are paths."""

    def __init__(self, *, person: str, program: str = "", **kwargs: Any) -> None:
        super().__init__(label=LABEL, method=self.of_group, **kwargs)
        self.values = partial(_values, person=person, program=program)

    @property
    def field(self) -> Any:
        user = self.parent.request.user
        self.extra["choices"] = Group.choices if can_look(user, CustomerValue) else []
        return super().field

    def of_group(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows.filter(Exists(self.values(self.parent.request.user).filter(segment=value)))


def with_groups(rows: QuerySet, user: Any, *, person: str, program: str = "") -> QuerySet:
    """The rows with what ``said_groups`` says of each, at no query of its own."""
    if not can_look(user, CustomerValue):
        return rows
    values = _values(user, person, program)
    return rows.annotate(
        **{f"{_PREFIX}{group}": Exists(values.filter(segment=group)) for group in Group.values}
    )


def said_groups(row: Any) -> str:
    """The groups a row's person is in: several, where they are in several programs."""
    mine = [group for group in Group if getattr(row, f"{_PREFIX}{group.value}", False)]
    return ", ".join(str(group.label) for group in mine)
