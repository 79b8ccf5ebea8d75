"""Opening cases and following them up. Every change leaves a line in the case's history."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from ..exceptions import Conflict, ReferralsError
from ..lookups import Lookup
from ..messages.queue import queue_message
from ..programs.models import Program
from ..programs.working_time import due_after
from ..referrals.models import Referral
from ..signals import case_closed, case_opened
from ..text import clean_line, clean_reason, clean_text
from ..transactions import retried
from .case_models import Case, CaseEntry, CaseEntryKind, CaseRule, CaseState, Occasion
from .models import FeedbackResponse
from .words_index import fold

if TYPE_CHECKING:
    from .submit import Answers

USUAL_HOURS = 16
# For what is opened again.
SECOND_HOURS = 8

_active_rules = Lookup(
    lambda: CaseRule.objects.filter(is_active=True).order_by("pk").select_related("program"),
    "program",
)


def _low_score(rule: CaseRule, answers: Answers) -> str:
    low = answers.score is not None and answers.score <= rule.score_at_most
    return str(answers.score) if low else ""


def _word(rule: CaseRule, answers: Answers) -> str:
    """The first of the rule's words that occurs; of several in a line, all have to."""
    written = fold(answers.words)
    for line in rule.folded_words:
        if all(any(word.startswith(begin) for word in written) for begin in line.split()):
            return line[:60]
    return ""


def _call(rule: CaseRule, answers: Answers) -> str:
    return "wish" if answers.wants_call else ""


# What of an answer makes each occasion one, or "".
_FOUND_BY: dict[str, Callable[[CaseRule, Answers], str]] = {
    Occasion.DETRACTOR: _low_score,
    Occasion.WORD: _word,
    Occasion.CALL: _call,
}


def open_cases(response: FeedbackResponse, answers: Answers) -> list[Case]:
    """Open what the program's rules ask for, in the transaction that stores the answer."""
    return [
        _open(rule, found, response.submit_time, response=response, person_id=response.person_id)
        for rule in _rules_of(response.program)
        if (find := _FOUND_BY.get(rule.occasion)) and (found := find(rule, answers))
    ]


def open_lead_cases(referral: Referral, at: datetime) -> None:
    """Open a case for a friend who came, where a rule asks for it, in the claim's transaction."""
    for rule in _rules_of(referral.program):
        if rule.occasion == Occasion.LEAD:
            _open(rule, "", at, referral=referral, person_id=referral.friend_id)


def _rules_of(program: Program | None) -> list[CaseRule]:
    # A program that a page has loaded knows whether there are any.
    if program is None or not getattr(program, "has_case_rules", True):
        return []
    return _active_rules.all(program.pk)


def _open(rule: CaseRule, found: str, at: datetime, **about: Any) -> Case:
    case = Case(
        program_id=rule.program_id,
        rule=rule,
        occasion=rule.occasion,
        found=found,
        owner_id=rule.owner_id,
        opened_at=at,
        due_at=due_after(at, rule.hours, rule.program.working_week),
        **about,
    )
    case.open_key = key_of(case)
    case.save(force_insert=True)
    _begin(case, "", None)
    return case


def key_of(case: Case) -> str:
    """What there is one open case of."""
    about = f"response:{case.response_id}" if case.response_id else f"referral:{case.referral_id}"
    return f"{about}:{f'rule:{case.rule_id}' if case.rule_id else 'hand'}"


def _begin(case: Case, reason: str, user: Any) -> None:
    _write(case, CaseEntryKind.OPENED, reason, user, case.opened_at)
    transaction.on_commit(lambda: case_opened.send(Case, case=case), robust=True)


def _write(
    case: Case, kind: str, text: str, user: Any, at: datetime | None = None, key: str | None = None
) -> None:
    CaseEntry.objects.create(
        case=case, kind=kind, text=text, user=user, created_at=at or timezone.now(), key=key
    )


@retried
def open_case(
    response: FeedbackResponse,
    *,
    reason: str,
    user: Any = None,
    owner: Any = None,
    hours: int = USUAL_HOURS,
    at: datetime | None = None,
) -> tuple[Case, bool]:
    """Open a case by hand; False beside the one that is open already.

    ``hours`` are working hours of the program, or of Monday to Friday from nine to five.
    Raises InvalidInput("invalid_reason").
    """
    reason, at = clean_reason(reason), at or timezone.now()
    case = Case(
        program=response.program,
        response=response,
        person_id=response.person_id,
        occasion=Occasion.HAND,
        owner=owner,
        opened_at=at,
        due_at=_due_after(response.program, at, hours),
    )
    case.open_key = key_of(case)
    try:
        with transaction.atomic():
            case.save(force_insert=True)
    except IntegrityError:
        # On MariaDB the other's case is seen by the next run only.
        known = Case.objects.filter(open_key=case.open_key).first()
        if known is None:
            raise
        return known, False
    _begin(case, reason, user)
    return case, True


