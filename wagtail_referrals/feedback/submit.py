"""A visitor finished a feedback form."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from ..events.report import clean_report
from ..events.store import follow_up, store_event
from ..exceptions import InvalidInput
from ..people.consent import new_consent, note_consents
from ..people.identity import email_key
from ..people.models import Consent, Person
from ..people.register import add_person, fill_name, find_person
from ..programs.models import Program
from ..referrals.join import add_advocate, note_own_browser
from ..referrals.models import Advocate
from ..referrals.welcome import welcome
from ..rewards.facts import Facts
from ..rewards.rule_models import Beneficiary
from ..signals import feedback_submitted
from ..text import clean_line
from ..transactions import ATTEMPTS, retried
from .cases import open_cases
from .heard import credit_teller
from .invitation_models import Invitation
from .invitations import note_response, response_of, take
from .models import FeedbackResponse, ResponseState
from .suspicious import is_only_links, kept_answers
from .testimonials import propose_testimonial
from .words_index import note_words

KIND = "feedback.submitted"
# Of four questions answered at full length.
LONGEST_WORDS = 20_000
PURCHASE = "purchase"


@dataclass(frozen=True)
class Answers:
    """A cleaned feedback form. ``data`` are all answers by the names of their questions.

    ``publish`` is the wording of the permission to publish, if it was given, ``scope`` a Scope:
    under which name. ``words`` are all that was said in own words, ``quotable`` what of them may be
    published; None for all. ``consents`` are the wordings of the other permissions, ``wants_call``
    whether one was the wish to be called. ``source`` is the value from the page's address,
    ``heard`` a Heard where the form asked.
    """

    email: str
    data: dict[str, Any] = field(default_factory=dict)
    name: str = ""
    phone: str = ""
    town: str = ""
    source: str = ""
    score: int | None = None
    stars: int | None = None
    stars_of: int | None = None
    csat: int | None = None
    words: str = ""
    quotable: str | None = None
    publish: str = ""
    scope: str = ""
    heard: str = ""
    wants_call: bool = False
    consents: tuple[str, ...] = ()


@dataclass(frozen=True)
class SubmitResult:
    """The response, and whether this call made it."""

    response: FeedbackResponse
    created: bool


class _AnsweredAlready(Exception):
    """Undoes the transaction: somebody else has stored this person's answer."""


class _InvitationUsed(_AnsweredAlready):
    """The same, for an invitation that takes one answer only."""


def submit_feedback(
    page: Any,
    program: Program | None,
    answers: Answers,
    *,
    again_after_days: int = 30,
    visitor: str = "",
    locale: str = "",
    invitation: Invitation | None = None,
    at: datetime | None = None,
) -> SubmitResult:
    """Store one response and what follows: event, decisions, reward, coupon, message.

    One transaction. Per person (by normalised e-mail) and page there is one response in
    ``again_after_days``; another one, also at the same moment, returns the first. So does an
    ``invitation`` that was answered; ``answers.email`` is its person's.
    An answer of links is held: nothing follows from it before somebody releases it (see review).
    Raises InvalidInput("invalid_email" or "invitation_expired").
    """
    at = at or timezone.now()
    turn_key = hashlib.sha256(f"{page.pk}:{email_key(answers.email)}".encode()).hexdigest()
    known = FeedbackResponse.objects.select_related("coupon", "person").filter(turn_key=turn_key)
    for attempt in range(ATTEMPTS):
        try:
            response = _submit(page, program, answers, turn_key, visitor, locale, at, invitation)
            return SubmitResult(response, True)
        except _AnsweredAlready as already:
            # Several may end an old turn at once: the one that stores the next answer has it.
            if attempt == 0:
                _end_turn(turn_key, at - timedelta(days=min(again_after_days, 3650)))
            first = known.first()
            if invitation:
                first = response_of(invitation) or first
            if first:
                if invitation:
                    note_response(invitation, first)
                return SubmitResult(first, False)
            # Its answer was deleted meanwhile.
            if isinstance(already, _InvitationUsed):
                raise InvalidInput("invitation_expired") from None
            # No turn was taken: it is another rule of the database that refuses the answer.
            if attempt == ATTEMPTS - 1 and already.__cause__:
                raise already.__cause__ from None
    raise AssertionError("unreachable")


def _end_turn(turn_key: str, before: datetime) -> None:
    """Let a person answer again whose last answer is from ``before``."""
    old = FeedbackResponse.objects.filter(turn_key=turn_key, submit_time__lt=before)
    old.update(turn_key=None)


