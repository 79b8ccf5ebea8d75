"""One customer's story: what happened, what each rule said to it, and what they have."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext

from ..asks.explain import explain
from ..asks.models import Ask, Touchpoint
from ..events.models import Event
from ..people.models import Person
from ..programs.money import format_money
from ..referrals.models import Advocate, Referral
from ..referrals.risk import describe_flags
from ..rewards.limits import describe_limit, limit_at, read_used
from ..rewards.models import Decision, EntryKind, Reward, RewardState
from ..rewards.rule_models import Beneficiary, RewardRule, RuleState
from ..rewards.words import for_customer, for_staff, in_short
from .events import money
from .links import url_for
from .permissions import can_look, visible
from .records import moment
from .timeline import hold_sentence, worth
from .words import EVENT_KINDS, say

# The latest of each: what somebody asks about is seldom older.
MOST = 20
MOST_RULES = 50


@dataclass
class ToldDecision:
    """One rule's answer, for staff and for the customer."""

    rule: RewardRule
    granted: bool
    beneficiary: str
    staff: str
    customer: str
    rule_url: str


@dataclass
class ToldEvent:
    """One thing that happened. ``nothing`` says why no rule had a say."""

    at: str
    title: str
    url: str
    program: str
    by: str = ""
    nothing: str = ""
    decisions: list[ToldDecision] = field(default_factory=list)


@dataclass
class ToldReward:
    """One reward and what it waits for or came to."""

    title: str
    url: str
    program: str
    state: str
    is_open: bool
    words: list[str]
    owed: str


@dataclass
class ToldAsk:
    """One thing that happened after which they could be asked; were they, and why."""

    at: str
    touchpoint: str
    url: str
    program: str
    is_asked: bool
    words: str


@dataclass
class Story:
    """All of it, as far as the member of the staff may see it."""

    person: Person
    url: str
    roles: list[str] = field(default_factory=list)
    events: list[ToldEvent] = field(default_factory=list)
    rewards: list[ToldReward] = field(default_factory=list)
    limits: list[tuple[str, str, str]] = field(default_factory=list)
    asks: list[ToldAsk] = field(default_factory=list)


def tell(person: Person, user: Any) -> Story:
    """The story of one person; as many queries however much there is to tell."""
    story = Story(person, url_for(user, person))
    roles: set[tuple[int, str]] = set()
    if can_look(user, Advocate):
        story.roles = list(_roles(person, user, roles))
    if can_look(user, Event):
        story.events = _events(person, user)
    if can_look(user, Reward):
        story.rewards = _rewards(person, user)
    if can_look(user, RewardRule):
        story.limits = list(_limits(person, roles))
    if can_look(user, Ask) and can_look(user, Touchpoint):
        story.asks = list(_asks(person, user))
    return story


def _roles(person: Person, user: Any, roles: set[tuple[int, str]]) -> Iterator[str]:
    """Where they take part; notes each program and as what."""
    advocacies = Advocate.objects.filter(person=person).select_related("program")
    for advocate in visible(user, advocacies):
        roles.add((advocate.program_id, "advocate"))
        words = gettext("Advocate in “%(program)s” since %(day)s, code %(code)s")
        yield words % {
            "program": advocate.program,
            "day": moment(advocate.created_at),
            "code": advocate.display_code,
        }
    referrals = Referral.objects.filter(friend=person).select_related("program", "referrer")
    for referral in visible(user, referrals):
        roles.add((referral.program_id, "friend"))
        words = gettext("Recommended to “%(program)s” by %(advocate)s on %(day)s")
        yield words % {
            "program": referral.program,
            "advocate": referral.referrer,
            "day": moment(referral.claimed_at),
        }
        yield from describe_flags(referral.flags)


def _events(person: Person, user: Any) -> list[ToldEvent]:
    events = _latest_events(person, user)
    decisions: dict[int, list[Decision]] = defaultdict(list)
    asked = Decision.objects.filter(event__in=[event.pk for event in events])
    for decision in asked.select_related("rule__program"):
        own = events_by(decision.event_id, events).person_id == person.pk
        if decision.person_id == person.pk or (decision.person_id is None and own):
            decisions[decision.event_id].append(decision)
    return [_event(event, decisions[event.pk], person, user) for event in events]


def events_by(pk: int, events: list[Event]) -> Event:
    """The one with that key."""
    return next(event for event in events if event.pk == pk)


def _latest_events(person: Person, user: Any) -> list[Event]:
    """Their own and those of friends they brought, the latest first."""
    related = ("person", "program")
    rows = visible(user, Event.objects.select_related(*related).order_by("-occurred_at", "-pk"))
    own = rows.filter(person=person)[:MOST]
    friends = rows.filter(referral__referrer=person)[:MOST]
    found = {event.pk: event for event in (*own, *friends)}
    return sorted(found.values(), key=lambda event: (event.occurred_at, event.pk), reverse=True)[
        :MOST
    ]


