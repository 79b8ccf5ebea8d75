"""Becoming an advocate."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from ..coupons.codes import LINK_LENGTH, new_code
from ..late import tell_late
from ..people.models import Person
from ..programs.models import Program
from ..transactions import retried
from .links import forget_link
from .models import Advocate


@retried
def join_program(
    program: Program, person: Person, *, visitor: str = "", at: datetime | None = None
) -> Advocate:
    """The person's membership of the program, made when there is none; one however often.

    ``visitor`` is the visitor hash of the browser they use now: its clicks will not count.
    """
    advocate = Advocate.objects.filter(program=program, person=person).first()
    if advocate is None:
        return add_advocate(program, person, visitor=visitor, at=at)
    note_own_browser(advocate, visitor)
    return advocate


def add_advocate(
    program: Program, person: Person, *, visitor: str = "", at: datetime | None = None
) -> Advocate:
    """A new membership; raises IntegrityError when there is one (call it inside ``retried``)."""
    tell_late([at])
    return Advocate.objects.create(
        program=program,
        person=person,
        code_key=new_code(LINK_LENGTH),
        own_visitor=visitor,
        created_at=at or timezone.now(),
    )


def note_own_browser(advocate: Advocate, visitor: str) -> None:
    """Remember which browser is the advocate's own today."""
    if visitor and advocate.own_visitor != visitor:
        Advocate.objects.filter(pk=advocate.pk).update(own_visitor=visitor)
        advocate.own_visitor = visitor
        transaction.on_commit(lambda: forget_link(advocate), robust=True)
