"""Which rollups make up a stretch of time: nothing twice, nothing left out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from . import clock
from .rollup_models import Level


@dataclass(frozen=True)
class Piece:
    """The rollups of one level that begin from ``start`` up to, not including, ``end``."""

    level: str
    start: datetime
    end: datetime


def cover(
    start: datetime,
    end: datetime,
    until: datetime | None,
    hours_from: datetime | None,
    longest: str = Level.MONTH,
) -> list[Piece]:
    """The pieces of what has been counted ``until`` then; what comes after is not in them.

    ``start`` and ``end`` begin an hour, or ``end`` is not before ``until``. Before ``hours_from``
    there are no hours: there the days in which they lie are taken whole.
    """
    if until is None or start >= until:
        return []
    end, hours_from = min(end, until), hours_from or until
    if start < hours_from:
        start = clock.day_of(start)
    if end < hours_from:
        end = clock.ceil(Level.DAY, end)
    return [piece for piece in _pieces(start, end, longest) if piece.start < piece.end]


def _pieces(start: datetime, end: datetime, longest: str) -> list[Piece]:
    first, last = clock.ceil(Level.DAY, start), clock.day_of(end)
    if longest == Level.HOUR or first > last:
        return [Piece(Level.HOUR, start, end)]
    hours = [Piece(Level.HOUR, start, first), Piece(Level.HOUR, last, end)]
    begin, over = clock.ceil(Level.MONTH, first), clock.month_of(last)
    if longest == Level.DAY or begin >= over:
        return [*hours, Piece(Level.DAY, first, last)]
    return [
        *hours,
        Piece(Level.DAY, first, begin),
        Piece(Level.MONTH, begin, over),
        Piece(Level.DAY, over, last),
    ]
