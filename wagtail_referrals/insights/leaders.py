"""Who brought most: advocates, partners, staff and their teams, the first hundred of each.

Since the beginning it is read from counters that are kept, by their index; within days from the
referrals and purchases of these days.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import Group
from django.db.models import Count, F, Model, Q, QuerySet, Sum
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ..events.models import Event
from ..events.report import PURCHASE
from ..partners.models import Partner
from ..programs.models import Program
from ..programs.money import CENT
from ..referrals.joining import staff_users
from ..referrals.models import Advocate, Referral, Stage
from .reach_models import Reach, ReachRun
from .rollups import Span

MOST = 100
EVERYBODY, PARTNERS, STAFF, TEAMS, FURTHEST = (
    *("everybody", "partners", "staff"),
    *("teams", "furthest"),
)
BOARDS: dict[str, str | Promise] = {
    EVERYBODY: _("Everybody"),
    PARTNERS: _("Partners"),
    STAFF: _("Staff"),
    TEAMS: _("Teams of staff"),
    FURTHEST: _("Whose share travelled furthest"),
}
FRIENDS, CLAIMS, REVENUE = "friends", "claims", "revenue"
MEASURES: dict[str, str | Promise] = {
    FRIENDS: _("friends who bought"),
    CLAIMS: _("friends who came"),
    REVENUE: _("what friends bought"),
}


@dataclass(frozen=True)
class Leader:
    """One line; ``values`` as many as the board has columns, the first ones decide the rank."""

    rank: int
    name: str
    values: tuple[Any, ...]
    # An advocate or a team.
    target: Model


@dataclass(frozen=True)
class Board:
    """The lines, as of when (None: of now), and whether more follow who brought as much."""

    leaders: Sequence[Leader] = field(default_factory=list)
    more: bool = False
    as_of: datetime | None = None


def ranks(values: Iterable[Any]) -> list[int]:
    """Of values from the highest down: equal ones share a rank, like 1, 2, 2, 4."""
    found: list[int] = []
    last = object()
    for number, value in enumerate(values, 1):
        found.append(found[-1] if value == last else number)
        last = value
    return found


def find_leaders(
    program: Program,
    board: str = EVERYBODY,
    measure: str = FRIENDS,
    *,
    span: Span | None = None,
    currency: str = "",
    most: int = MOST,
) -> Board:
    """One board of a program, by a key of BOARDS and of MEASURES; no ``span``: all the time.

    How far a share travelled is known of all the time only. Amounts are in ``currency``, the
    program's own where it is not said; since the beginning they are known in that one only.
    """
    if board == FURTHEST:
        rows = list(_far(program)[: most + 1])
        return _board(board, rows, most, _as_of(program))
    source = _source(program, measure, span, currency or program.currency)
    as_of = _as_of(program) if source.is_nightly else None
    rows = _rounded(source.rows(program, board)[: most + 1])
    return _board(board, rows, most, as_of)


@dataclass(frozen=True)
class _Source:
    """Where a number comes from. ``path`` leads from its rows to the advocate.

    ``column`` is a counter that is kept; without, ``value`` is counted.
    """

    queryset: QuerySet[Any]
    path: str
    value: Any
    column: str = ""
    is_nightly: bool = False

    def rows(self, program: Program, board: str) -> QuerySet[Any]:
        """(key of an advocate or a team, value), from the highest down."""
        rows = self.queryset.filter(_of_board(program, board, self.path))
        key = f"{self.path}person__user__groups" if board == TEAMS else f"{self.path}pk"
        if self.column and board != TEAMS:
            found = rows.filter(**{f"{self.column}__gt": 0}).order_by(f"-{self.column}", "pk")
            return found.values_list(self.path.removesuffix("__") or "pk", self.column)
        value = Sum(self.column) if self.column else self.value
        counted = rows.order_by().values(key).annotate(value=value).filter(value__gt=0)
        return counted.order_by("-value", key).values_list(key, "value")


def _source(program: Program, measure: str, span: Span | None, currency: str) -> _Source:
    if measure == REVENUE:
        return _revenue(program, span, currency)
    if span is None:
        if measure == CLAIMS:
            reached = Reach.objects.filter(program=program)
            return _Source(reached, "advocate__", None, "claimed", is_nightly=True)
        advocates = Advocate.objects.filter(program=program)
        return _Source(advocates, "", None, "friends_converted")
    referrals = Referral.objects.filter(program=program)
    if measure == CLAIMS:
        referrals = referrals.filter(claimed_at__gte=span.start, claimed_at__lt=span.end)
    else:
        referrals = referrals.filter(
            stage=Stage.CONVERTED, converted_at__gte=span.start, converted_at__lt=span.end
        )
    return _Source(referrals, "advocate__", Count("pk"))


def _revenue(program: Program, span: Span | None, currency: str) -> _Source:
    if span is None:
        rows = Advocate.objects.filter(program=program)
        known = rows if currency == program.currency else rows.none()
        return _Source(known, "", None, "friends_value")
    purchases = Event.objects.filter(
        program=program,
        kind=PURCHASE,
        referral__isnull=False,
        currency=currency,
        occurred_at__gte=span.start,
        occurred_at__lt=span.end,
    )
    return _Source(purchases, "referral__advocate__", Sum(F("amount") - F("refunded")))


def _of_board(program: Program, board: str, path: str) -> Q:
    if board == PARTNERS:
        return Q(**{f"{path}partner__isnull": False})
    if board not in (STAFF, TEAMS):
        return Q()
    # In a program for staff everybody is.
    all_are = program.audience == "staff"
    staff = Q() if all_are else Q(**{f"{path}person__user__in": staff_users().values("pk")})
    return staff if board == STAFF else staff & Q(**{f"{path}person__user__groups__isnull": False})


def _far(program: Program) -> QuerySet[Any]:
    rows = Reach.objects.filter(program=program, people__gt=0)
    furthest = rows.order_by("-levels", "-people", "pk")
    return furthest.values_list("advocate", "levels", "people", "claimed")


def _as_of(program: Program) -> datetime | None:
    return ReachRun.objects.filter(program=program).values_list("computed_at", flat=True).first()


def _rounded(rows: Iterable[tuple[int, Any]]) -> list[tuple[int, Any]]:
    """SQLite adds amounts in floating point."""
    return [
        (key, value if isinstance(value, int) else Decimal(str(value)).quantize(CENT))
        for key, value in rows
    ]


def _board(board: str, rows: list[Any], most: int, as_of: datetime | None) -> Board:
    counted = 2 if board == FURTHEST else 1
    deciding = [tuple(row[1 : 1 + counted]) for row in rows]
    more = len(rows) > most and deciding[most] == deciding[most - 1]
    targets = _targets(board, [row[0] for row in rows[:most]])
    leaders = [
        Leader(rank, str(targets[row[0]]), tuple(row[1:]), targets[row[0]])
        for rank, row in zip(ranks(deciding), rows[:most], strict=False)
        if row[0] in targets
    ]
    return Board(leaders, more, as_of)


def _targets(board: str, keys: list[int]) -> dict[int, Any]:
    """Whom the keys are of: teams, partners, or advocates."""
    if board == TEAMS:
        return dict(Group.objects.order_by().in_bulk(keys))
    if board == PARTNERS:
        return dict(Partner.objects.order_by().in_bulk(keys, field_name="advocate_id"))
    people = Advocate.objects.order_by().select_related("person")
    return dict(people.only("program", "person__name", "person__email").in_bulk(keys))