def _event(event: Event, decisions: list[Decision], person: Person, user: Any) -> ToldEvent:
    told = ToldEvent(
        at=moment(event.occurred_at),
        title=" ".join(filter(None, [_kind(event), event.external_id, money(event)])),
        url=url_for(user, event),
        program=str(event.program),
        by=str(event.person) if event.person_id != person.pk else "",
    )
    if event.not_attributed:
        told.nothing = in_short(event.not_attributed)
    elif not decisions:
        told.nothing = gettext("No rule had anything to decide for this person.")
    told.decisions = [_decision(decision, person, user) for decision in decisions]
    return told


def _kind(event: Event) -> str:
    words = say(EVENT_KINDS, event.kind)
    return words[:1].upper() + words[1:]


def _decision(decision: Decision, person: Person, user: Any) -> ToldDecision:
    # The customer reads it in their own language.
    with translation.override(_language(person)):
        gentle = for_customer(decision)
    return ToldDecision(
        rule=decision.rule,
        granted=decision.granted,
        beneficiary=str(Beneficiary(decision.beneficiary).label),
        staff=for_staff(decision),
        customer=gentle,
        rule_url=url_for(user, decision.rule),
    )


def _language(person: Person) -> str:
    known = dict(settings.LANGUAGES)
    return person.locale if person.locale in known else settings.LANGUAGE_CODE


def _rewards(person: Person, user: Any) -> list[ToldReward]:
    related = ("program", "event", "coupon", "version")
    rows = Reward.objects.filter(person=person).select_related(*related)
    rows = visible(user, rows).prefetch_related("entries")
    # What they owe is told however old it is.
    found = {reward.pk: reward for reward in (*_owing(rows), *rows[:MOST])}
    latest = sorted(found.values(), key=lambda reward: reward.pk, reverse=True)
    return [_reward(reward, user) for reward in latest]


def _owing(rows: QuerySet) -> QuerySet:
    return rows.filter(owed__gt=0)[:MOST]


def _reward(reward: Reward, user: Any) -> ToldReward:
    owed = format_money(reward.owed, reward.currency) if reward.owed else ""
    return ToldReward(
        title=f"{worth(reward)} · {reward.rule_name}",
        url=url_for(user, reward),
        program=str(reward.program),
        state=str(reward.get_state_display()),
        is_open=reward.state in (RewardState.PENDING, RewardState.HELD, RewardState.APPROVED),
        words=list(_state_words(reward)),
        owed=owed,
    )


def _state_words(reward: Reward) -> Iterator[str]:
    """Since when it is as it is, why, and until when."""
    entries = [entry for entry in reward.entries.all() if entry.kind == reward.state]
    last = entries[-1] if entries else None
    if last:
        yield gettext("Since %(day)s") % {"day": moment(last.created_at)}
    if reward.state == RewardState.HELD:
        yield from describe_flags(reward.flags) or [_held_because(last)]
    elif last and last.reason and last.kind != EntryKind.GRANTED:
        yield last.reason
    if reward.state in (RewardState.PENDING, RewardState.HELD, RewardState.APPROVED):
        yield hold_sentence(reward)
    coupon = reward.coupon
    if coupon:
        words = gettext("Coupon %(code)s") % {"code": coupon.display_code}
        until = moment(coupon.expires_at)
        if until:
            valid = gettext("valid until %(day)s") % {"day": until}
            words = f"{words}, {valid}"
        yield words


def _held_because(entry: Any) -> str:
    reason = entry.reason if entry else ""
    return reason or gettext("Its rule asks for approval.")


def _asks(person: Person, user: Any) -> Iterator[ToldAsk]:
    touchpoints = visible(user, Touchpoint.objects.select_related("program"))
    for one in explain(person, visible(user, Ask.objects.all()), touchpoints):
        yield ToldAsk(
            at=moment(one.at),
            touchpoint=str(one.touchpoint),
            url=url_for(user, one.ask or one.touchpoint),
            program=str((one.ask or one.touchpoint).program),
            is_asked=one.is_asked,
            words=one.words,
        )


def _limits(person: Person, roles: set[tuple[int, str]]) -> Iterator[tuple[str, str, str]]:
    """Rule, limit, and how much of it this person has used in its present period."""
    rules = RewardRule.objects.select_related("program").filter(
        program__in={program for program, _role in roles}, state=RuleState.ACTIVE
    )
    now = timezone.now()
    personal = [
        (rule, stored, limit_at(rule, stored, now, str(person.pk)))
        for rule in rules[:MOST_RULES]
        for stored in rule.limits
        if (rule.program_id, stored["per"]) in roles
    ]
    used = read_used(limit.key for _rule, _stored, limit in personal)
    for rule, stored, limit in personal:
        amount, currency = used.get(limit.key, Decimal(0)), rule.program.currency
        told = format_money(amount, currency) if limit.measure == "amount" else f"{amount:.0f}"
        yield str(rule), describe_limit(stored, currency), told
