"""Reading who brought whom, and what those left, some hundred advocates at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q

from ..people.models import Person
from ..referrals.models import Referral, Stage
from ..rewards.models import Reward
from .champion_models import CustomerValue, ValueSettings
from .referral_value import Friend, Range, referral_value, share_anyway

ADVOCATES = 500
# Ids in one question: as many as every database takes.
IDS = 900
ZERO = Decimal(0)


@dataclass(frozen=True)
class Brought:
    """A friend who bought, and whose way to the advocate: the answers of those between."""

    referral: int
    friend: int
    anyway: bool | None
    through: tuple[bool | None, ...]


def read_anyway(settings: ValueSettings) -> Range:
    """The share of friends who would have come anyway: by their answers, else the owner's guess."""
    said = Referral.objects.filter(program=settings.program_id).aggregate(
        yes=Count("pk", filter=Q(would_have_come=True)),
        no=Count("pk", filter=Q(would_have_come=False)),
    )
    guess = (settings.anyway_from, settings.anyway_percent, settings.anyway_to)
    return share_anyway(said["yes"], said["no"]) or Range(*(Decimal(part) / 100 for part in guess))


def values_of_advocates(
    settings: ValueSettings, anyway: Range, factor: Decimal
) -> Iterator[tuple[Any, ...]]:
    """Rows of advocate, currency, friends of their own who bought, and value: low, likely, high."""
    for advocates in _advocates(settings.program_id):
        brought = _brought(settings, advocates)
        costs = costs_of(settings, [one for friends in brought.values() for one in friends])
        for advocate, friends in sorted(brought.items()):
            by_currency: dict[str, list[Friend]] = defaultdict(list)
            for one in friends:
                through = one.through
                for currency, friend in costs[one.referral].items():
                    by_currency[currency].append(replace(friend, through=through))
            own = sum(not one.through for one in friends)
            for currency, valued in sorted(by_currency.items()):
                value = referral_value(valued, anyway=anyway, factor=factor).in_cents
                yield advocate, currency, own, value.low, value.likely, value.high


def costs_of(settings: ValueSettings, brought: Iterable[Brought]) -> dict[int, dict[str, Friend]]:
    """The friends as the formula takes them: {referral: {currency that they left or cost: …}}."""
    friends = {one.referral: one for one in brought}
    lifetimes = _lifetimes(settings.program_id, {one.friend for one in friends.values()})
    rewards = _rewards(set(friends))
    own = settings.program.currency
    found: dict[int, dict[str, Friend]] = {}
    for referral, one in friends.items():
        left, cost = lifetimes.get(one.friend, {}), rewards.get(referral, {})
        found[referral] = {
            currency: Friend(
                lifetime=left.get(currency, ZERO),
                rewards=cost.get(currency, ZERO),
                saved=settings.acquisition_cost if currency == own else ZERO,
                anyway=one.anyway,
                through=one.through,
            )
            for currency in left.keys() | cost.keys() | {own}
        }
    return found


def friends_of(settings: ValueSettings, person: Person) -> list[Brought]:
    """The friends of one advocate who bought, on all levels that count."""
    return _brought(settings, [person.pk]).get(person.pk, [])


def _advocates(program: int) -> Iterator[list[int]]:
    """Whoever brought anybody, in pieces."""
    rows = Referral.objects.filter(program=program).order_by("referrer_id")
    last = 0
    while True:
        more = rows.filter(referrer_id__gt=last).values_list("referrer_id", flat=True).distinct()
        advocates = list(more[:ADVOCATES])
        if not advocates:
            return
        yield advocates
        last = advocates[-1]


def _brought(settings: ValueSettings, advocates: list[int]) -> dict[int, list[Brought]]:
    """Each advocate's friends who bought, level by level, each friend once."""
    brought: dict[int, list[Brought]] = defaultdict(list)
    for level in range(1, settings.depth + 1):
        # From a friend's referral up: its referrer is the friend of the referral above.
        above = ["referrer__referrals__" * number for number in range(level)]
        top = above[-1]
        within = {f"{step}program": settings.program_id for step in above}
        rows = Referral.objects.order_by().filter(
            **within, **{f"{top}referrer_id__in": advocates}, stage=Stage.CONVERTED
        )
        people = [f"{step}referrer_id" for step in above]
        answers = [f"{step}would_have_come" for step in above]
        for pk, friend, *way in rows.values_list("pk", "friend_id", *people, *answers):
            referrers, said = way[:level], way[level:]
            # Two who brought each other in a circle: nobody is a friend of their own.
            if len({friend, *referrers}) == level + 1:
                brought[referrers[-1]].append(Brought(pk, friend, said[0], tuple(said[1:])))
    return brought


def _lifetimes(program: int, people: set[int]) -> dict[int, dict[str, Decimal]]:
    """{person: {currency: lifetime value}}"""
    found: dict[int, dict[str, Decimal]] = defaultdict(dict)
    for ids in _pieces(people):
        values = CustomerValue.objects.order_by().filter(program=program, person__in=ids)
        bought = values.filter(purchases__gt=0)
        for person, currency, lifetime in bought.values_list("person_id", "currency", "lifetime"):
            found[person][currency] = lifetime
    return found


def _rewards(referrals: set[int]) -> dict[int, dict[str, Decimal]]:
    """{referral: {currency: what is promised or given for it}}, to advocate and friend."""
    found: dict[int, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for ids in _pieces(referrals):
        worth = Reward.objects.order_by().filter(referral__in=ids, balance__gt=0)
        for referral, currency, balance in worth.values_list("referral_id", "currency", "balance"):
            if currency:
                found[referral][currency] += balance
    return found


def _pieces(ids: set[int]) -> Iterator[list[int]]:
    ordered = sorted(ids)
    for start in range(0, len(ordered), IDS):
        yield ordered[start : start + IDS]
