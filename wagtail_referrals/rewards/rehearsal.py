"""What rules would do: for an event that never was, or for those of the last days."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from ..people.models import Person
from ..programs.models import Program
from ..programs.offers import MONEY_KINDS
from ..referrals.models import Advocate, Grade, Referral, Source
from ..referrals.promised import for_friends, promise_to_advocate, promise_to_friend
from .answers import Answer
from .engine import ask, settle
from .facts import Facts
from .limits import Limit
from .rule_models import RewardRule, RuleEffect

if TYPE_CHECKING:
    from ..events.models import Event

DAYS, MOST = 30, 10_000
CHUNK = 500


@dataclass(frozen=True)
class Sample:
    """An event somebody thought up; ``advocate`` is a real one, or nobody in particular."""

    kind: str
    amount: Decimal | None = None
    currency: str = ""
    purchase_number: int = 1
    friends_converted: int = 1
    friends_value: Decimal | None = None
    source: str = Source.LINK
    grade: str = Grade.A
    tier: str = ""
    days_since_claim: int = 0
    friend_is_new: bool = True
    coupon_used: bool = False
    metadata: dict[str, Any] = field(default_factory=dict)
    occurred_at: datetime | None = None
    advocate: Advocate | None = None


@dataclass(frozen=True)
class SampleFacts(Facts):
    """Facts of a sample: what others count in the database is said."""

    number: int = 1

    @property
    def purchase_number(self) -> int:
        return self.number


def facts_of(program: Program, sample: Sample) -> Facts:
    """The facts of a sample. Its rows are not stored, and carry keys that no row has."""
    at = sample.occurred_at or timezone.now()
    claimed_at = at - timedelta(days=sample.days_since_claim)
    advocate = sample.advocate or Advocate(
        pk=-1,
        program=program,
        person=Person(pk=-1, customer_since=claimed_at),
        tier=sample.tier,
    )
    friend = Person(
        pk=-2, customer_since=None if sample.friend_is_new else claimed_at - timedelta(days=1)
    )
    referral = Referral(
        pk=-1,
        program=program,
        advocate=advocate,
        referrer=advocate.person,
        friend=friend,
        source=sample.source,
        grade=sample.grade,
        claimed_at=claimed_at,
        # As somebody would be promised it now.
        **promise_to_friend(for_friends(advocate)),
        **promise_to_advocate(advocate),
    )
    event: Event = program.events.model(
        program=program,
        kind=sample.kind,
        person=friend,
        amount=sample.amount,
        currency=sample.currency,
        coupon_id=-1 if sample.coupon_used else None,
        is_first_purchase=sample.kind == "purchase" and sample.purchase_number == 1,
        friends_converted=sample.friends_converted,
        friends_value=sample.friends_value or sample.amount or Decimal("0.00"),
        metadata={"grade": sample.grade, **sample.metadata},
        occurred_at=at,
        recorded_at=at,
    )
    if sample.kind == "feedback.submitted":
        return SampleFacts(event, program, advocate, None, sample.purchase_number)
    return SampleFacts(event, program, advocate, referral, sample.purchase_number)


@dataclass
class Replay:
    """What one rule would have done; ``whole`` is False when there were more events than MOST."""

    since: datetime
    events: int = 0
    granted: int = 0
    sums: dict[str, Decimal] = field(default_factory=dict)
    # What is not money: headline and how often.
    things: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    whole: bool = True

    def count(self, answer: Answer) -> None:
        """Add what the rule answers about one beneficiary of one event."""
        reward = answer.reward
        if reward is None:
            self.refusals[answer.reason] += 1
            return
        self.granted += 1
        if reward.kind in MONEY_KINDS:
            total = self.sums.get(reward.currency, Decimal("0.00"))
            self.sums[reward.currency] = total + reward.balance
        else:
            self.things[reward.headline] += 1


def replay(
    rule: RewardRule,
    effects: Sequence[RuleEffect],
    *,
    at: datetime | None = None,
    days: int = DAYS,
    most: int = MOST,
) -> Replay:
    """What the rule would have granted in the last ``days``, had it been there by itself.

    Its own dates do not count, its limits and the program's budget are counted from nothing, and
    only in memory. Other rules of its group are not asked. Reads at most ``most`` events.
    """
    at = at or timezone.now()
    result = Replay(since=at - timedelta(days=days))
    rule = copy.copy(rule)
    rule.starts_at = rule.ends_at = None
    effects = [copy.copy(effect) for effect in effects]
    for effect in effects:
        effect.rule = rule
    used: dict[str, Decimal] = {}
    for facts in _facts_since(rule, result.since, at, most + 1):
        if result.events == most:
            result.whole = False
            break
        result.events += 1
        for answer in _answers(effects, facts, used):
            result.count(answer)
    return result


def _answers(effects: Sequence[RuleEffect], facts: Facts, used: dict[str, Decimal]) -> list[Answer]:
    zero = Decimal(0)

    def read(limits: dict[str, Limit]) -> dict[str, Decimal]:
        return {key: used.get(key, zero) for key in limits}

    def count(taken: dict[str, Decimal], limits: dict[str, Limit]) -> None:
        for key, amount in taken.items():
            used[key] = used.get(key, zero) + amount

    asked = ask(effects, facts)
    settle(asked, facts, read, count)
    return asked


def _facts_since(rule: RewardRule, since: datetime, until: datetime, most: int) -> Iterator[Facts]:
    """The facts of the program's events that the rule would have been asked about."""
    program = rule.program
    events = (
        program.events.filter(kind=rule.event_kind, occurred_at__gte=since, occurred_at__lte=until)
        .select_related(
            *("person", "referral__advocate__person", "referral__friend"),
            *("referral__offer", "referral__advocate_offer", "referral__advocate__friend_offer"),
        )
        .order_by("occurred_at", "pk")[:most]
    )
    for chunk in _in_chunks(events.iterator(chunk_size=CHUNK)):
        people = [event.person_id for event in chunk if not event.referral_id and event.person_id]
        own = Advocate.objects.select_related("person", "friend_offer").filter(
            program=program, person__in=people
        )
        advocates = {advocate.person_id: advocate for advocate in own} if people else {}
        for event in chunk:
            referral = event.referral
            advocate = referral.advocate if referral else advocates.get(event.person_id or 0)
            yield Facts(event, program, advocate, referral)


def _in_chunks(events: Iterable[Event]) -> Iterator[list[Event]]:
    chunk: list[Event] = []
    for event in events:
        chunk.append(event)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
