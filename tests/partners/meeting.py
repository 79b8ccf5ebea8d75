"""A partner, and an introduction as a form would give it."""

from __future__ import annotations

from typing import Any

from wagtail_referrals.partners.introduction_models import Introduction
from wagtail_referrals.partners.introductions import Told, introduce
from wagtail_referrals.partners.models import Partner
from wagtail_referrals.people.register import find_or_add_person
from wagtail_referrals.programs.models import Program
from wagtail_referrals.referrals.join import join_program

AGREED = "Dora agreed that I give you her name and address for this."


def make_partner(program: Program, name: str = "Kiln", **values: Any) -> Partner:
    """An active partner with a contact of that name."""
    person = find_or_add_person(f"{name.lower()}@partner.example.org", name=f"{name} Contact")
    values = {"state": "active", **values}
    return Partner.objects.create(
        program=program, advocate=join_program(program, person), name=name, **values
    )


def told(**values: Any) -> Told:
    """Dora, who agreed, introduced by a mail with both in copy by somebody who knows her well."""
    values = {
        "email": "dora@example.org",
        "name": "Dora Keen",
        "way": "mail",
        "known": "well",
        "need": "A new shop window",
        "consent": AGREED,
        **values,
    }
    return Told(**values)


def introduced(program: Program, to: Partner | None = None, **values: Any) -> Introduction:
    """Ann introduces Dora."""
    values = {"giver_email": "ann@example.org", "giver_name": "Ann Advocate", **values}
    details = {name: values.pop(name) for name in list(values) if name in Told.__annotations__}
    return introduce(program, told(**details), to=to, **values).introduction
