"""Inviting people to a form, each by a link of their own that takes one answer."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from ..events.bulk_insert import insert_new
from ..exceptions import InvalidInput, ReferralsError
from ..messages.queue import new_message, queue_messages
from ..people.models import Person
from ..programs.models import Program
from ..tokens import make_token, read_token
from ..transactions import retried
from .guests import Guest
from .invitation_models import Invitation
from .models import FeedbackResponse
from .questions import SCORE, question_name, type_of
from .wording import recall

TOKEN = "invitation"
MESSAGE = "feedback_invitation"
# An invitation says itself when it expires; a link is older than this in no case.
LONGEST_DAYS = 365


@dataclass(frozen=True)
class Invited:
    """The invitations that were made, and how many people had an open one already."""

    made: list[Invitation]
    open_already: int


def invitation_link(page: Any, invitation: Invitation) -> str:
    """The whole address of somebody's own form. Every call signs it anew; all of them hold."""
    return f"{page.full_url}invited/{make_token(TOKEN, invitation.pk)}/"


def find_invitation(page: Any, token: str) -> Invitation | None:
    """The invitation of a link to this page; None when it is forged or its person is gone."""
    key = read_token(TOKEN, token, days=LONGEST_DAYS + 1)
    invitations = Invitation.objects.select_related("person", "response__coupon")
    found = invitations.filter(pk=key or 0, page=page.pk, person__erased_at=None)
    return found.exclude(person=None).first()


@retried
def invite(
    page: Any,
    program: Program | None,
    guests: Sequence[Guest],
    *,
    days: int = 30,
    send: bool = False,
    kind: str = MESSAGE,
    user: Any = None,
    at: datetime | None = None,
) -> Invited:
    """Invite people to a page's form: all of them or, when anything goes wrong, nobody.

    Who has an open invitation to it keeps that one. ``send`` puts a mail of that ``kind`` for each
    of the others into the outbox, which needs a program. Raises InvalidInput("invalid_days"), or
    ReferralsError("no_program").
    """
    if not 1 <= days <= LONGEST_DAYS:
        raise InvalidInput("invalid_days")
    if send and program is None:
        raise ReferralsError("no_program")
    at = at or timezone.now()
    people = _people(guests, at)
    keys = {_open_key(page.pk, key): person for key, person in people.items()}
    ours = Invitation.objects.filter(open_key__in=keys).order_by()
    ours.filter(expires_at__lte=at).update(open_key=None)
    before = set(ours.values_list("open_key", flat=True))
    insert_new(
        Invitation,
        ("person_id", "open_key"),
        [(person.pk, key) for key, person in sorted(keys.items()) if key not in before],
        page_id=page.pk,
        program_id=program.pk if program else None,
        created_by_id=user.pk if user else None,
        created_at=at,
        expires_at=at + timedelta(days=days),
        queued_at=at if send else None,
    )
    made = list(ours.exclude(open_key__in=before).select_related("person").order_by("pk"))
    if send:
        assert program is not None
        _queue(kind, page, program, made, at)
        # Whoever was asked by hand is not asked by a touchpoint a day later.
        asked = {invitation.person_id for invitation in made if invitation.person_id}
        Person.objects.filter(pk__in=asked).update(asked_at=at)
    return Invited(made, len(keys) - len(made))


def _open_key(page_key: int, email_key: str) -> str:
    return hashlib.sha256(f"{page_key}:{email_key}".encode()).hexdigest()


def _people(guests: Sequence[Guest], at: datetime) -> dict[str, Person]:
    """Everybody who is invited, by the key of their address; who is new is added."""
    by_key = {guest.email_key: guest for guest in guests}
    known = Person.objects.filter(email_key__in=by_key).order_by()
    there = set(known.values_list("email_key", flat=True))
    insert_new(
        Person,
        ("email", "email_key", "name", "locale"),
        [(g.email, key, g.name, g.locale) for key, g in sorted(by_key.items()) if key not in there],
        created_at=at,
    )
    return {str(person.email_key): person for person in known.all()}


def _queue(kind: str, page: Any, program: Program, made: list[Invitation], at: datetime) -> None:
    """One mail each; the numbers in it open the form with the number chosen."""
    scores = [q for q in page.get_form_fields() if type_of(q).meaning == SCORE]
    asked = {"question": scores[0].label, "name": question_name(scores[0])} if scores else {}
    queue_messages(
        [
            new_message(
                kind,
                about=invitation.pk,
                person=invitation.person,
                program=program,
                context=_context(page, invitation, asked),
                page=page.pk,
                at=at,
            )
            for invitation in made
            if invitation.person
        ]
    )


def _context(page: Any, invitation: Invitation, asked: dict[str, str]) -> dict[str, Any]:
    link = invitation_link(page, invitation)
    numbers = [[number, f"{link}?{asked['name']}={number}"] for number in range(11)]
    # What it quotes of answers has none yet.
    quoted = {"first_name": invitation.person.first_name} if invitation.person else {}
    return {
        "link": link,
        "question": recall(asked.get("question", ""), quoted),
        "numbers": numbers if asked else [],
        "expires_at": invitation.expires_at.isoformat(),
    }


# Answering one


def take(invitation: Invitation, at: datetime) -> bool:
    """Say that it is answered now; False when it was before. Raises InvalidInput when it is over.

    The first statement of the transaction that stores the answer: who comes second waits for it.
    """
    there = Invitation.objects.filter(pk=invitation.pk)
    if there.filter(answered_at=None, expires_at__gt=at).update(answered_at=at, open_key=None):
        return True
    if there.filter(answered_at=None).exists():
        raise InvalidInput("invitation_expired")
    return False


def note_response(invitation: Invitation, response: FeedbackResponse) -> None:
    """Note which answer it led to: also one that the person gave on another way before."""
    there = Invitation.objects.filter(pk=invitation.pk, response=None)
    there.update(response=response, answered_at=response.submit_time, open_key=None)


def response_of(invitation: Invitation) -> FeedbackResponse | None:
    """The answer, as it is now."""
    responses = FeedbackResponse.objects.select_related("coupon", "person")
    return responses.filter(invitations=invitation).first()
