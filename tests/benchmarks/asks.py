"""What planning asks for a million people costs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

from django.db import connection
from django.db.models import Model
from django.utils import timezone

from wagtail_referrals.api import record_event
from wagtail_referrals.asks.models import Ask, Touchpoint
from wagtail_referrals.asks.plan import plan_asks
from wagtail_referrals.events.models import Event
from wagtail_referrals.people.models import Person

from .database import _NUMBERS
from .measure import Comparison, Spent
from .models import PlainAsk
from .purchases import _memory_mb
from .results import LeftOut, Result
from .site import Bench

MANY, ROUNDS = 1_000_000, 3
KIND = "visit"


def plan(bench: Bench) -> Iterator[Result]:
    """Asks for as many events against one INSERT … SELECT into a table with foreign keys, too."""
    if connection.vendor == "mysql":
        raise LeftOut("it is measured on SQLite and PostgreSQL")
    _fill(bench)
    touchpoint = Touchpoint.objects.create(
        program=bench.program,
        name="After the visit",
        stage="buy",
        event_kind=KIND,
        asks_for="feedback",
        delay_hours=72,
        planned_until=timezone.now() - timedelta(days=2),
    )
    memory: list[float] = []

    def ours() -> None:
        Touchpoint.objects.update(planned_until=touchpoint.planned_until)
        _forget_peak()
        before = _memory_mb("VmRSS")
        assert plan_asks() == MANY
        memory.append(_memory_mb("VmHWM") - before)

    def plain() -> None:
        _plain(touchpoint.pk)

    spent = {ours: Spent(), plain: Spent()}
    for number in range(ROUNDS + 1):
        for call in (ours, plain) if number % 2 else (plain, ours):
            _empty(Ask if call is ours else PlainAsk)
            begin = time.perf_counter()
            call()
            seconds = time.perf_counter() - begin
            if number:
                spent[call].add(seconds, seconds)
    assert Ask.objects.count() == PlainAsk.objects.count() == MANY
    yield Result(
        f"plan {MANY:,} asks",
        Comparison(spent[ours], spent[plain]),
        reach=4,
        memory_mb=max(memory[1:]),
        reach_memory_mb=20,
    )


def _plain(touchpoint: int) -> None:
    """All columns come from the event, nothing is looked up."""
    ask, event = (connection.ops.quote_name(m._meta.db_table) for m in (PlainAsk, Event))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {ask} (touchpoint_id, person_id, event_id, asks_for, state, due_at, "  # noqa: S608
            f"planned_at) SELECT {touchpoint}, person_id, id, 'feedback', 'planned', occurred_at, "
            f"recorded_at FROM {event} WHERE kind = '{KIND}'"
        )


def _empty(model: type[Model]) -> None:
    """Both begin with an empty table, whose space is given back."""
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"TRUNCATE {table}")
            cursor.execute("CHECKPOINT")
        else:
            cursor.execute(f"DELETE FROM {table}")  # noqa: S608


def _forget_peak() -> None:
    """Let the kernel count this process's peak memory from now on."""
    Path("/proc/self/clear_refs").write_text("5")


def _fill(bench: Bench) -> None:
    """One event for each of as many people, copied by the database itself."""
    email = "visitor@example.org"
    event = record_event(bench.program, KIND, external_id="visit", email=email).event
    assert event.person_id
    _copies(Person, event.person_id, {"email": "'v' || n", "email_key": "'v' || n"})
    person = Person.objects.filter(pk__gt=event.person_id).order_by("pk").first()
    assert person
    _copies(Event, event.pk, {"source_key": "'v' || n", "person_id": f"{person.pk} + n - 2"})
    with connection.cursor() as cursor:
        for model in (Event, Person):
            cursor.execute(f"ANALYZE {connection.ops.quote_name(model._meta.db_table)}")


def _copies(model: type[Model], key: int, changed: dict[str, str]) -> None:
    """Copies of a row until there are ``MANY``."""
    quote = connection.ops.quote_name
    table, numbers = quote(model._meta.db_table), _NUMBERS[connection.vendor][0]
    columns = [field.column for field in model._meta.local_fields if not field.primary_key]
    values = [changed.get(column, f"r.{quote(column)}") for column in columns]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(map(quote, columns))}) "  # noqa: S608
            f"SELECT {', '.join(values)} FROM {table} r "
            f"CROSS JOIN ({numbers % (2, MANY)}) AS numbers WHERE r.id = {key}"
        )


PATHS: dict[str, Callable[[Bench], Iterator[Result]]] = {"plan": plan}
