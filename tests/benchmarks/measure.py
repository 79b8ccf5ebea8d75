"""Two calls measured beside each other: A, B, A, B …"""

import gc
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

# Opening and closing a transaction; savepoints are counted, for they cost a round trip each.
TRANSACTION = ("BEGIN", "COMMIT", "START TRANSACTION")

Call = Callable[[], object]


@dataclass
class Spent:
    """Seconds per call of each round: of the process, and on the clock."""

    cpu: list[float] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)

    def add(self, cpu: float, wall: float) -> None:
        self.cpu.append(cpu)
        self.wall.append(wall)


@dataclass
class Comparison:
    """What one path and its yardstick took."""

    path: Spent
    yardstick: Spent

    @property
    def ratio(self) -> float:
        return _ratio(self.path.cpu, self.yardstick.cpu)

    @property
    def wall_ratio(self) -> float:
        return _ratio(self.path.wall, self.yardstick.wall)


def _ratio(path: Sequence[float], yardstick: Sequence[float]) -> float:
    """The median over the rounds: the two of one round met the same neighbours on the machine."""
    return statistics.median(ours / plain for ours, plain in zip(path, yardstick, strict=True))


def compare(
    path: Callable[[int], Sequence[Call]],
    yardstick: Callable[[int], Sequence[Call]],
    *,
    calls: int,
    rounds: int,
) -> Comparison:
    """Both, turn by turn. Each makes the calls of a round beforehand, outside the clock.

    Of two rounds one begins with the path, the other with the yardstick. One round more than
    asked for comes first and is thrown away: it fills caches and compiles templates.
    """
    result = Comparison(Spent(), Spent())
    sides = [(path, result.path), (yardstick, result.yardstick)]
    for number in range(rounds + 1):
        for make, spent in sides if number % 2 else reversed(sides):
            cpu, wall = _time(make(calls))
            if number:
                spent.add(cpu / calls, wall / calls)
    return result


def _time(calls: Sequence[Call]) -> tuple[float, float]:
    gc.collect()
    gc.disable()
    try:
        cpu, wall = time.process_time(), time.perf_counter()
        for call in calls:
            call()
        return time.process_time() - cpu, time.perf_counter() - wall
    finally:
        gc.enable()


def statements(call: Call) -> list[str]:
    """Every statement of one call, but for the frame of its transaction."""
    with CaptureQueriesContext(connection) as captured:
        call()
    queries: list[dict[str, Any]] = captured.captured_queries
    return [query["sql"] for query in queries if not query["sql"].startswith(TRANSACTION)]
