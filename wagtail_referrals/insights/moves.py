"""Who went from one group of customers into another: what a campaign moved."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.db.models import Count, QuerySet

from .champion_models import Group, SegmentMove
from .rollups import Span


@dataclass(frozen=True)
class Change:
    """One group: who came, who left; ``before`` is the net change in as many days before."""

    group: Group
    came: int
    left: int
    before: int

    @property
    def net(self) -> int:
        return self.came - self.left


@dataclass(frozen=True)
class Moves:
    """``counts`` by (from, to); one person may have moved more than once."""

    counts: Counter[tuple[str, str]]
    earlier: Counter[tuple[str, str]]

    @property
    def changes(self) -> list[Change]:
        """Of every group, in its order."""
        return [
            Change(group, *_came_and_left(self.counts, group), _net(self.earlier, group))
            for group in Group
        ]


def count_moves(program: int, currency: str, span: Span, before: Span | None) -> Moves:
    """The moves of a program's customers, by what they buy in a currency, within a span."""
    rows = SegmentMove.objects.filter(program=program, currency=currency)
    return Moves(_count(rows, span), _count(rows, before) if before else Counter())


def _count(rows: QuerySet[SegmentMove], span: Span) -> Counter[tuple[str, str]]:
    within = rows.filter(moved_at__gte=span.start, moved_at__lt=span.end).order_by()
    found = within.values_list("before", "after").annotate(count=Count("pk"))
    return Counter({(before, after): count for before, after, count in found})


def _came_and_left(counts: Counter[tuple[str, str]], group: str) -> tuple[int, int]:
    came = sum(count for (_before, after), count in counts.items() if after == group)
    return came, sum(count for (before, _after), count in counts.items() if before == group)


def _net(counts: Counter[tuple[str, str]], group: str) -> int:
    came, left = _came_and_left(counts, group)
    return came - left
