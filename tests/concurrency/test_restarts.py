"""A database that dies under load and comes back: nothing lost, nothing doubled, soon at work."""

import os
import time
from itertools import count

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from tests.concurrency import day
from tests.concurrency.processes import call, start
from tests.concurrency.servers import server_of_our_own
from tests.databases import empty_tables
from tests.fixtures import make_program, make_root

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.slow,
]

NIGHTLY = os.environ.get("REFERRALS_NIGHTLY") == "1"
RESTARTS = 20 if NIGHTLY else 2
WORKERS = 4
BACK_WITHIN = 10  # seconds


def make_tables():
    """Those of the models, on a server that is just starting."""
    settings.MIGRATION_MODULES = {app.label: None for app in apps.get_app_configs()}
    day.until_answered(connection.ensure_connection)
    if connection.vendor == "mysql":
        with connection.cursor() as cursor:
            cursor.execute("ALTER DATABASE test CHARACTER SET utf8mb4")
    call_command("migrate", run_syncdb=True, verbosity=0)


def open_shop(budget):
    empty_tables()
    make_root()
    day.open_shop(make_program(), budget=budget)


def close_shop(done):
    day.give_what_is_left()
    return day.damage(done)


@pytest.fixture(scope="module")
def server(django_db_setup, django_db_blocker):
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has no server that could die")
    with django_db_blocker.unblock(), server_of_our_own(connection.vendor) as server:
        server.settings = server.database(dict(connection.settings_dict))
        call(make_tables, database=server.settings)
        yield server


class Tills:
    """Workers that serve on whatever happens, and what they have answered."""

    def __init__(self, work, database):
        self.workers = [
            start(work, range(number, 10**6, WORKERS), database=database)
            for number in range(WORKERS)
        ]
        self.begun, self.done = {}, set()

    def next_answer(self, after=0.0):
        """When the first order was done that was begun after that time."""
        for turn in count():
            for word, number, at in self.workers[turn % WORKERS].said(0.02):
                self.begun.setdefault(number, at)
                if word == "done":
                    self.done.add(number)
                    if self.begun[number] > after:
                        return at
        raise AssertionError("unreachable")

    def close(self):
        for worker in self.workers:
            self.done |= {number for word, number, _at in worker.kill() if word == "done"}


def restart_under_load(server, tills):
    """How long it took from the end to the first order that was begun after it and done."""
    for _ in range(WORKERS * 2):
        tills.next_answer()
    server.end()
    ended = time.monotonic()
    server.start()
    return tills.next_answer(ended) - ended


def test_a_database_that_dies_under_load_loses_and_doubles_nothing(server):
    call(open_shop, 1_000_000, database=server.settings)
    tills = Tills(day.work_and_insist, server.settings)
    away = [restart_under_load(server, tills) for _ in range(RESTARTS)]
    tills.close()
    assert not call(close_shop, tills.done, database=server.settings)
    assert len(tills.done) > RESTARTS * WORKERS
    assert max(away) < BACK_WITHIN
    print(f"{len(tills.done)} orders; away for {min(away):.1f} to {max(away):.1f} s")


def test_without_transactions_a_database_that_dies_leaves_work_half_done(server):
    call(open_shop, None, database=server.settings)
    for _ in range(5):
        tills = Tills(day.without_transactions, server.settings)
        restart_under_load(server, tills)
        tills.close()
        if call(day.damage, [], database=server.settings):
            return
    raise AssertionError("each statement by itself, and nothing half-done")
