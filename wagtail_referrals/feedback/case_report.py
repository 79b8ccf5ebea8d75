"""How following up goes: opened, closed, how fast, and how much of it in time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Avg, Count, DurationField, ExpressionWrapper, F, Model, Q, QuerySet

from .case_models import CaseState

# What the rows of the report can be.
BY = ("program", "occasion", "owner")


@dataclass(frozen=True)
class CaseCounts:
    """One row. ``average`` is the time from opening to closing of those closed in the period."""

    what: Any
    opened: int
    closed: int
    in_time: int
    average: timedelta | None
    still_open: int
    late: int

    @property
    def share_in_time(self) -> int | None:
        """Of those closed, how many before they were due, in percent."""
        return round(100 * self.in_time / self.closed) if self.closed else None


def count_cases(cases: QuerySet, start: datetime, end: datetime, now: datetime) -> CaseCounts:
    """All of the cases in one row: of a period, and what is open now."""
    return CaseCounts(what=None, **cases.order_by().aggregate(**_sums(start, end, now)))


def cases_by(
    cases: QuerySet, by: str, start: datetime, end: datetime, now: datetime
) -> list[CaseCounts]:
    """The same by program, occasion or owner; ``what`` is the stored value, None for none."""
    rows = cases.order_by(by).values(by).annotate(**_sums(start, end, now))
    found = [CaseCounts(what=row.pop(by), **row) for row in rows]
    return [row for row in found if row.opened or row.closed or row.still_open]


def _sums(start: datetime, end: datetime, now: datetime) -> dict[str, Any]:
    closed = Q(closed_at__gte=start, closed_at__lt=end)
    is_open = ~Q(state=CaseState.CLOSED)
    took = ExpressionWrapper(F("closed_at") - F("opened_at"), output_field=DurationField())
    return {
        "opened": Count("pk", filter=Q(opened_at__gte=start, opened_at__lt=end)),
        "closed": Count("pk", filter=closed),
        "in_time": Count("pk", filter=closed & Q(closed_at__lte=F("due_at"))),
        "average": Avg(took, filter=closed),
        "still_open": Count("pk", filter=is_open),
        "late": Count("pk", filter=is_open & Q(due_at__lt=now)),
    }


def named(by: str, rows: list[CaseCounts], model: type[Model]) -> dict[Any, str]:
    """The words for the rows' values."""
    field: Any = model._meta.get_field(by)
    if field.remote_field is None:
        return {key: str(label) for key, label in field.flatchoices}
    keys = [row.what for row in rows if row.what is not None]
    return {one.pk: str(one) for one in field.related_model._base_manager.filter(pk__in=keys)}
