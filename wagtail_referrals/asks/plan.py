"""Planning asks: one statement for each touchpoint turns what happened into who is to be asked."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import connections, models, router
from django.db.models import Exists, OuterRef, QuerySet, Value
from django.db.models.constants import OnConflict
from django.utils import timezone

from ..events.models import Event
from ..transactions import retried
from .models import Ask, AskState, Touchpoint

# What began before us and ends after us is stored late: the last run's time is looked at again.
OVERLAP = timedelta(hours=1)
# Nobody remembers what this is about any more.
TOO_OLD = timedelta(days=30)


def plan_asks(*, at: datetime | None = None) -> int:
    """Plan an ask for each new event that a touchpoint in use waits for; how many.

    Who is asked in the end is decided when it is due. Safe to run twice at once, and in as much
    memory however many there are.
    """
    at = at or timezone.now()
    waiting = Touchpoint.objects.filter(is_active=True).exclude(asks_for="").exclude(event_kind="")
    return sum(_plan(touchpoint, at) for touchpoint in waiting.order_by("pk"))


@retried
def _plan(touchpoint: Touchpoint, at: datetime) -> int:
    planned = _insert(planned_rows(touchpoint, at))
    # Never back, and not before its asks are there.
    behind = Touchpoint.objects.filter(pk=touchpoint.pk, planned_until__lt=at)
    behind.update(planned_until=at)
    return planned


class Later(models.ExpressionWrapper):
    """The time in a field some hours later; on SQLite Django would ask Python for every row."""

    def __init__(self, field: str, hours: int) -> None:
        super().__init__(models.F(field) + timedelta(hours=hours), models.DateTimeField())
        self.hours = hours

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        sql, params = compiler.compile(self.expression.lhs)
        return f"datetime({sql}, '+{self.hours:d} hours')", params


def planned_rows(touchpoint: Touchpoint, at: datetime) -> QuerySet:
    """The asks to be, as a query of their columns in the order of ``_COLUMNS``."""
    since = touchpoint.planned_until - OVERLAP
    delay = timedelta(hours=touchpoint.delay_hours)
    there = Ask.objects.filter(event=OuterRef("pk"), touchpoint=touchpoint.pk).order_by()
    news = Event.objects.order_by().filter(
        ~Exists(there),
        program=touchpoint.program_id,
        kind=touchpoint.event_kind,
        recorded_at__gt=since,
        recorded_at__lte=at,
        occurred_at__gt=at - delay - TOO_OLD,
        person__isnull=False,
    )
    hours = touchpoint.delay_hours
    return news.values_list(
        Value(touchpoint.pk, models.BigIntegerField()),
        "program_id",
        "person_id",
        "pk",
        Value(touchpoint.asks_for, models.CharField()),
        Value(AskState.PLANNED.value, models.CharField()),
        Value("", models.CharField()),
        Later("occurred_at", hours) if hours else models.F("occurred_at"),
        Value(at, models.DateTimeField()),
    )


_COLUMNS = (
    "touchpoint",
    "program",
    "person",
    "event",
    "asks_for",
    "state",
    "reason",
    "due_at",
    "planned_at",
)


def _column(name: str) -> str:
    field: Any = Ask._meta.get_field(name)
    return str(field.column)


def _insert(rows: QuerySet) -> int:
    """One INSERT … SELECT; what another run has planned meanwhile is passed over."""
    connection = connections[router.db_for_write(Ask)]
    ops = connection.ops
    sql, params = rows.query.get_compiler(connection=connection).as_sql()
    columns = ", ".join(ops.quote_name(_column(name)) for name in _COLUMNS)
    begin = ops.insert_statement(on_conflict=OnConflict.IGNORE)
    end = ops.on_conflict_suffix_sql([], OnConflict.IGNORE, [], [])
    into = ops.quote_name(Ask._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(f"{begin} {into} ({columns}) {sql} {end}", params)
        return int(cursor.rowcount)
