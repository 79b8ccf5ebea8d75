"""Counting a million new clicks, against one INSERT … SELECT … GROUP BY."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from wagtail_referrals.insights.rollup_models import Rollup, RollupState
from wagtail_referrals.insights.rollups import update_rollups
from wagtail_referrals.referrals.models import Click

from .history import fill_past
from .measure import Comparison, Spent
from .results import Result
from .site import Bench

CLICKS = 1_000_000
# They came since the last run, some hours ago.
HOURS = 20
ROUNDS = 3
_HOUR = {
    "postgresql": "date_trunc('hour', c.occurred_at)",
    "sqlite": "strftime('%%Y-%%m-%%d %%H:00:00', c.occurred_at)",
    "mysql": "DATE_FORMAT(c.occurred_at, '%%Y-%%m-%%d %%H:00:00')",
}
# By all that our rollups of clicks are split by; it keeps less than they do.
_PLAIN = """
INSERT INTO wagtail_referrals_rollup
(program_id, level, starts_at, fact, dimension, value, currency, count, amount)
SELECT a.program_id, 'plain', {hour}, 'clicked', '', c.channel, '', COUNT(*), 0
FROM wagtail_referrals_click c
JOIN wagtail_referrals_advocate a ON a.id = c.advocate_id
LEFT JOIN wagtail_referrals_partner p ON p.advocate_id = a.id
WHERE c.occurred_at >= %s AND c.occurred_at < %s
GROUP BY a.program_id, {hour}, c.channel, c.page_id, c.offer_id, p.id
"""


def rollup(bench: Bench) -> Iterator[Result]:
    """On the clock, for it is the database that works; all other facts are looked for, too."""
    Click.objects.all().delete()
    now = timezone.now()
    before = now - timedelta(hours=HOURS + 2)
    update_rollups(at=before)
    start = RollupState.objects.values("counted_until", "hours_from").get()
    fill_past(bench.program, clicks=CLICKS, referrals=0, days=1)
    new = Click.objects.filter(occurred_at__gte=start["counted_until"]).count()

    ends = [connection.ops.adapt_datetimefield_value(at) for at in (start["counted_until"], now)]

    def plain() -> None:
        with connection.cursor() as cursor:
            cursor.execute(_PLAIN.format(hour=_HOUR[connection.vendor]), ends)

    result = Comparison(Spent(), Spent())
    sides: list[tuple[Callable[[], Any], Spent]] = [
        (lambda: update_rollups(at=now), result.path),
        (plain, result.yardstick),
    ]
    for number in range(ROUNDS + 1):
        for work, spent in sides if number % 2 else reversed(sides):
            RollupState.objects.update(**start)
            Rollup.objects.all().delete()
            began = time.perf_counter()
            work()
            wall = time.perf_counter() - began
            if number:
                spent.add(wall, wall)
    yield Result(f"rollup of {new:,} new clicks, on the clock", result, reach=2)


PATHS = {"rollup": rollup}
