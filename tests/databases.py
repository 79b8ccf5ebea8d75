"""The databases of the tests: made once for all workers on SQLite, and emptied quickly."""

import fcntl
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.test import TransactionTestCase

# Django's flush makes these anew each time, which is most of what it costs.
KEPT = {"django_content_type", "auth_permission"}


def empty_tables() -> None:
    """What Django's flush leaves: content types and permissions, and nothing else."""
    tables = set(connection.introspection.django_table_names(only_existing=True)) - KEPT
    quote = connection.ops.quote_name
    disabled, together = connection.constraint_checks_disabled(), transaction.atomic()
    with disabled, together, connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"DELETE FROM {quote(table)}")


@pytest.fixture(scope="session", autouse=True)
def _quick_flush() -> Iterator[None]:
    """Django's own takes ten times as long on SQLite, and seconds on PostgreSQL."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda case: empty_tables())
        yield


@pytest.fixture(scope="session")
def django_db_keepdb(
    request: pytest.FixtureRequest,
    django_db_keepdb: bool,
    django_db_use_migrations: bool,
    django_db_modify_db_settings: None,
    django_db_blocker: Any,
) -> bool:
    """Each worker on SQLite begins with a copy, in which nothing is left to migrate."""
    is_worker = hasattr(request.config, "workerinput")
    if not is_worker or not django_db_use_migrations or connection.vendor != "sqlite":
        return django_db_keepdb
    migrated = settings.SHARED_DIR / "migrated.sqlite3"
    with django_db_blocker.unblock():
        _migrate_once(migrated)
    shutil.copyfile(migrated, connection.settings_dict["TEST"]["NAME"])
    return True


def _migrate_once(file: Path) -> None:
    """Whoever comes first migrates; the others wait for it."""
    with file.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not file.exists():
            unfinished = file.with_suffix(".unfinished")
            _migrate(unfinished)
            unfinished.rename(file)


def _migrate(file: Path) -> None:
    name = connection.settings_dict["NAME"]
    connection.settings_dict["NAME"] = str(file)
    try:
        call_command("migrate", run_syncdb=True, interactive=False, verbosity=0)
    finally:
        connection.close()
        connection.settings_dict["NAME"] = name
