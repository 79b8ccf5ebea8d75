"""The picture of the four groups: where its dots go. The template draws them above the table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from math import log10, sqrt

from ..insights.champion_models import ValueSummary
from ..insights.groups import COLUMNS, ROWS, position
from ..programs.money import format_money

WIDTH, HEIGHT = 720, 440
_LEFT, _RIGHT, _TOP, _BOTTOM = 84, 16, 32, 52


@dataclass(frozen=True)
class Dot:
    """One customer, or several of about the same worth."""

    x: str
    y: str
    r: str
    group: str


@dataclass(frozen=True)
class Picture:
    """Dots, the two lines that part the groups, and amounts at the axes (place, words)."""

    dots: list[Dot]
    parting_x: str
    parting_y: str
    across: list[tuple[str, str]]
    up: list[tuple[str, str]]
    left: int = _LEFT
    right: int = WIDTH - _RIGHT
    top: int = _TOP
    bottom: int = HEIGHT - _BOTTOM


def draw_dots(summary: ValueSummary) -> Picture:
    """The picture of a summary. Both axes go by the root of the amount: few are far above."""
    columns = position(summary.lifetime_low, summary.lifetime_high, COLUMNS)
    rows = position(summary.referral_low, summary.referral_high, ROWS)
    most = max(count for _column, _row, count, _group in summary.dots)
    return Picture(
        # The largest first, so that no small one is under it.
        dots=[
            Dot(
                f"{_x(column + 0.5):.1f}",
                f"{_y(row + 0.5):.1f}",
                f"{_size(count, most):.1f}",
                group,
            )
            for column, row, count, group in sorted(summary.dots, key=lambda dot: -dot[2])
        ],
        parting_x=_parting(summary.lifetime_from, columns, _x),
        parting_y=_parting(summary.referral_from, rows, _y),
        across=[
            (f"{_x(columns(amount)):.1f}", format_money(Decimal(amount), summary.currency))
            for amount in ticks(float(summary.lifetime_low), float(summary.lifetime_high))
        ],
        up=[
            (f"{_y(rows(amount)):.1f}", format_money(Decimal(amount), summary.currency))
            for amount in ticks(float(summary.referral_low), float(summary.referral_high))
        ],
    )


def _x(column: float) -> float:
    return _LEFT + (WIDTH - _LEFT - _RIGHT) * column / COLUMNS


def _y(row: float) -> float:
    return HEIGHT - _BOTTOM - (HEIGHT - _TOP - _BOTTOM) * row / ROWS


def _size(count: int, most: int) -> float:
    """A dot's radius: the area grows with the logarithm, for one beside thousands is to be seen."""
    if most == 1:
        return 3.5
    return 2.5 + 7 * sqrt(log10(count) / log10(most)) if count > 1 else 2.5


def _parting(
    threshold: Decimal | None, place: Callable[[float], float], to: Callable[[float], float]
) -> str:
    return "" if threshold is None else f"{to(place(float(threshold))):.1f}"


def ticks(low: float, high: float) -> list[int]:
    """Round amounts from one end to the other, some steps apart on a scale of roots."""
    most = max(abs(low), abs(high))
    if most < 1:
        return [0]
    unit = 10 ** int(log10(most))
    steps = [unit * part for part in (1, 4)] if most / unit >= 4 else [unit // 4 or 1, unit]
    found = {0, *steps, *(-step for step in steps)}
    if most / unit >= 8:
        found |= {8 * unit, -8 * unit}
    return sorted(amount for amount in found if low <= amount <= high)