@retried
def _submit(
    page: Any,
    program: Program | None,
    answers: Answers,
    turn_key: str,
    visitor: str,
    locale: str,
    at: datetime,
    invitation: Invitation | None,
) -> FeedbackResponse:
    if invitation and not take(invitation, at):
        raise _InvitationUsed
    response = FeedbackResponse(
        page=page,
        form_data=answers.data,
        program=program,
        score=answers.score,
        stars=answers.stars,
        stars_of=answers.stars_of if answers.stars else None,
        csat=answers.csat,
        words=answers.words[:LONGEST_WORDS],
        source=clean_line(answers.source, 60).casefold()[:60],
        heard=clean_line(answers.heard, 60),
        locale=locale[:10],
        turn_key=turn_key,
        visitor=visitor,
        submit_time=at,
    )
    person, is_new = _person(answers, locale, at)
    response.person = person
    response.regular = not is_new and is_regular(person)
    is_held = is_only_links(answers)
    if is_held:
        response.state, response.kept_answers = ResponseState.HELD, kept_answers(answers)
    else:
        reward_for(response, at, is_new=is_new)
    _store(response)
    if invitation:
        note_response(invitation, response)
    _note_consents(person, answers.consents, page.title, at)
    note_words(response, answers)
    if not is_held:
        act_on(response, answers, at)
    return response


def act_on(response: FeedbackResponse, answers: Answers, at: datetime) -> None:
    """What follows from an answer that counts, in the transaction that makes it count."""
    propose_testimonial(response, answers, place=response.page.title)
    open_cases(response, answers)
    credit_teller(response, answers.heard, at)
    transaction.on_commit(
        lambda: feedback_submitted.send(FeedbackResponse, response=response), robust=True
    )


def _note_consents(person: Person, wordings: tuple[str, ...], place: str, at: datetime) -> None:
    """Keep what was agreed to, in the words that were shown."""
    if not wordings:
        return
    note_consents(
        new_consent(person, Consent.Kind.ASKED, wording, place=place, at=at) for wording in wordings
    )


def is_regular(person: Person) -> bool:
    """Whether somebody has answered a form, or bought twice, before."""
    if FeedbackResponse.objects.filter(person=person).exists():
        return True
    # Who never bought is asked no further: one query less for most.
    if person.customer_since is None:
        return False
    return len(person.events.filter(kind=PURCHASE).order_by().values_list("pk")[:2]) == 2


def _store(response: FeedbackResponse) -> None:
    """Write the response; the unique turn decides who of two at once is the first."""
    try:
        response.save(force_insert=True)
    except IntegrityError as error:
        raise _AnsweredAlready from error


def _person(answers: Answers, locale: str, at: datetime) -> tuple[Person, bool]:
    """Who answered, and whether we did not know them before."""
    person = find_person(answers.email)
    if person is None:
        return add_person(answers.email, name=answers.name, locale=locale, at=at), True
    fill_name(person, answers.name)
    return person, False


def reward_for(response: FeedbackResponse, at: datetime, *, is_new: bool = False) -> None:
    """Record the fact, and note the coupon the rules granted. The response is not stored here."""
    program, person = response.program, response.person
    if program is None or person is None:
        return
    advocate, has_joined = _advocate(program, person, is_new, response.visitor, at)
    report = clean_report(
        kind=KIND, external_id=str(uuid.uuid4()), email=person.email, occurred_at=at
    )
    response.event = store_event(program, report, at=at, person=person)
    rewards = follow_up(response.event, Facts(response.event, program, advocate)).rewards
    coupons = [reward.coupon for reward in rewards if reward.beneficiary == Beneficiary.HAND_ON]
    response.coupon = coupons[0] if coupons else None
    # A coupon's mail has the link in it, too.
    if has_joined and response.coupon is None:
        welcome(advocate, at=at)


def _advocate(
    program: Program, person: Person, is_new: bool, visitor: str, at: datetime
) -> tuple[Advocate, bool]:
    """The person's membership of the program, and whether it is new; who is new has none."""
    advocates = Advocate.objects.filter(program=program, person=person)
    advocate = None if is_new else advocates.first()
    if advocate is None:
        return add_advocate(program, person, visitor=visitor, at=at), True
    advocate.person, advocate.program = person, program
    note_own_browser(advocate, visitor)
    return advocate, False
