"""Telling the rooms below which days' answers are no longer what they were."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from ..late import tell_late

# What a statistic of the answers looks at.
COUNTED = frozenset(
    {
        *("page", "page_id", "program", "program_id", "state"),
        *("score", "source", "heard", "regular", "locale"),
    }
)

# fn(days): the rooms below register what they do about it, in the same transaction.
_followers: list[Callable[[set[date]], None]] = []


def follow_changes(follower: Callable[[set[date]], None]) -> None:
    """Have ``follower`` called with the days of answers that were written, changed or removed."""
    if follower not in _followers:
        _followers.append(follower)


def tell_changed(days: set[date]) -> None:
    """Call it in the transaction that changes answers of these days."""
    for follower in _followers:
        follower(days)


def day_of(at: datetime) -> date:
    """The day a time belongs to, by the site's clock."""
    return at.astimezone(timezone.get_default_timezone()).date()


class ResponseQuerySet(models.QuerySet):
    """Many answers at once; saving and deleting tell of themselves by Django's signals."""

    def update(self, **values: Any) -> int:
        if "submit_time" in values:
            raise TypeError("The time of an answer is never changed.")
        if not COUNTED & values.keys():
            return super().update(**values)
        with transaction.atomic():
            times = set(self.values_list("submit_time", flat=True))
            tell_changed({day_of(at) for at in times})
            tell_late(times)
            return super().update(**values)
