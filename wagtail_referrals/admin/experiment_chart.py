"""The picture of a result: a bar for each rate, with the interval it may lie in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..insights.experiments import Arm

WIDTH, ROW = 720, 56
_LEFT, _RIGHT, _TOP, _BOTTOM = 8, 8, 8, 24


@dataclass(frozen=True)
class Bar:
    """One variant: where its name, its bar and its interval are."""

    name: str
    is_control: bool
    text_y: int
    y: int
    middle: int
    width: str
    low: str
    high: str


@dataclass(frozen=True)
class Picture:
    """Bars, and rates at the axis (place, percent)."""

    bars: list[Bar]
    axis: list[tuple[str, int]]
    height: int
    left: int = _LEFT
    bottom: int = 0


def draw_rates(arms: Sequence[Arm]) -> Picture | None:
    """None where no variant has a rate yet."""
    shown = [arm for arm in arms if arm.rate is not None and arm.rate_interval is not None]
    if not shown:
        return None
    most = _round_up(max(arm.rate_interval[1] for arm in shown if arm.rate_interval))

    def x(rate: float) -> float:
        return (WIDTH - _LEFT - _RIGHT) * min(rate / most, 1)

    bars = []
    for number, arm in enumerate(shown):
        low, high = arm.rate_interval or (0.0, 0.0)
        top = _TOP + number * ROW
        bars.append(
            Bar(
                name=arm.variant.name,
                is_control=arm.variant.is_control,
                text_y=top + 14,
                y=top + 20,
                middle=top + 30,
                width=f"{x(arm.rate or 0):.1f}",
                low=f"{_LEFT + x(low):.1f}",
                high=f"{_LEFT + x(high):.1f}",
            )
        )
    bottom = _TOP + len(shown) * ROW
    axis = [(f"{_LEFT + x(most * part / 4):.1f}", most * part / 4) for part in range(5)]
    return Picture(
        bars,
        [(place, round(100 * rate)) for place, rate in axis],
        bottom + _BOTTOM,
        bottom=bottom,
    )


def _round_up(rate: float) -> float:
    """A round end of the axis whose quarters are whole percents."""
    for percent in (4, 8, 12, 20, 40, 60, 80):
        if rate <= percent / 100:
            return percent / 100
    return 1.0
