"""Addresses at the end of a mail: where its reader says which mails they want, or none."""

from __future__ import annotations

from typing import NamedTuple

from django.urls import reverse

from ..people.models import Person
from ..programs.models import Program
from ..tokens import read_value, sign_value

TOKEN = "mail"
# A mail is found again after years, and has to be left all the same.
TOKEN_DAYS = 3650


class MailAddresses(NamedTuple):
    """The three of them, absolute. Whoever opens one changes nothing by that."""

    settings: str
    off: str
    not_me: str


def mail_addresses(person: Person, program: Program) -> MailAddresses:
    """Those in a mail of ``program`` to ``person``; one signature for all."""
    path = reverse("wagtail_referrals:mail", args=[mail_token(person, program)])
    settings = f"{program.site.root_url}{path}"
    return MailAddresses(settings, f"{settings}off/", f"{settings}not-me/")


def mail_settings_url(person: Person, program: Program) -> str:
    """Where they choose which mails they get."""
    return mail_addresses(person, program).settings


def mail_token(person: Person, program: Program) -> str:
    """The part of those addresses that is theirs."""
    return sign_value(TOKEN, [person.pk, program.pk])


def find_by_token(token: str) -> tuple[Person, Program] | None:
    """Whose address it is; None for one that is forged, or of somebody who was erased."""
    keys = read_value(TOKEN, token, days=TOKEN_DAYS)
    match keys:
        case [int(person_pk), int(program_pk)]:
            pass
        case _:
            return None
    person = Person.objects.filter(pk=person_pk, erased_at=None).first()
    program = Program.objects.select_related("site").filter(pk=program_pk).first()
    return (person, program) if person and program else None
