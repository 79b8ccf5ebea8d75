"""Becoming a partner: invited by us, or by asking."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from ..exceptions import InvalidInput, ReferralsError
from ..people.log import PARTNER, note
from ..people.models import Person
from ..people.register import fill_name, find_or_add_person, find_person
from ..people.suppression import is_suppressed
from ..programs.models import Program
from ..referrals.join import add_advocate
from ..referrals.models import Advocate, AdvocateState
from ..text import clean_line
from ..transactions import retried
from .mail import INVITATION, absolute, join_path, send_link, tell
from .models import Partner, PartnerContact, PartnerState, cooperation_kinds


@dataclass(frozen=True)
class Business:
    """What a business says of itself to us. ``cooperation``: keys of ``cooperation_kinds``."""

    name: str
    website: str = ""
    phone: str = ""
    cooperation: tuple[str, ...] = ()

    def values(self) -> dict[str, Any]:
        """The same as fields of Partner, bounded."""
        kinds = [key for key, _label in cooperation_kinds() if key in self.cooperation]
        return {
            "name": clean_line(self.name, 120),
            "website": clean_line(self.website, 200),
            "phone": clean_line(self.phone, 40),
            "cooperation": kinds,
        }


@retried
def invite_partner(
    program: Program,
    *,
    email: str,
    name: str,
    kind: str,
    user: Any = None,
    at: datetime | None = None,
) -> Partner:
    """Ask a business how it wants to be introduced: its main contact gets a link to the form.

    Raises InvalidInput: invalid_email, invalid_text (no name); ReferralsError: partner_known,
    no_contact, blocked.
    """
    if not clean_line(name, 120):
        raise InvalidInput("invalid_text")
    if is_suppressed(email):
        raise ReferralsError("no_contact")
    person = find_or_add_person(email, at=at)
    if person.blocked_at:
        raise ReferralsError("blocked")
    if find_partner(program, person):
        raise ReferralsError("partner_known")
    partner = _add_partner(program, person, Business(name), PartnerState.INVITED, at, kind=kind)
    note(partner, PARTNER, reason=str(PartnerState.INVITED.label), user=user, state="invited")
    send_invitation(partner)
    return partner


def send_invitation(partner: Partner) -> None:
    """Mail the link to the form; at most once a day however often it is asked for."""
    day = timezone.now().strftime("%Y%m%d")
    link = absolute(partner.program, join_path(partner))
    tell(partner, INVITATION, about=f"{partner.pk}:{day}", join_link=link)


@retried
def apply(
    program: Program,
    business: Business,
    *,
    email: str,
    contact: str = "",
    locale: str = "",
    at: datetime | None = None,
) -> tuple[Partner | None, bool]:
    """Note that a business would like to be a partner; the partner, and whether it is new.

    One that is known stays as it is: only its address was given, by whoever. To either the way
    to its own page is mailed. None for somebody who may not be written to, or is on the block
    list: whoever asks is not told. Raises InvalidInput("invalid_email").
    """
    if is_suppressed(email):
        return None, False
    person = find_or_add_person(email, name=contact, locale=locale, at=at)
    if person.blocked_at:
        return None, False
    partner = find_partner(program, person)
    if partner:
        remind(partner)
        return partner, False
    partner = _add_partner(program, person, business, PartnerState.APPLIED, at)
    note(partner, PARTNER, reason=str(PartnerState.APPLIED.label), state="applied")
    send_link(partner)
    return partner, True


@retried
def accept_invitation(partner: Partner, business: Business, *, contact: str = "") -> bool:
    """Somebody who was invited has filled in the form; False for the second time."""
    invited = Partner.objects.filter(pk=partner.pk, state=PartnerState.INVITED)
    values = {**business.values(), "state": PartnerState.APPLIED}
    if not invited.update(**values):
        return False
    for field, value in values.items():
        setattr(partner, field, value)
    fill_name(partner.person, contact)
    note(partner, PARTNER, reason=str(PartnerState.APPLIED.label), state="applied")
    send_link(partner)
    return True


def remind(partner: Partner) -> None:
    """Mail a partner what they need next: the form while they are invited, or their own page."""
    if partner.state == PartnerState.INVITED:
        send_invitation(partner)
    elif partner.state != PartnerState.ENDED:
        send_link(partner)


def ask_for_link(email: str) -> None:
    """Mail whoever is a partner by this address a new link; nobody is told whether there is one.

    Raises InvalidInput("invalid_email").
    """
    person = find_person(email)
    if person is None or person.blocked_at:
        return
    partners = Partner.objects.select_related("program__site", "advocate__person")
    for partner in partners.filter(advocate__person=person):
        remind(partner)


def find_partner(program: Program, person: Person) -> Partner | None:
    """The partner whose main contact this person is."""
    partners = Partner.objects.select_related("program__site", "advocate__person")
    return partners.filter(program=program, advocate__person=person).first()


def partner_of(program: Program, person: Person) -> Partner | None:
    """The partner that somebody is a contact of, the main one or another."""
    partners = Partner.objects.filter(program=program).exclude(state=PartnerState.ENDED)
    partners = partners.select_related("advocate__person").order_by("pk")
    own = partners.filter(advocate__person=person).first()
    if own or not person.email:
        return own
    contacts = PartnerContact.objects.filter(email__iexact=person.email).order_by()
    return partners.filter(pk__in=contacts.values("partner")).first()


def _add_partner(
    program: Program,
    person: Person,
    business: Business,
    state: PartnerState,
    at: datetime | None,
    **values: Any,
) -> Partner:
    advocate = Advocate.objects.filter(program=program, person=person).first()
    if advocate is None:
        # Its link leads nowhere yet. A customer's, who recommends us already, goes on.
        advocate = add_advocate(program, person, at=at)
        Advocate.objects.filter(pk=advocate.pk).update(state=AdvocateState.PAUSED)
        advocate.state = AdvocateState.PAUSED
    return Partner.objects.create(
        program=program,
        advocate=advocate,
        state=state,
        created_at=at or timezone.now(),
        **business.values(),
        **values,
    )
