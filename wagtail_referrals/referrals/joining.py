"""Who may take part, and joining by a mailed link: without having bought anything, too."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet
from django.utils import timezone

from ..exceptions import ClaimRefused
from ..people.consent import new_consent
from ..people.models import Consent, Person
from ..people.register import fill_name
from ..programs.models import Program, current_terms
from ..tokens import read_value, sign_value
from ..transactions import retried
from .join import join_program
from .models import Advocate
from .welcome import welcome

JOIN = "join"
JOIN_DAYS = 7
# The admin's door: who has a key works here.
_STAFF = (
    Q(is_staff=True)
    | Q(is_superuser=True)
    | Q(groups__permissions__codename="access_admin")
    | Q(user_permissions__codename="access_admin")
)


def joinable(
    email: str, person: Person | None, *, site: int | None = None, at: datetime | None = None
) -> list[Program]:
    """The programs that somebody with this address may join by asking.

    Those for everyone; for customers those who bought; for staff those with an account of the
    admin. Partners apply in another way. As many queries whoever it is.
    """
    at = at or timezone.now()
    running = Program.objects.filter(is_active=True, starts_at__lte=at, full_since=None)
    rows = running.filter(Q(ends_at=None) | Q(ends_at__gt=at)).select_related("site")
    programs = list(rows.filter(site=site) if site else rows)
    allowed = {"everyone"}
    if person and person.customer_since:
        allowed.add("customers")
    if any(program.audience == "staff" for program in programs) and _is_staff(email):
        allowed.add("staff")
    return [program for program in programs if program.audience in allowed]


def staff_users() -> QuerySet[Any]:
    """The accounts of who works here; one may be in it more than once."""
    return get_user_model()._default_manager.filter(_STAFF, is_active=True)


def _is_staff(email: str) -> bool:
    field = get_user_model().get_email_field_name()
    alike = staff_users().filter(**{f"{field}__iexact": email}).values_list(field, flat=True)
    # A database may take "ö" for "o", and with that somebody else's domain for ours.
    return email.lower() in {str(found).lower() for found in alike}


def join_token(program: Program, person: Person) -> str:
    """For one person and one program; it holds for JOIN_DAYS."""
    return sign_value(JOIN, [program.pk, person.pk])


def find_by_join_token(token: str) -> tuple[Program, Person] | None:
    """Who may join what; None for a token that is forged or too old, and for who was erased."""
    value = read_value(JOIN, token, days=JOIN_DAYS)
    if not (isinstance(value, list) and len(value) == 2):
        return None
    person = Person.objects.filter(pk=value[1], erased_at=None).first()
    programs = Program.objects.select_related("site", "friend_offer", "advocate_offer")
    program = programs.filter(pk=value[0]).first()
    return (program, person) if program and person else None


@retried
def join_by_link(
    program: Program,
    person: Person,
    *,
    name: str = "",
    visitor: str = "",
    at: datetime | None = None,
) -> Advocate:
    """They opened the mailed link and agreed to the terms; however often, one membership.

    Raises ClaimRefused: closed, blocked.
    """
    at = at or timezone.now()
    if not program.is_open(at):
        raise ClaimRefused("closed")
    if person.blocked_at:
        raise ClaimRefused("blocked")
    fill_name(person, name)
    advocate = join_program(program, person, visitor=visitor, at=at)
    if program.terms:
        agree_to_terms(advocate, at=at)
    if advocate.created_at == at:
        welcome(advocate, at=at)
    return advocate


def agree_to_terms(advocate: Advocate, *, at: datetime) -> None:
    """Note that they agreed to the program's terms as they stand; to the same ones once."""
    wording, person = current_terms(advocate.program).body, advocate.person
    place = f"own page: {advocate.program.slug}"
    agreed = new_consent(person, Consent.Kind.TERMS, wording, place=place, at=at)
    given = Consent.objects.filter(person=person, kind=agreed.kind, version=agreed.version)
    if not given.filter(withdrawn_at=None).exists():
        agreed.save()
