"""The block list: who is on it can claim, earn and redeem nothing until taken off again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.utils import timezone

from ..exceptions import ReferralsError
from ..text import clean_reason
from ..transactions import retried
from .log import BLOCKED, UNBLOCKED, note
from .models import Person
from .register import find_or_add_person

# Rooms below that have to stop something register here: fn(person, reason, user).
_followers: list[Callable[[Person, str, Any], None]] = []


def follow_blocks(follower: Callable[[Person, str, Any], None]) -> None:
    """Have ``follower`` called in the transaction of every block."""
    if follower not in _followers:
        _followers.append(follower)


@retried
def block_person(
    who: Person | str, *, reason: str, user: Any = None, at: datetime | None = None
) -> Person:
    """Put a person, or an address nobody has used yet, on the list.

    What waits for them is held for review; what they got is refused at the till, not taken away.
    Raises InvalidInput: invalid_email, invalid_reason; ReferralsError("not_possible") when they
    are on it.
    """
    reason = clean_reason(reason)
    at = at or timezone.now()
    person = find_or_add_person(who, at=at) if isinstance(who, str) else who
    free = Person.objects.filter(pk=person.pk, blocked_at=None)
    if not free.update(blocked_at=at, blocked_reason=reason):
        raise ReferralsError("not_possible")
    person.blocked_at, person.blocked_reason = at, reason
    note(person, BLOCKED, reason=reason, user=user)
    for follower in _followers:
        follower(person, reason, user)
    return person


@retried
def unblock_person(person: Person, *, reason: str, user: Any = None) -> None:
    """Take a person off the list; what was held stays so until somebody approves it.

    Raises InvalidInput("invalid_reason") or ReferralsError("not_possible").
    """
    reason = clean_reason(reason)
    blocked = Person.objects.filter(pk=person.pk).exclude(blocked_at=None)
    if not blocked.update(blocked_at=None, blocked_reason=""):
        raise ReferralsError("not_possible")
    person.blocked_at, person.blocked_reason = None, ""
    note(person, UNBLOCKED, reason=reason, user=user)
