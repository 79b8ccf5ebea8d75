"""What a person is told we hold: as a partner, as a contact of one, and of introductions."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from ..exceptions import InvalidInput
from ..people.export import Part, part
from ..people.identity import email_key
from ..people.models import Person
from .collateral_models import Collateral
from .introduction_models import Introduction, IntroductionEntry
from .models import JointOffer, Partner, PartnerContact


def export_partners(person: Person) -> Iterable[Part]:
    """Their business with its offers, themselves as a contact, and whom they introduced."""
    own = Partner.objects.filter(advocate__person=person)
    yield part(
        "partners",
        _("Your business"),
        own,
        (
            *("program__name", "name", "kind", "state", "website", "phone", "cooperation"),
            *("next_contact_on", "last_favour_on", "created_at"),
        ),
    )
    yield part(
        "joint_offers",
        _("Offers together with you"),
        JointOffer.objects.filter(partner__advocate__person=person),
        ("title", "text", "url", "starts_on", "ends_on"),
    )
    yield part(
        "collateral",
        _("Your material on our shelf"),
        Collateral.objects.filter(partner__advocate__person=person),
        ("kind", "title", "text", "url", "is_shown", "valid_until"),
    )
    yield part(
        "contacts",
        _("You as a contact"),
        _contacts(person),
        ("partner__name", "name", "role", "email", "phone"),
        partner__name=_("Business"),
    )
    yield part(
        "partner_notes",
        _("Notes on your business"),
        own.exclude(notes=""),
        ("name", "notes"),
        internal=True,
    )
    yield from _introductions(person)


def _contacts(person: Person) -> QuerySet[PartnerContact]:
    """By the address, however it is written."""
    return PartnerContact.objects.filter(
        pk__in=[
            row.pk
            for row in PartnerContact.objects.exclude(email="")
            if _key(row.email) == person.email_key
        ]
    )


def _key(email: str) -> str:
    try:
        return email_key(email)
    except InvalidInput:
        return ""


def _introductions(person: Person) -> Iterable[Part]:
    yield part(
        "introductions_given",
        _("People you introduced"),
        Introduction.objects.filter(giver=person),
        (
            "program__name",
            "partner__name",
            "way",
            "known",
            "stage",
            "amount",
            "currency",
            "created_at",
        ),
        partner__name=_("To"),
    )
    yield part(
        "introductions_of_you",
        _("When you were introduced"),
        Introduction.objects.filter(introduced=person),
        (
            *("program__name", "partner__name", "name", "phone", "need", "best_time", "way"),
            *("stage", "created_at"),
        ),
        partner__name=_("To"),
    )
    both = Introduction.objects.filter(Q(giver=person) | Q(introduced=person))
    yield part(
        "introduction_steps",
        _("How introductions went on"),
        IntroductionEntry.objects.filter(introduction__in=both.order_by().values("pk")),
        ("kind", "value", "created_at"),
        value=_("What"),
    )
    yield part(
        "introduction_notes",
        _("Notes on introductions"),
        both,
        ("next_step", "lost_reason"),
        internal=True,
    )
