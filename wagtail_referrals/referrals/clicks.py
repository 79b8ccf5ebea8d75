"""Counting a click: one statement, which the unique key turns into at most one row a day."""

from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models.constants import OnConflict
from django.utils import timezone

from .models import Click

CHANNELS = ("copy", "email", "whatsapp", "sms", "telegram", "facebook", "qr", "share")


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
    occurred_at = connection.ops.adapt_datetimefield_value(at or timezone.now())
    with connection.cursor() as cursor:
        cursor.execute(_insert(connection.vendor), [advocate_id, visitor, channel, occurred_at])


_statements: dict[str, str] = {}


def _insert(vendor: str) -> str:
    if vendor not in _statements:
        quote, ops = connection.ops.quote_name, connection.ops
        names = ("advocate", "visitor", "channel", "occurred_at")
        fields: list[Any] = [Click._meta.get_field(name) for name in names]
        columns = ", ".join(quote(field.column) for field in fields)
        ignore = ops.on_conflict_suffix_sql(fields, OnConflict.IGNORE, [], [])
        _statements[vendor] = (
            f"{ops.insert_statement(on_conflict=OnConflict.IGNORE)} "
            f"{quote(Click._meta.db_table)} ({columns}) VALUES (%s, %s, %s, %s) {ignore}"
        ).strip()
    return _statements[vendor]
