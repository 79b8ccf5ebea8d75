"""The scratch database of a run, and clicks by the million."""

from collections.abc import Iterator
from contextlib import contextmanager

import django
from django.apps import apps
from django.db import connection

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
        cursor.execute(
            "ANALYZE TABLE wagtail_referrals_click"
            if connection.vendor == "mysql"
            else "ANALYZE wagtail_referrals_click"
        )
