"""The first hundred of a million advocates, in the database, against a scan of a hundred."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.fixtures import make_program
from wagtail_referrals.insights.leaders import EVERYBODY, FRIENDS, MOST, find_leaders
from wagtail_referrals.referrals.models import Advocate

from .database import fill_advocates
from .measure import compare
from .results import Result
from .site import Bench

ADVOCATES = 1_000_000
CALLS, ROUNDS = 40, 9


def leaders(bench: Bench) -> Iterator[Result]:
    """The statements of one board, since the beginning; their rows are read and thrown away."""
    program = make_program("leaders", advocate_offer=None)
    fill_advocates(program.pk, ADVOCATES)
    with CaptureQueriesContext(connection) as captured:
        board = find_leaders(program, EVERYBODY, FRIENDS)
    assert len(board.leaders) == MOST and board.leaders[0].values == (96,)
    ours = [one["sql"] for one in captured.captured_queries]
    scan = Advocate.objects.filter(program=program, friends_converted__gt=0)
    with CaptureQueriesContext(connection) as captured:
        list(scan.order_by("-friends_converted", "pk")[:MOST])
    plain = [one["sql"] for one in captured.captured_queries]
    yield Result(
        f"top {MOST} of {ADVOCATES:,} advocates",
        compare(
            lambda count: [_run(ours)] * count,
            lambda count: [_run(plain)] * count,
            calls=CALLS,
            rounds=ROUNDS,
        ),
        reach=3,
        queries=len(ours),
        plain_queries=len(plain),
    )


def _run(statements: list[str]) -> Callable[[], Any]:
    """The database's work and little else."""

    def run() -> None:
        with connection.cursor() as cursor:
            for sql in statements:
                cursor.execute(sql)
                cursor.fetchall()

    return run


PATHS = {"leaders": leaders}
