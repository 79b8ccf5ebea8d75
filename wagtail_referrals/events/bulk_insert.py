"""Inserting many rows at once: what ``bulk_create`` does on conflicts, at a third of its cost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import Any

from django.db import connections, models, router
from django.db.models.constants import OnConflict


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
    varying = [_prepared(fields.pop(name), connection) for name in names]
    constant = [
        field.get_db_prep_save(same.get(name, field.get_default()), connection)
        for name, field in fields.items()
    ]
    params = [[prepare(value) for prepare, value in zip(varying, row, strict=True)] for row in rows]
    columns = [_field(model, name) for name in names] + list(fields.values())
    _execute(connection, model, columns, params, constant, *_on_conflict(model, names, same, key))


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
    rows: list[list[Any]],
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
            cursor.executemany(sql, [row + constant for row in rows])
            return
        types = [field.db_type(connection) for field in columns]
        arrays = [f"%s::{kind}[]" for kind in types[: len(rows[0])]]
        same = [f"%s::{kind}" for kind in types[len(rows[0]) :]]
        selected = ", ".join(["unnested.*", *same])
        sql = f"{begin} {into} SELECT {selected} FROM UNNEST({', '.join(arrays)}) unnested {end}"
        by_column = [list(values) for values in zip(*rows, strict=True)]
        cursor.execute(sql, [*constant, *by_column])
