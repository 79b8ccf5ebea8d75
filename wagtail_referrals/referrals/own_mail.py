"""Mails with the way to somebody's own page, and what has to be confirmed by one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone

from ..exceptions import InvalidInput
from ..messages.queue import queue_message
from ..people.identity import email_key
from ..people.models import Person
from ..people.register import add_person, find_person
from ..people.suppression import is_suppressed
from ..programs.models import Program
from ..tokens import read_value, sign_value
from ..transactions import retried
from .joining import join_token, joinable
from .models import Advocate
from .own_link import advocates_with_pages, own_page_url

OWN_LINK = "own_link"
CONFIRM_ADDRESS = "confirm_address"
CONFIRM_CHANGE = "own_confirm"

LEAVE, DATA, ERASE = "leave", "data", "erase"
# What whoever was forwarded a link must not do.
CHANGES = (LEAVE, DATA, ERASE)
_CHANGE = "own_change"
_ONE_HOUR = 1 / 24


@retried
def ask_for_own_link(
    email: str, *, locale: str = "", site: int | None = None, at: datetime | None = None
) -> None:
    """Mail whoever is an advocate by this address the way to their page, at most once an hour.

    Who is none, and may join a program of the site, gets a link to confirm the address by. It
    takes as many queries whoever it is, so that nobody is told by the time it takes.
    Raises InvalidInput("invalid_email").
    """
    at = at or timezone.now()
    key = email_key(email)
    person = find_person(email)
    no_contact = is_suppressed(email)
    own = list(advocates_with_pages().filter(person__email_key=key).order_by("pk"))
    programs = joinable(email, person, site=site, at=at)
    if own:
        _touch(key)
        return _mail_own_link(own, at)
    if not programs or no_contact or (person and person.blocked_at):
        _touch(key)
        return _touch(key)
    if person:
        _touch(key)
    else:
        person = add_person(email, locale=locale, at=at)
    return _mail_joining(programs, person, at)


def _touch(key: str) -> None:
    """Writes nothing new, and takes as long as if it did."""
    Person.objects.filter(email_key=key).update(email_key=key)


def _mail_own_link(own: list[Advocate], at: datetime) -> None:
    first = own[0]
    links = [(one.program.name, own_page_url(one)) for one in own]
    _mail(OWN_LINK, first.program, first.person, at, links)


def _mail_joining(programs: list[Program], person: Person, at: datetime) -> None:
    links = [(one.name, join_url(one, person)) for one in programs]
    _mail(CONFIRM_ADDRESS, programs[0], person, at, links)


def _mail(
    kind: str, program: Program, person: Person, at: datetime, links: list[tuple[str, str]]
) -> None:
    """One mail an hour: a button for one link, a list for several."""
    one = links[0][1] if len(links) == 1 else ""
    lines = [] if one else [{"text": name, "url": url} for name, url in links]
    queue_message(
        kind,
        about=f"{person.pk}:{at.strftime('%Y%m%d%H')}",
        person=person,
        program=program,
        context={"link": one, "lines": lines},
        at=at,
    )


def join_url(program: Program, person: Person) -> str:
    """Where somebody confirms that an address is theirs, and joins."""
    path = reverse("wagtail_referrals:me_join", args=[join_token(program, person)])
    return f"{program.site.root_url}{path}"


def ask_to_confirm(advocate: Advocate, change: str, *, at: datetime | None = None) -> None:
    """Mail them a link that holds for an hour, by which they say once more that they want it.

    ``change`` is one of CHANGES. At most one mail in ten minutes for each of them.
    Raises InvalidInput("not_possible").
    """
    if change not in CHANGES:
        raise InvalidInput("not_possible")
    at = at or timezone.now()
    context: dict[str, Any] = {one: "yes" if one == change else "" for one in CHANGES}
    queue_message(
        CONFIRM_CHANGE,
        about=f"{advocate.pk}:{change}:{at.strftime('%Y%m%d%H%M')[:-1]}",
        person=advocate.person,
        program=advocate.program,
        context={**context, "link": change_url(advocate, change)},
        at=at,
    )


def change_url(advocate: Advocate, change: str) -> str:
    """Where they confirm it; the address holds for an hour."""
    token = sign_value(_CHANGE, [advocate.pk, change])
    path = reverse("wagtail_referrals:me_confirm", args=[token])
    return f"{advocate.program.site.root_url}{path}"


def find_change(token: str) -> tuple[Advocate, str] | None:
    """Who is about to change what; None for an address that is forged or older than an hour."""
    value = read_value(_CHANGE, token, days=_ONE_HOUR)
    if not (isinstance(value, list) and len(value) == 2 and value[1] in CHANGES):
        return None
    advocate = advocates_with_pages().filter(pk=value[0]).first()
    return (advocate, value[1]) if advocate else None
