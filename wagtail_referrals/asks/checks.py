"""What is looked at when an ask is due: each reason by one query for the whole batch."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Count, F, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from ..events.models import Event
from ..events.report import PURCHASE
from ..feedback.case_models import OPEN_STATES, Case, Occasion
from ..feedback.invitation_models import Invitation
from ..feedback.models import FeedbackResponse, ResponseState
from ..messages.kinds import ASKS
from ..messages.models import MailPreference
from ..partners.introduction_models import Introduction
from ..people.models import Person, Suppression
from ..people.segments import segments
from ..referrals.models import Advocate, AdvocateState, Referral
from .models import Ask, AskFor, AskState
from .places import Places
from .plan import TOO_OLD
from .whom import FIRST_TIMERS, REGULARS

IS_REASON = Callable[[Ask], bool]
# A friend who came is no complaint.
COMPLAINTS = [one for one in Occasion if one != Occasion.LEAD]
FORMS = (AskFor.FEEDBACK, AskFor.REVIEW)
RECOMMENDING = (AskFor.REFERRAL, AskFor.INTRODUCTION)


@dataclass
class Batch:
    """Asks that are looked at together; with ``touchpoint``, ``program``, ``person``, ``event``.

    ``at`` is the time; without it each is looked at as of when it is due. What we ourselves sent
    from ``since`` on is not counted: a simulation sends it anew.
    """

    asks: list[Ask]
    at: datetime | None = None
    since: datetime | None = None
    places: Places = field(default_factory=Places)

    def moment(self, ask: Ask) -> datetime:
        """The time for which it is decided."""
        return self.at or ask.due_at

    def people(self, *asks_for: str) -> set[int]:
        """Who is asked for one of these; for anything at all without them."""
        rows = (ask for ask in self.asks if not asks_for or ask.asks_for in asks_for)
        return {ask.person_id for ask in rows if ask.person_id}

    def ours(self, rows: QuerySet, name: str) -> QuerySet:
        """The rows without those of the time that is simulated."""
        return rows.filter(**{f"{name}__lt": self.since}) if self.since else rows


def reasons(batch: Batch) -> list[str]:
    """For each ask why it is not asked, or ""."""
    found = [""] * len(batch.asks)
    for code, check in CHECKS.items():
        # What is refused already needs no further question.
        left = [number for number, reason in enumerate(found) if not reason]
        if not left:
            break
        rest = Batch([batch.asks[n] for n in left], batch.at, batch.since, batch.places)
        is_reason = check(rest)
        for number in left:
            if is_reason(batch.asks[number]):
                found[number] = code
    return found


def _touchpoint_off(batch: Batch) -> IS_REASON:
    return lambda ask: not ask.touchpoint.is_active or ask.touchpoint.asks_for != ask.asks_for


def _program_ended(batch: Batch) -> IS_REASON:
    return lambda ask: not ask.program.is_open(batch.moment(ask))


def _too_old(batch: Batch) -> IS_REASON:
    return lambda ask: ask.due_at <= batch.moment(ask) - TOO_OLD


def _gone(batch: Batch) -> IS_REASON:
    return lambda ask: ask.person is None or ask.person.erased_at is not None


def _blocked(batch: Batch) -> IS_REASON:
    return lambda ask: _person(ask).blocked_at is not None


def _no_address(batch: Batch) -> IS_REASON:
    return lambda ask: not _person(ask).email


def _unsubscribed(batch: Batch) -> IS_REASON:
    keys = {_person(ask).email_key for ask in batch.asks}
    left_alone = set(
        Suppression.objects.filter(email_key__in=keys).values_list("email_key", flat=True)
    )
    declined = _people(MailPreference.objects.filter(category=ASKS), batch.people())
    return lambda ask: _person(ask).email_key in left_alone or ask.person_id in declined


def _left(batch: Batch) -> IS_REASON:
    people = batch.people(*RECOMMENDING)
    if not people:
        return _never
    rows = Advocate.objects.exclude(state=AdvocateState.ACTIVE).filter(person__in=people)
    away = set(rows.order_by().values_list("person_id", "program_id"))
    return lambda ask: ask.asks_for in RECOMMENDING and (ask.person_id, ask.program_id) in away


def _refunded(batch: Batch) -> IS_REASON:
    return lambda ask: bool(ask.event.amount) and ask.event.refunded == ask.event.amount


def _open_complaint(batch: Batch) -> IS_REASON:
    rows = Case.objects.filter(state__in=OPEN_STATES, occasion__in=COMPLAINTS)
    complaining = _people(rows, batch.people())
    return lambda ask: ask.person_id in complaining


def _whom_gone(batch: Batch) -> IS_REASON:
    known = {"", FIRST_TIMERS, REGULARS, *segments.all()}
    return lambda ask: ask.touchpoint.whom not in known


def _not_for_them(batch: Batch) -> IS_REASON:
    bought = purchases_until(ask.event_id for ask in batch.asks if _counts_purchases(ask))

    def is_reason(ask: Ask) -> bool:
        whom = ask.touchpoint.whom
        if _counts_purchases(ask):
            return (bought.get(ask.event_id, 0) >= 2) != (whom == REGULARS)
        segment = segments.get(whom) if whom else None
        return segment is not None and not segment.includes(_person(ask))

    return is_reason


def _counts_purchases(ask: Ask) -> bool:
    return ask.touchpoint.whom in (FIRST_TIMERS, REGULARS)


def purchases_until(events: Iterable[int]) -> dict[int, int]:
    """How often the person of each event had bought by then, this purchase included."""
    keys = set(events)
    if not keys:
        return {}
    sent_back = Q(amount__gt=0, refunded=F("amount"))
    bought = (
        Event.objects.filter(
            person=OuterRef("person"), kind=PURCHASE, occurred_at__lte=OuterRef("occurred_at")
        )
        .exclude(sent_back)
        .order_by()
        .values("person")
        .annotate(number=Count("pk"))
        .values("number")
    )
    number = Coalesce(Subquery(bought, output_field=IntegerField()), 0)
    rows = Event.objects.order_by().filter(pk__in=keys)
    return dict(rows.values_list("pk").annotate(number=number))


def _no_page(batch: Batch) -> IS_REASON:
    def is_reason(ask: Ask) -> bool:
        if ask.asks_for == AskFor.REFERRAL and not ask.touchpoint.page_id:
            return False
        return batch.places.page(ask.touchpoint, ask.person) is None

    return is_reason


def _answered_already(batch: Batch) -> IS_REASON:
    """They did what they would be asked for, after the event or within the page's own days."""
    done: dict[tuple[str, int, int], list[datetime]] = {}

    def note(what: str, rows: QuerySet, *columns: str) -> None:
        for person, where, when in rows.order_by().values_list(*columns):
            done.setdefault((what, person, where), []).append(when)

    oldest = min(_counts_from(batch, ask) for ask in batch.asks)
    if people := batch.people(*FORMS):
        given = FeedbackResponse.objects.exclude(state=ResponseState.SPAM)
        given = given.filter(person__in=people, submit_time__gte=oldest)
        note("form", given, "person_id", "page_id", "submit_time")
    if people := batch.people(AskFor.REFERRAL):
        brought = Referral.objects.filter(referrer__in=people, claimed_at__gte=oldest)
        note(AskFor.REFERRAL, brought, "referrer_id", "program_id", "claimed_at")
    if people := batch.people(AskFor.INTRODUCTION):
        made = Introduction.objects.filter(giver__in=people, created_at__gte=oldest)
        note(AskFor.INTRODUCTION, made, "giver_id", "program_id", "created_at")

    def is_reason(ask: Ask) -> bool:
        is_form = ask.asks_for in FORMS
        where = _page_key(batch, ask) if is_form else ask.program_id
        times = done.get(("form" if is_form else ask.asks_for, ask.person_id or 0, where or 0), ())
        return any(_counts_from(batch, ask) <= when <= batch.moment(ask) for when in times)

    return is_reason


