"""Counting clicks and shares: one statement, which the unique key turns into one row a day."""

import functools
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Model
from django.db.models.constants import OnConflict
from django.utils import timezone

from .channels import CHANNELS
from .models import Click, Share


def clean_channel(value: str) -> str:
    """A channel we know, or ""."""
    return value if value in CHANNELS else ""


def record_click(
    advocate_id: int, visitor: str, channel: str = "", at: datetime | None = None
) -> None:
    """Count one visitor's opening of an advocate's link, once a day.

    Raw SQL from Django's own pieces, portable as bulk_create(ignore_conflicts=True) is, without
    its transaction: this runs for every click and there is nothing to undo.
    """
    _record(Click, advocate_id, visitor, channel, at)


def record_share(advocate_id: int, visitor: str, channel: str, at: datetime | None = None) -> None:
    """Count one visitor's use of a way to share, once a day. The same one statement."""
    _record(Share, advocate_id, visitor, channel, at)


def _record(
    model: type[Model], advocate_id: int, visitor: str, channel: str, at: datetime | None
) -> None:
    occurred_at = connection.ops.adapt_datetimefield_value(at or timezone.now())
    with connection.cursor() as cursor:
        cursor.execute(
            _insert(model, connection.vendor), [advocate_id, visitor, channel, occurred_at]
        )


@functools.cache
def _insert(model: type[Model], vendor: str) -> str:
    quote, ops = connection.ops.quote_name, connection.ops
    names = ("advocate", "visitor", "channel", "occurred_at")
    fields: list[Any] = [model._meta.get_field(name) for name in names]
    columns = ", ".join(quote(field.column) for field in fields)
    ignore = ops.on_conflict_suffix_sql(fields, OnConflict.IGNORE, [], [])
    return (
        f"{ops.insert_statement(on_conflict=OnConflict.IGNORE)} "
        f"{quote(model._meta.db_table)} ({columns}) VALUES (%s, %s, %s, %s) {ignore}"
    ).strip()
