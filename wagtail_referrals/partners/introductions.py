"""Taking an introduction: who is introduced to us, or by us and our customers to a partner."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from ..exceptions import ClaimRefused, InvalidInput
from ..people.consent import new_consent
from ..people.identity import email_key
from ..people.models import Consent, Person
from ..people.register import find_or_add_person
from ..people.suppression import is_suppressed
from ..programs.models import Program
from ..referrals.join import join_program
from ..referrals.models import Advocate, Referral, Source
from ..referrals.refer import refer, refuse_self_referral, set_grade
from ..signals import introduction_received
from ..text import clean_line, clean_text
from ..tokens import make_token
from ..transactions import retried
from .grades import grade_of
from .introduction_events import RECEIVED, record_introduction
from .introduction_mails import tell_giver, tell_partner
from .introduction_models import (
    Direction,
    Introduction,
    IntroductionEntry,
    IntroductionEntryKind,
    IntroductionStage,
    WantedContact,
    acquaintances,
    ways,
)
from .join import partner_of
from .models import Partner

REFUSED = "introduction_refused"
WANTED = "wanted"


@dataclass(frozen=True)
class Told:
    """What a giver says of whom they introduce; ``consent``: the words that person agreed to."""

    email: str
    way: str
    consent: str
    name: str = ""
    phone: str = ""
    need: str = ""
    known: str = ""
    best_time: str = ""


@dataclass(frozen=True)
class IntroductionResult:
    """The introduction; ``created`` is False when the same one was there and open."""

    introduction: Introduction
    created: bool


@retried
def introduce(
    program: Program,
    told: Told,
    *,
    giver_email: str,
    giver_name: str = "",
    to: Partner | None = None,
    wanted: WantedContact | None = None,
    locale: str = "",
    place: str = "",
    user: Any = None,
    at: datetime | None = None,
) -> IntroductionResult:
    """Store an introduction to the partner ``to``, or to us, and tell whom it concerns.

    The same giver, person and receiver while it is open returns the first one. Whoever
    introduces somebody joins the program; who is introduced to us is their friend there, unless
    somebody else was first. ``user`` is who of the staff writes it down.
    Raises InvalidInput: invalid_email, invalid_way, consent_needed, invalid_text;
    ClaimRefused: closed, self_referral, or introduction_refused for all that has to stay unsaid.
    """
    at = at or timezone.now()
    told = _clean(told)
    if not program.is_open(at):
        raise ClaimRefused("closed")
    if is_suppressed(told.email) or (to and not _takes(to, program)):
        raise ClaimRefused(REFUSED)
    giver = find_or_add_person(giver_email, name=giver_name, locale=locale, at=at)
    introduced = find_or_add_person(told.email, name=told.name, at=at)
    key = open_key(giver, introduced, to)
    known = Introduction.objects.filter(open_key=key).first()
    if known:
        return IntroductionResult(known, False)
    partner = partner_of(program, giver)
    advocate = partner.advocate if partner else join_program(program, giver, at=at)
    _refuse(giver, introduced, advocate, partner, to)
    grade = grade_of(program, told.way, told.known)
    introduction = Introduction(
        program=program,
        direction=Direction.GIVEN if to else Direction.RECEIVED,
        partner=to or partner,
        giver=giver,
        introduced=introduced,
        wanted=wanted,
        name=told.name,
        giver_name=clean_line(giver_name, 120),
        phone=told.phone,
        need=told.need,
        known=told.known,
        way=told.way,
        best_time=told.best_time,
        grade=grade,
        stage_since=at,
        created_at=at,
        owner_id=(to or partner).owner_id if to or partner else None,  # type: ignore[union-attr]
        open_key=key,
    )
    if to is None:
        source = Source.STAFF if user else Source.PARTNER if partner else Source.TOLD
        introduction.referral = _referral(advocate, introduced, source, grade, at)
    introduction.consent = new_consent(
        introduced, Consent.Kind.ASKED, told.consent, place=place, at=at
    )
    introduction.consent.save(force_insert=True)
    introduction.save(force_insert=True)
    _begin(introduction, advocate, user, at)
    return IntroductionResult(introduction, True)


def _begin(introduction: Introduction, advocate: Advocate, user: Any, at: datetime) -> None:
    IntroductionEntry.objects.create(
        introduction=introduction,
        kind=IntroductionEntryKind.STAGE,
        value=IntroductionStage.RECEIVED,
        user=user,
        actor="" if user else "giver",
        created_at=at,
    )
    if introduction.direction == Direction.GIVEN:
        _note_favour(introduction, at)
        tell_partner(introduction, at)
    record_introduction(introduction, RECEIVED, advocate=advocate, at=at)
    tell_giver(introduction, at)
    transaction.on_commit(
        lambda: introduction_received.send(Introduction, introduction=introduction), robust=True
    )


def open_key(giver: Person, introduced: Person, to: Partner | None) -> str:
    """What there is one open introduction of."""
    return f"{giver.pk}:{introduced.pk}:{to.pk if to else 'us'}"


def key_of(introduction: Introduction) -> str:
    """The key of a stored one, also when it is not open."""
    given = introduction.direction == Direction.GIVEN
    return open_key(
        introduction.giver, introduction.introduced, introduction.partner if given else None
    )


def is_contact(partner: Partner, person: Person) -> bool:
    """Whether somebody is of that partner's people, however their address is written."""
    if partner.advocate.person_id == person.pk:
        return True
    written = partner.contacts.exclude(email="").values_list("email", flat=True)
    return person.email_key in {email_key(email) for email in written}


