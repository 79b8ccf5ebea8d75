"""The scratch database of a run, and clicks by the million."""

from collections.abc import Iterator
from contextlib import contextmanager

import django
from django.apps import apps
from django.core.management.color import no_style
from django.db import connection
from django.db.models import Model

from wagtail_referrals.people.models import Person
from wagtail_referrals.referrals.models import Advocate, Click

# Rows of a number n, and 32 hex digits that differ for each.
_NUMBERS = {
    "postgresql": ("SELECT n FROM generate_series(%d, %d) AS n", "md5(n::text)"),
    "sqlite": (
        "WITH RECURSIVE numbers(n) AS "
        "(SELECT %d UNION ALL SELECT n + 1 FROM numbers WHERE n < %d) SELECT n FROM numbers",
        "lower(hex(randomblob(16)))",
    ),
    "mysql": ("SELECT seq AS n FROM seq_%d_to_%d", "md5(n)"),
}


@contextmanager
def scratch_database() -> Iterator[str]:
    """An empty database with every table, gone afterwards; its name."""
    old_name = connection.settings_dict["NAME"]
    # Before 6.1 Django reads every row back unless told not to, and our tables are not there yet.
    options = {} if django.VERSION >= (6, 1) else {"serialize": False}
    name: str = connection.creation.create_test_db(verbosity=0, autoclobber=True, **options)
    try:
        with connection.schema_editor() as editor:
            for model in apps.get_app_config("benchmarks").get_models():
                editor.create_model(model)
        yield name
    finally:
        connection.close()
        connection.creation.destroy_test_db(old_name, verbosity=0)


@contextmanager
def by_the_million(model: type[Model]) -> Iterator[None]:
    """Where very many rows are written at once; the database knows the table's size afterwards.

    PostgreSQL checks keys and builds indexes once, at the end.
    """
    made_anew = _take_off(model._meta.db_table) if connection.vendor == "postgresql" else []
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            # Keys that we gave ourselves are not given again.
            for sql in [*made_anew, *connection.ops.sequence_reset_sql(no_style(), [model])]:
                cursor.execute(sql)
    settle(model)


def settle(*models: type[Model]) -> None:
    """What a database does by itself after a minute: tidy up, and learn how large a table is.

    Until it has, PostgreSQL takes a table of a hundred rows for one of a single row and reads
    ten million others once for each of them.
    """
    words = {"postgresql": "VACUUM (ANALYZE)", "mysql": "ANALYZE TABLE"}
    with connection.cursor() as cursor:
        for model in models:
            table = connection.ops.quote_name(model._meta.db_table)
            cursor.execute(f"{words.get(connection.vendor, 'ANALYZE')} {table}")


def _take_off(table: str) -> list[str]:
    """All but the primary key; the statements that put it on again."""
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        cursor.execute("SET maintenance_work_mem = '512MB'")
        cursor.execute(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint "
            "WHERE conrelid = %s::regclass AND contype IN ('f', 'u')",
            [table],
        )
        constraints = cursor.fetchall()
        for name, _definition in constraints:
            cursor.execute(f"ALTER TABLE {quote(table)} DROP CONSTRAINT {quote(name)}")
        cursor.execute(
            "SELECT i.indexname, i.indexdef FROM pg_indexes i WHERE i.tablename = %s "
            "AND i.indexname NOT IN (SELECT conname FROM pg_constraint)",
            [table],
        )
        indexes = cursor.fetchall()
        for name, _definition in indexes:
            cursor.execute(f"DROP INDEX {quote(name)}")
    return [
        *(definition for _name, definition in indexes),
        *(
            f"ALTER TABLE {quote(table)} ADD CONSTRAINT {quote(name)} {definition}"
            for name, definition in constraints
        ),
    ]


def fill_clicks(count: int) -> None:
    """Clicks until there are ``count``, spread over the advocates, by the database itself."""
    there = Click.objects.count()
    advocates = Advocate.objects.order_by("pk").values_list("pk", flat=True)
    first, spread = advocates[0], len(advocates)
    numbers, digits = _NUMBERS[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO wagtail_referrals_click (advocate_id, visitor, channel, occurred_at) "  # noqa: S608
            f"SELECT {first} + n % {spread}, {digits}, 'copy', CURRENT_TIMESTAMP "
            f"FROM ({numbers % (there + 1, count)}) AS numbers"
        )
    settle(Click)


def fill_advocates(program: int, count: int) -> None:
    """So many more people and their memberships, most of whom brought nobody."""
    numbers, digits = _NUMBERS[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute("SELECT COALESCE(MAX(id), 0) FROM wagtail_referrals_person")
        first = cursor.fetchone()[0] + 1
        numbered = f"({numbers % (first, first + count - 1)}) AS numbers"
        with by_the_million(Person):
            cursor.execute(
                "INSERT INTO wagtail_referrals_person "  # noqa: S608
                "(id, email, name, locale, blocked_reason, created_at) "
                f"SELECT n, '', 'Somebody', 'en', '', CURRENT_TIMESTAMP FROM {numbered}"
            )
        with by_the_million(Advocate):
            cursor.execute(
                "INSERT INTO wagtail_referrals_advocate (program_id, person_id, code_key, state, "  # noqa: S608
                "tier, friends_converted, friends_value, shown_as, alias, own_visitor, created_at) "
                f"SELECT {program}, n, {digits}, 'active', '', CASE WHEN n % 20 = 0 THEN n % 97 "
                "ELSE 0 END, CASE WHEN n % 20 = 0 THEN n % 9973 ELSE 0 END, '', '', '', "
                f"CURRENT_TIMESTAMP FROM {numbered}"
            )
