"""Who is named for what they brought: only people who agreed, and never an amount of money."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ..lookups import Lookup
from .models import Advocate, AdvocateState, Referral, ShownAs, Stage

MONTH, YEAR, ALL = "month", "year", "all"
PERIODS: dict[str, str | Promise] = {
    MONTH: _("this month"),
    YEAR: _("this year"),
    ALL: _("since the beginning"),
}
# With fewer, everybody knows who is meant, and the board looks as if nobody cared.
FEWEST = 3


@dataclass(frozen=True)
class Place:
    """One line of the board; who brought as many friends has the same rank."""

    rank: int
    name: str
    friends: int


def begin_of(period: str, at: datetime | None = None) -> datetime | None:
    """When it began, by the site's clock; None for all the time."""
    midnight = timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0)
    begins = {MONTH: midnight.replace(day=1), YEAR: midnight.replace(month=1, day=1)}
    return begins.get(period)


def shown_name(advocate: Advocate) -> str:
    """The name they agreed to be shown by; "" for nobody's. Reads the person."""
    if advocate.shown_as == ShownAs.ALIAS:
        return advocate.alias
    return advocate.person.first_name if advocate.shown_as == ShownAs.FIRST_NAME else ""


def leaders(
    program: int, period: str = ALL, *, most: int = 10, at: datetime | None = None
) -> list[Place]:
    """Who brought the most friends that bought, of those who agreed to be named; one query.

    ``program`` is its key. None at all while they are fewer than FEWEST.
    """
    begin = begin_of(period, at)
    rows = _named(program)
    if begin is None:
        rows = rows.filter(friends_converted__gt=0).order_by("-friends_converted", "pk")
        counted = [(row, row.friends_converted) for row in rows[:most]]
    else:
        bought = Q(referrals__stage=Stage.CONVERTED, referrals__converted_at__gte=begin)
        rows = rows.annotate(bought=Count("referrals", filter=bought)).filter(bought__gt=0)
        counted = [(row, row.bought) for row in rows.order_by("-bought", "pk")[:most]]
    places: list[Place] = []
    for number, (row, friends) in enumerate(counted, 1):
        tied = places[-1].rank if places and places[-1].friends == friends else number
        if name := shown_name(row):
            places.append(Place(tied, name, friends))
    return places if len(places) >= FEWEST else []


def rank_of(advocate: Advocate) -> int | None:
    """Their rank since the beginning; None for who is not named, or brought nobody yet."""
    if advocate.shown_as == ShownAs.NOBODY or not advocate.friends_converted:
        return None
    before = _ahead.first(advocate.friends_converted, advocate.program_id)
    return (before or 0) + 1


def thanked(
    program: int, period: str = ALL, *, most: int = 60, at: datetime | None = None
) -> list[str]:
    """The names of those who brought somebody and agreed to be named, the latest first."""
    brought = Referral.objects.filter(advocate=OuterRef("pk"))
    begin = begin_of(period, at)
    if begin:
        brought = brought.filter(claimed_at__gte=begin)
    rows = _named(program).filter(Exists(brought)).order_by("-pk")[:most]
    return [name for row in rows if (name := shown_name(row))]


def _named(program: int) -> QuerySet[Advocate]:
    return _all_named().filter(program=program).select_related("person")


def _all_named() -> QuerySet[Advocate]:
    rows = Advocate.objects.filter(state=AdvocateState.ACTIVE).exclude(shown_as=ShownAs.NOBODY)
    return rows.filter(person__erased_at=None, person__blocked_at=None)


# How many of those who are named brought more.
_ahead: Lookup[Any] = Lookup(
    lambda: (
        _all_named()
        .order_by()
        .values("program")
        .annotate(many=Count("pk"))
        .values_list("many", flat=True)
    ),
    "friends_converted__gt",
    "program",
)
