"""Facts that are written late or changed afterwards: whoever counts them is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from django.utils import timezone

# What is newer is not counted for good yet: nobody needs to be told.
SETTLED = timedelta(minutes=30)

# fn(times): the rooms that count register what they do about it, in the same transaction.
_followers: list[Callable[[set[datetime]], None]] = []


def follow_late(follower: Callable[[set[datetime]], None]) -> None:
    """Have ``follower`` called with the times of facts that were written late or changed."""
    if follower not in _followers:
        _followers.append(follower)


def tell_late(times: Iterable[datetime | None]) -> None:
    """Call it in the transaction that writes, changes or removes facts of these times.

    Times of the last half an hour are passed over: a fact of now costs nothing.
    """
    settled = timezone.now() - SETTLED
    late = {at for at in times if at and at < settled}
    for follower in _followers if late else ():
        follower(late)
