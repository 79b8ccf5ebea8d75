"""Writing many rows at once."""

from collections.abc import Sequence
from typing import TypeVar

from django.db.models import Model

M = TypeVar("M", bound=Model)


def create_many(rows: Sequence[M], key: str) -> None:
    """Store the rows in one statement and give each its primary key.

    MySQL tells no keys of rows that were written together: there they are read by ``key``, a
    unique field.
    """
    if not rows:
        return
    manager = type(rows[0])._default_manager
    manager.bulk_create(rows)
    if all(row.pk for row in rows):
        return
    found = manager.in_bulk([getattr(row, key) for row in rows], field_name=key)
    for row in rows:
        row.pk = found[getattr(row, key)].pk
