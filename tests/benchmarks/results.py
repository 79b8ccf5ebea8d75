"""What a measured path tells."""

from dataclasses import dataclass

from .measure import Comparison


class LeftOut(Exception):
    """A path cannot be measured here; the message says why."""


@dataclass
class Result:
    """One line of the table."""

    path: str
    comparison: Comparison
    reach: float | None = None
    queries: int | None = None
    plain_queries: int | None = None
    reach_queries: int | None = None
    memory_mb: float | None = None
    reach_memory_mb: float | None = None
