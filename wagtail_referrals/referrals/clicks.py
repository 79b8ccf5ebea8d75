"""Counting clicks and shares: one statement, which the unique key turns into one row a day."""

import functools
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Model
from django.db.models.constants import OnConflict
from django.utils import timezone

from ..late import tell_late
from .channels import CHANNELS
from .models import Click, Share


def clean_channel(value: str) -> str:
    """A channel we know, or ""."""
    return value if value in CHANNELS else ""


def record_click(
    advocate_id: int,
    visitor: str,
    channel: str = "",
    at: datetime | None = None,
    *,
    offer_id: int | None = None,
    page_id: int | None = None,
) -> None:
    """Count one visitor's opening of an advocate's link, once a day.

    ``offer_id`` and ``page_id`` are what the link promised and where it led.
    Raw SQL from Django's own pieces, portable as bulk_create(ignore_conflicts=True) is, without
    its transaction: this runs for every click and there is nothing to undo.
    """
    _record(
        Click,
        at,
        advocate=advocate_id,
        visitor=visitor,
        channel=channel,
        offer=offer_id,
        page=page_id,
    )


def record_share(advocate_id: int, visitor: str, channel: str, at: datetime | None = None) -> None:
    """Count one visitor's use of a way to share, once a day. The same one statement."""
    _record(Share, at, advocate=advocate_id, visitor=visitor, channel=channel)


def _record(model: type[Model], at: datetime | None, **values: Any) -> None:
    occurred_at = connection.ops.adapt_datetimefield_value(at or timezone.now())
    with connection.cursor() as cursor:
        sql = _insert(model, connection.vendor, (*values, "occurred_at"))
        cursor.execute(sql, [*values.values(), occurred_at])
    tell_late([at])


@functools.cache
def _insert(model: type[Model], vendor: str, names: tuple[str, ...]) -> str:
    quote, ops = connection.ops.quote_name, connection.ops
    fields: list[Any] = [model._meta.get_field(name) for name in names]
    columns = ", ".join(quote(field.column) for field in fields)
    places = ", ".join(["%s"] * len(fields))
    ignore = ops.on_conflict_suffix_sql(fields, OnConflict.IGNORE, [], [])
    return (
        f"{ops.insert_statement(on_conflict=OnConflict.IGNORE)} "
        f"{quote(model._meta.db_table)} ({columns}) VALUES ({places}) {ignore}"
    ).strip()
