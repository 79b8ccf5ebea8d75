"""Look-ups that every request makes, their SQL written once per process.

Django writes the SQL of a queryset anew each time it is used, which costs about ten times what
asking a database does that has the row in its cache.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from django.db import connections
from django.db.models import Model, QuerySet

M = TypeVar("M", bound=Model)
Value = str | int | tuple[int, ...]


class Lookup(Generic[M]):
    """``Lookup(lambda: Coupon.objects.all(), "code_key")`` finds rows by a value of that field.

    The fields stand in the order of the alphabet, as Django sorts what a filter is given; the
    values are texts or whole numbers, or for ``field__in`` as many of them each time: see
    ``padded``. The queryset is built at the first use; what it filters by itself stays as it was
    then. ``most`` is how many rows there are at most.
    """

    def __init__(
        self, queryset: Callable[[], QuerySet[M]], *fields: str, most: int | None = None
    ) -> None:
        self._queryset = queryset
        self._fields = fields
        self._most = most
        self._made: tuple[QuerySet[M], Any, str, tuple[Any, ...]] | None = None

    def all(self, *values: Value) -> list[M]:
        """The rows with these values."""
        queryset, compiler, sql, fixed = self._for_database(values)
        found = queryset.all()
        compiler = copy.copy(compiler)
        compiler.connection = connections[queryset.db]
        compiler.as_sql = lambda *args, **kwargs: (sql, fixed + _flat(values))
        found.query.get_compiler = lambda *args, **kwargs: compiler
        return list(found)

    def first(self, *values: Value) -> M | None:
        """The row with these values, if there is one."""
        return next(iter(self.all(*values)), None)

    def _for_database(self, values: tuple[Value, ...]) -> Any:
        if self._made is None:
            # Django asks once for what stands twice among many.
            values = tuple(tuple(range(len(v))) if isinstance(v, tuple) else v for v in values)
            # Last, so that the values are the last of the statement's.
            queryset = self._queryset().filter(**dict(zip(self._fields, values, strict=True)))
            queryset = queryset[: self._most]
            compiler = queryset.query.get_compiler(using=queryset.db)
            sql, params = compiler.as_sql()
            fixed = tuple(params[: len(params) - len(_flat(values))])
            assert tuple(params) == fixed + _flat(values)
            # Which values to convert would be found out at every run, too.
            columns = [column for column, *_ in compiler.select[: compiler.col_count]]
            converters = compiler.get_converters(columns)
            compiler.get_converters = lambda expressions: converters
            self._made = (queryset, compiler, sql, fixed)
        return self._made


def padded(keys: list[int], most: int) -> tuple[int, ...]:
    """So many keys, the last of them over and over: the same rows, and always the same SQL."""
    return tuple(keys + keys[-1:] * (most - len(keys)))


def _flat(values: tuple[Value, ...]) -> tuple[str | int, ...]:
    return tuple(
        one for value in values for one in (value if isinstance(value, tuple) else (value,))
    )