def of_partner(partner: Partner) -> QuerySet[Introduction]:
    """What was given to a partner and what its people gave us, the newest first."""
    related = ("giver", "introduced", "partner")
    return Introduction.objects.filter(partner=partner).select_related(*related)


def wanted_token(wanted: WantedContact) -> str:
    """What stands in an address in place of a wanted contact's number."""
    return make_token(WANTED, wanted.pk)


def wanted_for(program: Program, partner: Partner | None = None) -> QuerySet[WantedContact]:
    """Whom the owner would like to meet: asked of everybody, and of this partner."""
    asked = Q(partner=None) | Q(partner=partner) if partner else Q(partner=None)
    return WantedContact.objects.filter(asked, program=program, is_active=True)


def _clean(told: Told) -> Told:
    if not told.consent.strip():
        raise InvalidInput("consent_needed")
    if told.way not in dict(ways()) or told.known not in {"", *dict(acquaintances())}:
        raise InvalidInput("invalid_way")
    return Told(
        email=told.email,
        way=told.way,
        consent=clean_text(told.consent, 2000),
        name=clean_line(told.name, 120),
        phone=clean_line(told.phone, 40),
        need=clean_text(told.need, 2000) if told.need.strip() else "",
        known=told.known,
        best_time=clean_line(told.best_time, 120),
    )


def _takes(to: Partner, program: Program) -> bool:
    return to.program_id == program.pk and to.is_active and not to.person.blocked_at


def _refuse(
    giver: Person,
    introduced: Person,
    advocate: Advocate,
    partner: Partner | None,
    to: Partner | None,
) -> None:
    """Nobody introduces themselves or their colleagues, nor somebody to their own business.

    Who is on the block list introduces nobody.
    """
    one_user = giver.user_id is not None and giver.user_id == introduced.user_id
    if giver.pk == introduced.pk or one_user or (to and partner and to.pk == partner.pk):
        raise ClaimRefused("self_referral")
    if any(is_contact(one, introduced) for one in (partner, to) if one):
        raise ClaimRefused("self_referral")
    try:
        refuse_self_referral(advocate, introduced)
    except ClaimRefused:
        raise ClaimRefused(REFUSED) from None
    if giver.blocked_at:
        raise ClaimRefused(REFUSED)


def _referral(
    advocate: Advocate, introduced: Person, source: str, grade: str, at: datetime
) -> Referral | None:
    """The giver's recommendation; None for a customer, and when somebody else was first.

    By whatever model: a friend's own click can change whose friend they are, a third one's word
    cannot.
    """
    known = Referral.objects.filter(program=advocate.program, friend=introduced)
    others = known.filter(counts_until__gt=at).exclude(advocate=advocate)
    if introduced.customer_since or others.exists():
        return None
    referral = refer(advocate, introduced, source=source, at=at, grade=grade)
    if referral.advocate_id != advocate.pk:
        return None
    set_grade(referral, grade, at)
    return referral


def _note_favour(introduction: Introduction, at: datetime) -> None:
    """We did something for the partner."""
    day = timezone.localdate(at)
    older = Partner.objects.filter(pk=introduction.partner_id).exclude(last_favour_on__gte=day)
    older.update(last_favour_on=day)
