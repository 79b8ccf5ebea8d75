"""Telling staff of what is theirs to do: one mail for each of them and each program."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode, urljoin

from django.conf import settings
from django.db.models import QuerySet
from django.urls import NoReverseMatch, reverse
from django.utils import translation

from ..exceptions import InvalidInput
from ..people.register import find_or_add_person
from ..programs.models import Program
from ..transactions import retried
from .queue import queue_message

# How many rows one run tells of; the next run goes on.
MOST_TOLD = 500


@dataclass(frozen=True)
class Reminder:
    """A mail of a ``kind`` that lists rows, each by its ``line``: text, url, note and day.

    ``mark`` notes that a row is told of, by one conditional UPDATE; False when it was before.
    """

    kind: str
    line: Callable[[Any], dict[str, Any]]
    mark: Callable[[Any, datetime], int]


def remind(reminder: Reminder, rows: QuerySet[Any], *, at: datetime) -> int:
    """Queue the mails about rows with an ``owner`` and a ``program``; how many rows they tell of.

    To the owner, or the program's own address. Safe to run twice at once.
    """
    groups: dict[tuple[str, int], list[Any]] = defaultdict(list)
    for row in rows.select_related("owner", "program__site")[:MOST_TOLD]:
        groups[recipient(row), row.program_id].append(row)
    return sum(_tell(reminder, email, group, at) for (email, _program), group in groups.items())


def recipient(row: Any) -> str:
    """The address of whose it is; "" for nobody's."""
    own = row.owner.email if row.owner and row.owner.is_active else ""
    return own or (row.program.notify_email if row.program else "")


@retried
def _tell(reminder: Reminder, email: str, rows: list[Any], at: datetime) -> int:
    # Whoever marks a row tells of it: of two runs at once, one does.
    marked = [row for row in rows if reminder.mark(row, at)]
    if not marked or not email:
        return 0
    try:
        person = find_or_add_person(email, at=at)
    except InvalidInput:  # an account need not have a good address
        return 0
    program = marked[0].program
    with translation.override(person.locale or settings.LANGUAGE_CODE):
        lines = [reminder.line(row) for row in marked]
    queue_message(
        reminder.kind,
        about=f"{marked[0].pk}:{at.isoformat()}",
        person=person,
        program=program,
        context={"lines": lines},
        at=at,
    )
    return len(marked)


def tell_owner(
    kind: str, program: Program, *, about: object, context: dict[str, Any], at: datetime
) -> None:
    """Queue a mail to a program's own address, where it has one, in a transaction of yours."""
    try:
        person = find_or_add_person(program.notify_email, at=at) if program.notify_email else None
    except InvalidInput:  # one that Django takes and we do not
        return
    if person:
        queue_message(kind, about=about, person=person, program=program, context=context, at=at)


def setup_url(part: str, pk: int) -> str:
    """The full address of the screen of something that owners set up, as ``screen_url``."""
    return _full_url(f"referrals_{part}_modeladmin_inspect", pk)


def screen_url(part: str, pk: int) -> str:
    """The full address of a record's screen; "" where the admin is served by another site."""
    return _full_url(f"referrals_{part}:inspect", pk)


def numbers_url(program: int, first: date, last: date) -> str:
    """The full address of a program's numbers of these days, as ``screen_url``."""
    url = _full_url("referrals_dashboard:index")
    asked = urlencode({"program": program, "start": first.isoformat(), "end": last.isoformat()})
    return f"{url}?{asked}" if url else ""


def _full_url(name: str, *args: int) -> str:
    try:
        path = reverse(name, args=args)
    except NoReverseMatch:
        return ""
    return urljoin(getattr(settings, "WAGTAILADMIN_BASE_URL", "") or "", path)
