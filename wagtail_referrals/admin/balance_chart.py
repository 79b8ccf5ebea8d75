"""The picture of a partner's balance: where bars and line go. The template draws them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from ..partners.report import Month

WIDTH, HEIGHT = 720, 220
_LEFT, _RIGHT, _TOP, _BOTTOM = 36, 12, 12, 28


@dataclass(frozen=True)
class Bar:
    """A bar: its look, place and size."""

    look: str
    x: str
    y: str
    width: str
    height: str


@dataclass(frozen=True)
class BalanceChart:
    """Bars upwards for what was given, downwards for what was received; the balance as a line."""

    bars: list[Bar]
    line: str
    grid: list[tuple[str, int]]
    days: list[tuple[str, date]]


def draw_balance(months: Sequence[Month]) -> BalanceChart:
    """The chart of one partner's months; at least one."""
    values = [number for month in months for number in (month.given, -month.received)]
    values += [month.balance for month in months] + [0]
    high, low = max(values), min(values)
    span = (high - low) or 1
    step = (WIDTH - _LEFT - _RIGHT) / len(months)
    drawn = HEIGHT - _TOP - _BOTTOM

    def height(value: float) -> float:
        return _TOP + drawn * (high - value) / span

    bars, points, wide = [], [], step * 0.6
    for number, month in enumerate(months):
        x = _LEFT + step * (number + 0.2)
        for look, low_end, high_end in (
            ("given", 0, month.given),
            ("received", -month.received, 0),
        ):
            if low_end != high_end:
                top, bottom = height(high_end), height(low_end)
                bars.append(
                    Bar(look, f"{x:.1f}", f"{top:.1f}", f"{wide:.1f}", f"{bottom - top:.1f}")
                )
        points.append(f"{x + wide / 2:.1f},{height(month.balance):.1f}")
    every = max(1, -(-len(months) // 8))
    places = [
        (f"{_LEFT + step * (number + 0.5):.1f}", month.first) for number, month in enumerate(months)
    ]
    return BalanceChart(
        bars=bars,
        line=" ".join(points),
        grid=[(f"{height(value):.1f}", value) for value in sorted({high, 0, low})],
        days=places[::every],
    )
