"""Whose share travelled furthest: friends, whom those brought, and so on, once a day.

Everybody has one advocate in a program, so that each is reached by one way only. Some hundred
advocates are looked at together, one question for each step further; a screen only reads.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Q
from django.utils import timezone

from ..events.bulk_insert import insert_or_update
from ..programs.models import Program
from ..referrals.models import Referral
from ..transactions import retried
from .reach_models import Reach, ReachRun

# Further nobody is followed.
MOST_LEVELS = 10
# Advocates in one question.
ADVOCATES = 500
_NAMES = ("advocate_id", "claimed", "people", "levels")
Row = tuple[int, int, int, int]


def update_reach(*, at: datetime | None = None) -> int:
    """Work out every program that was not yet today, by the site's clock; how many were."""
    at = at or timezone.now()
    today = timezone.localtime(at, timezone.get_default_timezone()).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    done = ReachRun.objects.filter(computed_at__gte=today).values("program")
    programs = list(Program.objects.exclude(pk__in=done).order_by("pk"))
    for program in programs:
        compute_reach(program, at=at)
    return len(programs)


def compute_reach(program: Program, *, at: datetime | None = None) -> int:
    """Work out one program's; how many advocates brought somebody.

    Two runs at once do the same work twice and say the same.
    """
    at = at or timezone.now()
    count, last = 0, 0
    for advocates, rows in _rows(program.pk):
        _write(program.pk, rows, last, advocates[-1], at)
        count, last = count + len(rows), advocates[-1]
    _finish(program.pk, last, at)
    return count


@retried
def _write(program: int, rows: list[Row], after: int, until: int, at: datetime) -> None:
    """Store some advocates' rows, and forget whom an earlier run knew between them.

    By their keys and not by the time of the run: of two at once each writes over the other's.
    """
    known = Reach.objects.filter(program=program, advocate__gt=after, advocate__lte=until)
    known.exclude(advocate__in=[row[0] for row in rows]).delete()
    insert_or_update(Reach, _NAMES, rows, key=("advocate_id",), program_id=program, computed_at=at)


@retried
def _finish(program: int, last: int, at: datetime) -> None:
    """Forget who comes after the last one, and note the run."""
    Reach.objects.filter(program=program, advocate__gt=last).delete()
    if not ReachRun.objects.filter(program=program).update(computed_at=at):
        ReachRun.objects.get_or_create(program_id=program, defaults={"computed_at": at})


def _rows(program: int) -> Iterator[tuple[list[int], list[Row]]]:
    """Some advocates at a time, in the order of their keys, and what came of them."""
    for advocates in _advocates(program):
        steps: dict[int, list[int]] = {advocate: [] for advocate in advocates}
        left = advocates
        for level in range(1, MOST_LEVELS + 1):
            found = _count(program, left, level)
            for advocate, people in found.items():
                steps[advocate].append(people)
            left = list(found)
            if not left:
                break
        yield (
            advocates,
            [
                (advocate, counts[0], sum(counts), len(counts))
                for advocate, counts in steps.items()
                if counts
            ],
        )


def _advocates(program: int) -> Iterator[list[int]]:
    """Whoever brought anybody, in pieces."""
    rows = Referral.objects.filter(program=program).order_by("advocate_id")
    last = 0
    while True:
        more = rows.filter(advocate_id__gt=last).values_list("advocate_id", flat=True).distinct()
        advocates = list(more[:ADVOCATES])
        if not advocates:
            return
        yield advocates
        last = advocates[-1]


def _count(program: int, advocates: list[int], level: int) -> dict[int, int]:
    """How many people each of the advocates reached in so many steps; who reached none is not in.

    Where they brought each other in a circle, nobody is reached by themselves, nor twice.
    """
    # From a friend's referral up: its referrer is the friend of the referral above.
    above = ["referrer__referrals__" * number for number in range(level)]
    top = above[-1]
    within: dict[str, Any] = {f"{step}program": program for step in above}
    circle = Q(friend=F(f"{top}referrer"))
    for step in above[:-1]:
        circle |= Q(**{f"{step}referrer": F(f"{top}referrer")})
    rows = Referral.objects.order_by().filter(**within, **{f"{top}advocate_id__in": advocates})
    counted = rows.exclude(circle).values_list(f"{top}advocate_id").annotate(Count("pk"))
    return dict(counted)
