"""Processes of their own that work on the test's database, or on one that we name.

They are forked from a process that has loaded Django once and never touched a database: a new
one is there in a few hundredths of a second, and may be killed at any moment.
"""

from __future__ import annotations

import multiprocessing
import os
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any

import django
from django.apps import apps
from django.conf import settings
from django.db import connection, connections

if not apps.ready:  # in the process that the others are forked from
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    import_module("wagtail_referrals.urls")

PATIENCE = 60
_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload([__name__])


def start(work: Callable[..., Any], *args: Any, database: dict[str, Any] | None = None) -> Worker:
    """``work(say, *args)`` in a process; what it says comes out of ``Worker.hears``."""
    hears, says = _context.Pipe(duplex=False)
    database = database or dict(connection.settings_dict)
    settings_now = {"WAGTAIL_REFERRALS": dict(settings.WAGTAIL_REFERRALS)}
    process = _context.Process(
        target=_run, args=(work, says, database, settings_now, args), daemon=True
    )
    process.start()
    says.close()
    return Worker(process, hears)


def _run(
    work: Callable[..., Any],
    says: Connection,
    database: dict[str, Any],
    settings_now: dict[str, Any],
    args: tuple[Any, ...],
) -> None:
    connections.settings["default"].update(database)
    for name, value in settings_now.items():
        setattr(settings, name, value)
    try:
        work(says.send, *args)
    except Exception:
        says.send({"failed": traceback.format_exc()})
    finally:
        connections.close_all()


class Worker:
    """A process, and what it said."""

    def __init__(self, process: BaseProcess, hears: Connection) -> None:
        self.process, self.hears = process, hears

    def said(self, seconds: float = 0) -> Iterator[Any]:
        """What it has said up to now; of what it says later, what comes within the time."""
        try:
            while self.hears.poll(seconds):
                word = self.hears.recv()
                if isinstance(word, dict) and "failed" in word:
                    raise AssertionError(word["failed"])
                yield word
        except (EOFError, OSError):  # it has ended, perhaps in the middle of a word
            return

    def kill(self) -> list[Any]:
        """End it as kill -9 does; what it had said."""
        self.process.kill()
        self.process.join(PATIENCE)
        return list(self.said())

    def finish(self) -> list[Any]:
        """Wait until it has done its work; what it had said."""
        words = list(self.said(PATIENCE))
        self.process.join(PATIENCE)
        assert self.process.exitcode == 0, f"the process ended with {self.process.exitcode}"
        return words


def call(work: Callable[..., Any], *args: Any, database: dict[str, Any] | None = None) -> Any:
    """What ``work(*args)`` returns in a process of its own."""
    [answer] = start(_answer, work, args, database=database).finish()
    return answer


def _answer(say: Callable[[Any], None], work: Callable[..., Any], args: tuple[Any, ...]) -> None:
    say(work(*args))


@contextmanager
def workers(
    count: int, work: Callable[..., Any], *args: Any, **values: Any
) -> Iterator[list[Worker]]:
    """So many processes that do the same, ended with the block."""
    started = [start(work, *args, **values) for _ in range(count)]
    try:
        yield started
    finally:
        for worker in started:
            worker.process.kill()
            worker.process.join(PATIENCE)


def barrier(parties: int) -> Any:
    """Where so many processes wait for each other; it can be given to ``start``."""
    return _context.Barrier(parties)


def next_word(worker: Worker) -> Any:
    """What it says next, once it says something."""
    assert wait([worker.hears], PATIENCE), "the process says nothing"
    return next(worker.said())
