"""The report's charts: where their lines go. The template draws them, each beside its table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import cos, pi, sin

from ..insights.nps import Scores

# The gauge: a half circle of this radius, its centre at (110, 110).
_RADIUS, _CENTRE = 90, 110
# The trend: what is drawn in, in units of its view box.
TREND_WIDTH, TREND_HEIGHT = 720, 220
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 12, 12, 28


@dataclass(frozen=True)
class Gauge:
    """A score on a half circle from -100 to 100, with the arc it may lie in."""

    track: str
    interval: str
    hand: tuple[str, str]


def _on_arc(score: float, radius: float = _RADIUS) -> tuple[str, str]:
    angle = pi * (1 - (score + 100) / 200)
    return f"{_CENTRE + radius * cos(angle):.1f}", f"{_CENTRE - radius * sin(angle):.1f}"


def _arc(low: float, high: float) -> str:
    (x, y), (to_x, to_y) = _on_arc(low), _on_arc(high)
    return f"M {x} {y} A {_RADIUS} {_RADIUS} 0 0 1 {to_x} {to_y}"


def draw_gauge(scores: Scores) -> Gauge | None:
    """The gauge of a score; None without answers."""
    if scores.nps is None or scores.interval is None:
        return None
    return Gauge(_arc(-100, 100), _arc(*scores.interval), _on_arc(scores.nps, _RADIUS - 18))


@dataclass(frozen=True)
class Point:
    """A week or month of the trend: where its dot is, and from where to where its interval."""

    day: date
    x: str
    y: str
    low: str
    high: str
    is_few: bool


@dataclass(frozen=True)
class Trend:
    """Dots, the lines between neighbours, the grid (y, value) and some days below (x, day)."""

    points: list[Point]
    lines: list[str]
    grid: list[tuple[str, int]]
    days: list[tuple[str, date]]


def draw_trend(steps: dict[date, Scores]) -> Trend:
    """The scores of weeks or months; where nobody answered the line is interrupted."""
    days = list(steps)
    width = TREND_WIDTH - _LEFT - _RIGHT
    places = {day: _LEFT + width * (number + 0.5) / len(days) for number, day in enumerate(days)}
    points = [_point(day, places[day], steps[day]) for day in days if steps[day].total]
    every = max(1, -(-len(days) // 8))
    return Trend(
        points=points,
        lines=[" ".join(line) for line in _lines(days, points) if len(line) > 1],
        grid=[(f"{_height(value):.1f}", value) for value in (-100, -50, 0, 50, 100)],
        days=[(f"{places[day]:.1f}", day) for day in days[::every]],
    )


def _height(score: float) -> float:
    return _TOP + (TREND_HEIGHT - _TOP - _BOTTOM) * (100 - score) / 200


def _point(day: date, x: float, scores: Scores) -> Point:
    assert scores.nps is not None
    assert scores.interval is not None
    low, high = scores.interval
    y, top, bottom = (f"{_height(value):.1f}" for value in (scores.nps, high, low))
    return Point(day, f"{x:.1f}", y, bottom, top, scores.is_few)


def _lines(days: Sequence[date], points: list[Point]) -> list[list[str]]:
    found, lines = {point.day: point for point in points}, [[]]  # type: ignore[var-annotated]
    for day in days:
        if point := found.get(day):
            lines[-1].append(f"{point.x},{point.y}")
        elif lines[-1]:
            lines.append([])
    return lines


def draw_bars(counts: Sequence[int]) -> list[str]:
    """How long each count's bar is, in percent of the longest."""
    most = max(counts, default=0) or 1
    return [f"{100 * count / most:.1f}" for count in counts]
