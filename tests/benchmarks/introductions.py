"""What the report on partners costs over 200,000 introductions."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client

from wagtail_referrals.partners.introduction_models import Introduction
from wagtail_referrals.partners.introductions import Told, introduce
from wagtail_referrals.partners.models import Partner
from wagtail_referrals.people.models import Consent, Person
from wagtail_referrals.referrals.models import Advocate

from .database import _NUMBERS
from .measure import Comparison, Spent
from .results import Result
from .site import Bench

MANY, PARTNERS, ROUNDS = 200_000, 1000, 15
_DAYS_AGO = {
    "postgresql": "CURRENT_TIMESTAMP - (n % 1000) * interval '1 day'",
    "sqlite": "datetime(CURRENT_TIMESTAMP, '-' || (n % 1000) || ' days')",
    "mysql": "CURRENT_TIMESTAMP - INTERVAL (n % 1000) DAY",
}


def partner_report(bench: Bench) -> Iterator[Result]:
    """The report's own statements against one GROUP BY over an index: time in the database."""
    _fill(bench)
    staff = Client()
    user = get_user_model().objects.create_superuser("report", "report@example.org", "x")
    staff.force_login(user)
    table = connection.ops.quote_name(Introduction._meta.db_table)

    def plain() -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT partner_id, COUNT(*) FROM {table} "  # noqa: S608
                "WHERE partner_id IS NOT NULL GROUP BY partner_id"
            )
            assert len(cursor.fetchall()) == PARTNERS

    def ours() -> None:
        page = staff.get("/admin/referrals/introductions/report/")
        assert b"Partner 0000" in page.content

    spent = {ours: Spent(), plain: Spent()}
    for number in range(ROUNDS + 1):
        for call in (ours, plain) if number % 2 else (plain, ours):
            seconds, _queries = _in_database(call)
            if number:
                spent[call].add(seconds, seconds)
    yield Result(
        "partner report, 200,000 introductions",
        Comparison(spent[ours], spent[plain]),
        reach=2,
        queries=_in_database(ours)[1],
        plain_queries=1,
    )


def _in_database(call: Callable[[], None]) -> tuple[float, int]:
    """The seconds a call waits for the database, and how often."""
    waited: list[float] = []

    def clock(execute: Any, sql: Any, *args: Any) -> Any:
        # Who is logged in and which pages there are is asked on every screen of the admin.
        if "referrals_introduction" not in sql and "referrals_partner" not in sql:
            return execute(sql, *args)
        begin = time.perf_counter()
        cursor = execute(sql, *args)
        waited.append(time.perf_counter() - begin)
        return cursor

    rows = _Fetching()
    with connection.execute_wrapper(clock), rows:
        call()
    return sum(waited) + rows.seconds, len(waited)


class _Fetching:
    """SQLite does its work while rows are fetched: that time counts, too."""

    seconds = 0.0

    def __enter__(self) -> None:
        if connection.vendor != "sqlite":
            return
        from django.db.backends.sqlite3.base import SQLiteCursorWrapper

        self.wrapper: Any = SQLiteCursorWrapper
        names = ("fetchall", "fetchmany", "fetchone")
        self.kept = {name: getattr(SQLiteCursorWrapper, name) for name in names}
        for name, fetch in self.kept.items():
            setattr(SQLiteCursorWrapper, name, self._timed(fetch))

    def __exit__(self, *args: object) -> None:
        for name, fetch in getattr(self, "kept", {}).items():
            setattr(self.wrapper, name, fetch)

    def _timed(self, fetch: Any) -> Any:
        def timed(*args: Any) -> Any:
            begin = time.perf_counter()
            rows = fetch(*args)
            self.seconds += time.perf_counter() - begin
            return rows

        return timed


def _fill(bench: Bench) -> None:
    """Copies of one introduction: of other partners, directions, stages and days."""
    people = Person.objects.bulk_create(
        Person(email=f"partner{number}@example.org", email_key=f"partner{number}")
        for number in range(PARTNERS)
    )
    advocates = Advocate.objects.bulk_create(
        Advocate(program=bench.program, person=person, code_key=f"PARTNER{person.pk}")
        for person in people
    )
    Partner.objects.bulk_create(
        Partner(
            program=bench.program, advocate=advocate, name=f"Partner {number:04}", state="active"
        )
        for number, advocate in enumerate(advocates)
    )
    # Another path may have left partners who take nobody.
    first = Partner.objects.get(advocate__person=people[0])
    told = Told("dora@example.org", "mail", "They agree", need="A window")
    one = introduce(bench.program, told, giver_email="giver@example.org", to=first).introduction
    consent = _copies(Consent, one.consent_id, {})
    changed = {
        "consent_id": f"{consent} + n - 2",
        "partner_id": f"{first.pk} + n % {PARTNERS}",
        "direction": "CASE WHEN n % 3 = 0 THEN 'received' ELSE 'given' END",
        "stage": "CASE WHEN n % 5 = 0 THEN 'won' ELSE 'lost' END",
        "amount": "CASE WHEN n % 5 = 0 THEN 100 + n % 400 ELSE NULL END",
        "currency": "CASE WHEN n % 5 = 0 THEN 'EUR' ELSE '' END",
        "created_at": _DAYS_AGO[connection.vendor],
        "open_key": "NULL",
    }
    _copies(Introduction, one.pk, changed)
    with connection.cursor() as cursor:
        for model in (Introduction, Partner):
            table = connection.ops.quote_name(model._meta.db_table)
            mysql = connection.vendor == "mysql"
            vacuum = "VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE"
            cursor.execute(f"ANALYZE TABLE {table}" if mysql else f"{vacuum} {table}")
            if mysql:
                cursor.fetchall()


def _copies(model: Any, key: int, changed: dict[str, str]) -> int:
    """Copies of a row until there are ``MANY``; the key of the first copy."""
    quote = connection.ops.quote_name
    table, numbers = quote(model._meta.db_table), _NUMBERS[connection.vendor][0]
    columns = [field.column for field in model._meta.local_fields if not field.primary_key]
    values = [changed[column] if column in changed else f"r.{quote(column)}" for column in columns]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(map(quote, columns))}) "  # noqa: S608
            f"SELECT {', '.join(values)} FROM {table} r "
            f"CROSS JOIN ({numbers % (2, MANY)}) AS numbers WHERE r.id = {key}"
        )
    copied: int = model.objects.filter(pk__gt=key).order_by("pk").values_list("pk", flat=True)[0]
    return copied


PATHS: dict[str, Callable[[Bench], Iterator[Result]]] = {"partner_report": partner_report}
