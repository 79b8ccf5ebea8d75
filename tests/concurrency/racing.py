"""Running many callers at once, each in a thread with a connection of its own."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from django.db import connection, connections, models

from tests.databases import empty_tables
from wagtail_referrals.exceptions import ReferralsError

# PostgreSQL lets 100 in and MariaDB 151, and the server is shared. More callers than this all
# start together and then press for as many seats: so many transactions are open at any time.
SEATS = 40
PATIENCE = 120


def race(callers: list[Callable[[], Any]]) -> list[Any]:
    """Let all callers go at once; what each returned, or the error it raised."""
    start, seats = threading.Barrier(len(callers)), threading.Semaphore(SEATS)
    results: list[Any] = [None] * len(callers)

    def run(index: int) -> None:
        all_fit = len(callers) <= SEATS
        try:
            if all_fit:
                connection.ensure_connection()
            start.wait(PATIENCE)
            with seats:
                try:
                    results[index] = callers[index]()
                finally:
                    connections.close_all()
        except Exception as error:  # the tests say which are allowed
            results[index] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(callers))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert not any(thread.is_alive() for thread in threads), "a caller hangs"
    return results


def successes(results: list[Any]) -> list[Any]:
    """What the callers returned that were not refused."""
    return [result for result in results if not isinstance(result, Exception)]


def refusals(results: list[Any]) -> Counter[str]:
    """How often each of our codes was given as the reason. Any other error fails the test."""
    errors = [result for result in results if isinstance(result, Exception)]
    for error in errors:
        if not isinstance(error, ReferralsError):
            raise AssertionError(f"{type(error).__name__} reached a caller: {error}") from error
    return Counter(error.code for error in errors)


class Meeting:
    """A place between a read and a write where the racers wait for each other, each once.

    It makes certain that all have read before one writes. SQLite's write transactions come one
    after the other, so nobody can be met inside of one there: then nobody waits.
    """

    def __init__(self, parties: int, *, inside_transaction: bool = True) -> None:
        self.barrier = threading.Barrier(parties)
        self.off = inside_transaction and connection.vendor == "sqlite"
        self.been = threading.local()

    def wait(self) -> None:
        if self.off or getattr(self.been, "here", False):
            return
        self.been.here = True
        # Somebody who never comes was stopped by another guard: go on without.
        with suppress(threading.BrokenBarrierError):
            self.barrier.wait(5)

    def before(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def met(*args: Any, **kwargs: Any) -> Any:
            self.wait()
            return function(*args, **kwargs)

        return met

    def after(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def met(*args: Any, **kwargs: Any) -> Any:
            result = function(*args, **kwargs)
            self.wait()
            return result

        return met


@contextmanager
def without_unique(model: type[models.Model], *columns: str) -> Iterator[None]:
    """PostgreSQL without a unique key; afterwards the key is back and the tables are empty."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, table)
        (name,) = (
            name
            for name, about in found.items()
            if about["unique"] and about["columns"] == list(columns)
        )
        cursor.execute(f'ALTER TABLE "{table}" DROP CONSTRAINT "{name}"')
    try:
        yield
    finally:
        empty_tables()
        with connection.cursor() as cursor:
            quoted = ", ".join(f'"{column}"' for column in columns)
            cursor.execute(f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" UNIQUE ({quoted})')
