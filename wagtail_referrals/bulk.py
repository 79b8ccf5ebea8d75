"""Writing the few rows that follow from one fact, their SQL written once per process.

Django writes the SQL of an insert anew each time, value by value: for the rows of one purchase
that costs more than all the rest of it. Rows by the thousand are better off with bulk_create.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any, TypeVar

from django.db import connections, router
from django.db.models import BooleanField, CharField, IntegerField, Model, TextField
from django.db.models.constants import OnConflict

M = TypeVar("M", bound=Model)
# What goes to the database as it is: to have that confirmed by the field, value by value, takes
# longer than the rest.
PLAIN = {CharField: str, TextField: str, IntegerField: int, BooleanField: bool}
# More rows would have more values than SQLite takes in one statement.
MOST_ROWS = 50


def create_many(rows: Sequence[M], key: str) -> None:
    """Store the rows in one statement and give each its primary key.

    MySQL tells no keys of rows that were written together: there they are read by ``key``, a
    unique field.
    """
    if not rows:
        return
    insert(rows)
    if all(row.pk for row in rows):
        return
    manager = type(rows[0])._default_manager
    found = manager.in_bulk([getattr(row, key) for row in rows], field_name=key)
    for row in rows:
        row.pk = found[getattr(row, key)].pk


def insert(rows: Sequence[M], *, ignore_conflicts: bool = False) -> None:
    """Store new rows as ``bulk_create`` does, with plain values in every field; no signals.

    They have their primary keys but for several at once on MySQL, or with ``ignore_conflicts``.
    """
    for start in range(0, len(rows), MOST_ROWS):
        _insert(rows[start : start + MOST_ROWS], ignore_conflicts)


def _insert(rows: Sequence[M], ignore: bool) -> None:
    model = type(rows[0])
    using = router.db_for_write(model)
    connection = connections[using]
    told = connection.features.can_return_rows_from_bulk_insert and not ignore
    fields, sql = _statement(model, len(rows), using, ignore, told)
    params = []
    for row in rows:
        for field, name, plain in fields:
            value = getattr(row, name)
            if value is not None and type(value) is not plain:
                value = field.get_db_prep_save(value, connection)
            params.append(value)
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        keys = cursor.fetchall() if told else []
        if len(rows) == 1 and not told and not ignore:
            keys = [(cursor.lastrowid,)]
    for row, (key,) in zip(rows, keys, strict=False):
        row.pk = key
    for row in rows:
        row._state.adding, row._state.db = False, using


@cache
def _statement(
    model: type[Model], count: int, using: str, ignore: bool, told: bool
) -> tuple[list[tuple[Any, str, type | None]], str]:
    """What it takes of each row, and the statement: fields, their attributes, what is plain."""
    ops, options = connections[using].ops, model._meta
    pk: Any = options.pk
    fields: list[Any] = [field for field in options.local_concrete_fields if not field.primary_key]
    conflict = OnConflict.IGNORE if ignore else None
    columns = ", ".join(ops.quote_name(field.column) for field in fields)
    places = ", ".join(["%s"] * len(fields))
    parts = [
        ops.insert_statement(on_conflict=conflict),
        f"{ops.quote_name(options.db_table)} ({columns})",
        "VALUES " + ", ".join([f"({places})"] * count),
        ops.on_conflict_suffix_sql([], conflict, [], []),
        f"RETURNING {ops.quote_name(pk.column)}" if told else "",
    ]
    taken = [(field, field.attname, _plain_type(field)) for field in fields]
    return taken, " ".join(filter(None, parts))


def _plain_type(field: Any) -> type | None:
    target = field.target_field if field.is_relation else field
    return next((plain for kind, plain in PLAIN.items() if isinstance(target, kind)), None)
