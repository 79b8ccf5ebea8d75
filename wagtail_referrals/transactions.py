"""One way to run a verb's transaction when others run theirs at the same time."""

import functools
import random
import time
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from django.db import IntegrityError, OperationalError, connection, transaction

P = ParamSpec("P")
R = TypeVar("R")

ATTEMPTS = 8
# MariaDB: deadlock 1213, lock wait 1205. PostgreSQL: deadlock 40P01, serialisation 40001.
_CONTENTION = ("1213", "1205", "deadlock detected", "could not serialize", "database is locked")


def retried(verb: Callable[P, R]) -> Callable[P, R]:
    """Run a verb in one transaction, and again from the start when another one got in between.

    A unique key that somebody else took meanwhile (IntegrityError) is found by the next run;
    a deadlock is run again only where we opened the transaction, for it ends the whole of it.
    """

    @functools.wraps(verb)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        outermost = not connection.in_atomic_block
        for attempt in range(ATTEMPTS):
            try:
                with transaction.atomic():
                    return verb(*args, **kwargs)
            except (IntegrityError, OperationalError) as error:
                if attempt == ATTEMPTS - 1 or not worth_another_run(error, outermost):
                    raise
            if outermost:
                step_aside(attempt)
        raise AssertionError("unreachable")

    return run


def step_aside(attempt: int) -> None:
    """Wait a moment, longer each time, so that those who met do not meet again."""
    time.sleep(random.random() * 0.01 * 2**attempt)  # noqa: S311 - not a secret


def worth_another_run(error: Exception, outermost: bool) -> bool:
    """Whether others got in between; ``outermost``: the transaction that ended was our own."""
    if isinstance(error, IntegrityError):
        return True
    return outermost and any(sign in str(error) for sign in _CONTENTION)