def _counts_from(batch: Batch, ask: Ask) -> datetime:
    """From when on an answer is one to what they would be asked."""
    if ask.asks_for not in FORMS:
        return ask.event.occurred_at
    page = batch.places.page(ask.touchpoint, ask.person)
    days = getattr(page, "again_after_days", 0)
    return min(ask.event.occurred_at, batch.moment(ask) - timedelta(days=days))


def _page_key(batch: Batch, ask: Ask) -> int | None:
    page = batch.places.page(ask.touchpoint, ask.person)
    return page.pk if page else None


def _invited(batch: Batch) -> IS_REASON:
    people = batch.people(*FORMS)
    if not people:
        return _never
    rows = batch.ours(Invitation.objects.filter(person__in=people), "created_at")
    rows = rows.filter(answered_at=None).order_by()
    until = {
        (person, page): expires
        for person, page, expires in rows.values_list("person_id", "page_id", "expires_at")
    }

    def is_reason(ask: Ask) -> bool:
        expires = until.get((ask.person_id, _page_key(batch, ask)))
        return ask.asks_for in FORMS and expires is not None and expires > batch.moment(ask)

    return is_reason


def _asked_this(batch: Batch) -> IS_REASON:
    rows = batch.ours(
        Ask.objects.filter(state=AskState.ASKED, person__in=batch.people()), "settled_at"
    )
    last: dict[tuple[int | None, int], datetime] = {}
    for person, touchpoint, when in rows.order_by("settled_at").values_list(
        "person_id", "touchpoint_id", "settled_at"
    ):
        last[person, touchpoint] = when

    def is_reason(ask: Ask) -> bool:
        when = last.get((ask.person_id, ask.touchpoint_id))
        return when is not None and when > batch.moment(ask) - timedelta(
            days=ask.touchpoint.every_days
        )

    return is_reason


def _never(ask: Ask) -> bool:
    return False


def _person(ask: Ask) -> Person:
    assert ask.person is not None
    return ask.person


def _people(rows: QuerySet, people: set[int]) -> set[int]:
    """Who of these people the rows are about."""
    return set(rows.filter(person__in=people).order_by().values_list("person_id", flat=True))


# In the order of WHY_NOT.
CHECKS: dict[str, Callable[[Batch], IS_REASON]] = {
    "touchpoint_off": _touchpoint_off,
    "program_ended": _program_ended,
    "too_old": _too_old,
    "gone": _gone,
    "blocked": _blocked,
    "no_address": _no_address,
    "unsubscribed": _unsubscribed,
    "left": _left,
    "refunded": _refunded,
    "open_complaint": _open_complaint,
    "whom_gone": _whom_gone,
    "not_for_them": _not_for_them,
    "no_page": _no_page,
    "answered_already": _answered_already,
    "invited": _invited,
    "asked_this": _asked_this,
}