def _due_after(program: Program | None, at: datetime, hours: int) -> datetime:
    return due_after(at, hours, (program or Program()).working_week)


@retried
def change_case(case: Case, *, owner: Any, state: str, due_at: datetime, user: Any = None) -> Case:
    """Give an open case to somebody, say how far it is, or put off when it is due.

    Raises Conflict("edited_meanwhile") when it is no longer as ``case`` has it, and
    ReferralsError("not_possible") for a state that is none of an open case.
    """
    if state not in CaseState.values or state == CaseState.CLOSED or not case.is_open:
        raise ReferralsError("not_possible")
    changes = [
        (CaseEntryKind.OWNER, case.owner_id, owner.pk if owner else None, str(owner or "–")),
        (CaseEntryKind.STATE, case.state, state, str(CaseState(state).value)),
        (CaseEntryKind.DUE, case.due_at, due_at, due_at.isoformat()),
    ]
    as_seen = Case.objects.filter(
        pk=case.pk, state=case.state, owner=case.owner_id, due_at=case.due_at
    )
    new: dict[str, Any] = {"owner": owner, "state": state, "due_at": due_at}
    if due_at > case.due_at:
        new["reminded_at"] = None
    if owner and owner.pk != case.owner_id:
        new["told_at"] = None
    if not as_seen.update(**new):
        raise Conflict("edited_meanwhile")
    for kind, before, after, words in changes:
        if before != after:
            _write(case, kind, words, user)
    case.refresh_from_db()
    return case


@retried
def note_case(case: Case, text: str, *, user: Any = None) -> None:
    """Add a note to the history. Raises InvalidInput("invalid_text")."""
    _write(case, CaseEntryKind.NOTE, clean_text(text, 5000), user)


@retried
def reply_to_case(case: Case, *, subject: str, text: str, key: str, user: Any = None) -> bool:
    """Write to the person, by the outbox; the same ``key`` again sends nothing and is False.

    The case waits for their answer then. Raises InvalidInput("invalid_text") and
    ReferralsError("no_address").
    """
    text, subject = clean_text(text, 5000), clean_line(subject, 150)
    if not subject:
        raise ReferralsError("invalid_text")
    if not (case.program and case.person and case.person.email):
        raise ReferralsError("no_address")
    key = f"{case.pk}:{clean_line(key, 40)}"
    if CaseEntry.objects.filter(key=key).exists():
        return False
    # Of two at once, the unique key lets one in; the other is run again and finds it.
    _write(case, CaseEntryKind.REPLY, f"{subject}\n\n{text}", user, key=key)
    queue_message(
        "case_reply",
        about=key,
        person=case.person,
        program=case.program,
        context={"subject": subject, "text": text, "reply_to": case.program.notify_email},
        page=case.response.page_id if case.response else None,
    )
    Case.objects.filter(pk=case.pk, state__in=(CaseState.NEW, CaseState.IN_WORK)).update(
        state=CaseState.WAITING
    )
    return True


@retried
def close_case(case: Case, *, reason: str, user: Any = None, at: datetime | None = None) -> Case:
    """Close an open case. Raises InvalidInput("invalid_reason"), ReferralsError("not_possible")."""
    reason, at = clean_reason(reason), at or timezone.now()
    still_open = Case.objects.filter(pk=case.pk).exclude(state=CaseState.CLOSED)
    closed = still_open.update(
        state=CaseState.CLOSED, closed_at=at, closing_reason=reason, open_key=None
    )
    if not closed:
        raise ReferralsError("not_possible")
    _write(case, CaseEntryKind.CLOSED, reason, user, at)
    case.refresh_from_db()
    transaction.on_commit(lambda: case_closed.send(Case, case=case), robust=True)
    return case


@retried
def reopen_case(case: Case, *, reason: str, user: Any = None, at: datetime | None = None) -> Case:
    """Open a closed case again; it is due when it was, and not before eight working hours.

    Raises InvalidInput("invalid_reason"), and ReferralsError("not_possible") when it is open, or
    another one about the same is.
    """
    reason, at = clean_reason(reason), at or timezone.now()
    key = key_of(case)
    if Case.objects.filter(open_key=key).exists():
        raise ReferralsError("not_possible")
    closed = Case.objects.filter(pk=case.pk, state=CaseState.CLOSED)
    reopened = closed.update(
        state=CaseState.IN_WORK,
        closed_at=None,
        closing_reason="",
        open_key=key,
        due_at=max(case.due_at, _due_after(case.program, at, SECOND_HOURS)),
        reminded_at=None,
    )
    if not reopened:
        raise ReferralsError("not_possible")
    _write(case, CaseEntryKind.REOPENED, reason, user, at)
    case.refresh_from_db()
    return case
