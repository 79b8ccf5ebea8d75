"""Inserting many rows at once: what ``bulk_create`` does on conflicts, at a third of its cost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import lru_cache, partial
from typing import Any

from django.db import connections, models, router
from django.db.models.constants import OnConflict

_SPLIT = "string_to_array(%s, ',', '')"
# What no text of has a comma in it, or is empty.
_WITHOUT_COMMAS = (models.DecimalField, models.DateTimeField, models.IntegerField)


def insert_new(
    model: type[models.Model],
    names: Sequence[str],
    rows: Sequence[Sequence[Any]],
    **same: Any,
) -> None:
    """Insert rows of clean values, leaving out those that a unique key refuses.

    ``names`` says which field each value of a row is for, by attname; ``same`` is equal in all
    rows; every other field gets its default.
    """
    _insert(model, names, rows, same, [])


def insert_or_update(
    model: type[models.Model],
    names: Sequence[str],
    rows: Sequence[Sequence[Any]],
    *,
    key: Sequence[str],
    **same: Any,
) -> None:
    """The same, but a row that is there gets the values of ``names`` and ``same``.

    ``key`` are the attnames of the unique key that tells which row it is.
    """
    _insert(model, names, rows, same, key)


def _insert(
    model: type[models.Model],
    names: Sequence[str],
    rows: Sequence[Sequence[Any]],
    same: dict[str, Any],
    key: Sequence[str],
) -> None:
    if not rows:
        return
    connection = connections[router.db_for_write(model)]
    fields = {f.attname: f for f in model._meta.local_concrete_fields if not f.primary_key}
    varying = [fields.pop(name) for name in names]
    constant = [
        field.get_db_prep_save(same.get(name, field.get_default()), connection)
        for name, field in fields.items()
    ]
    columns = [*varying, *fields.values()]
    _execute(connection, model, columns, rows, constant, *_on_conflict(model, names, same, key))


def _on_conflict(
    model: type[models.Model], names: Sequence[str], same: dict[str, Any], key: Sequence[str]
) -> tuple[OnConflict, list[str], list[str]]:
    """What to do with a row that is there: leave it, or update these columns of this key."""
    if not key:
        return OnConflict.IGNORE, [], []
    changed = [_field(model, name).column for name in (*names, *same) if name not in key]
    return OnConflict.UPDATE, changed, [_field(model, name).column for name in key]


def learn_size(model: type[models.Model]) -> None:
    """Let PostgreSQL count a table that grows fast: it would pass over the index until it has."""
    connection = connections[router.db_for_write(model)]
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {connection.ops.quote_name(model._meta.db_table)}")


def _field(model: type[models.Model], attname: str) -> Any:
    return next(f for f in model._meta.local_concrete_fields if f.attname == attname)


def _prepared(field: Any, connection: Any) -> Callable[[Any], Any]:
    """What makes a value fit for the database; neighbouring rows share many."""
    if isinstance(field, models.CharField | models.ForeignKey):
        return _as_is
    if isinstance(field, models.DecimalField):
        # Clean values have its decimals: every database takes them as they are written.
        return str
    prepare = partial(field.get_db_prep_save, connection=connection)
    return prepare if isinstance(field, models.JSONField) else lru_cache(1024)(prepare)


def _as_is(value: Any) -> Any:
    return value


def _execute(
    connection: Any,
    model: type[models.Model],
    columns: list[Any],
    rows: Sequence[Sequence[Any]],
    constant: list[Any],
    on_conflict: OnConflict,
    changed: list[str],
    key: list[str],
) -> None:
    """Arrays on PostgreSQL, one for each column; elsewhere the driver makes the best of it."""
    ops = connection.ops
    quoted = ", ".join(ops.quote_name(field.column) for field in columns)
    into = f"{ops.quote_name(model._meta.db_table)} ({quoted})"
    begin = ops.insert_statement(on_conflict=on_conflict)
    end = ops.on_conflict_suffix_sql(columns, on_conflict, changed, key)
    with connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            places = ", ".join(["%s"] * len(columns))
            sql = f"{begin} {into} VALUES ({places}) {end}"
            to = [_prepared(field, connection) for field in columns[: len(rows[0])]]
            params = [[fit(value) for fit, value in zip(to, row, strict=True)] for row in rows]
            cursor.executemany(sql, [row + constant for row in params])
            return
        types = [field.db_type(connection) for field in columns]
        by_column = zip(columns, zip(*rows, strict=True), strict=False)
        told = [_as_array(field, values, connection) for field, values in by_column]
        arrays = [f"{sql}::{kind}[]" for (sql, _value), kind in zip(told, types, strict=False)]
        same = [f"%s::{kind}" for kind in types[len(told) :]]
        selected = ", ".join(["unnested.*", *same])
        sql = f"{begin} {into} SELECT {selected} FROM UNNEST({', '.join(arrays)}) unnested {end}"
        cursor.execute(sql, [*constant, *(value for _sql, value in told)])


def _as_array(field: Any, values: Sequence[Any], connection: Any) -> tuple[str, Any]:
    """A column for PostgreSQL: in one text where that is possible, which is written faster."""
    kind = field.target_field if field.is_relation else field
    if not isinstance(kind, _WITHOUT_COMMAS):
        if isinstance(kind, models.CharField) and all(values):
            text = ",".join(values)
            # None has a comma in it, and what is empty would come out as NULL.
            if text.count(",") == len(values) - 1:
                return _SPLIT, text
        prepare = _prepared(field, connection)
        return "%s", [prepare(value) for value in values]
    tell = _moment if isinstance(kind, models.DateTimeField) else str
    texts = ["" if value is None else tell(value) for value in values]
    return _SPLIT, ",".join(texts)


def _moment(at: datetime) -> str:
    """A time of the clock of UTC: what its text says of the zone takes most of the time."""
    if at.tzinfo is None:
        return str(at)
    return at.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"
