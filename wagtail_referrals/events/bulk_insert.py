"""Inserting many rows at once: ``bulk_create(ignore_conflicts=True)`` at a third of its cost."""

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
    _execute(connection, model, columns, params, constant)


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
) -> None:
    """Arrays on PostgreSQL, one for each column; elsewhere the driver makes the best of it."""
    ops = connection.ops
    quoted = ", ".join(ops.quote_name(field.column) for field in columns)
    into = f"{ops.quote_name(model._meta.db_table)} ({quoted})"
    begin = ops.insert_statement(on_conflict=OnConflict.IGNORE)
    end = ops.on_conflict_suffix_sql([], OnConflict.IGNORE, [], [])
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
