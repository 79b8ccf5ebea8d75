"""How one customer's values come about, line by line: what an owner checks them by."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext, pgettext

from ..people.models import Person
from .brought import Brought, costs_of, friends_of, read_anyway
from .champion_models import CustomerValue, ValueSettings
from .champions import inputs_of, kept_purchases, read_purchases
from .lifetime import Bought, add_purchase, half_years, lifetime_of, margin_of, to_cents
from .referral_value import Friend, Range, referral_value

ZERO = Decimal(0)
# Of so many friends each has a line; an advocate with more is looked at by the list of referrals.
MOST_FRIENDS = 100


@dataclass(frozen=True)
class Line:
    """One half-year of the lifetime value; amounts to the cent."""

    label: str
    margin: Decimal
    marketing: Decimal
    divisor: Decimal
    value: Decimal


@dataclass(frozen=True)
class FriendLine:
    """One friend's part in the referral value."""

    name: str
    level: int
    anyway: str
    lifetime: Decimal
    rewards: Decimal
    saved: Decimal
    value: Decimal


@dataclass(frozen=True)
class Story:
    """The lines of both values."""

    lines: list[Line]
    friends: list[FriendLine]


def tell_story(value: CustomerValue) -> Story | None:
    """As of the last run; None where the settings are gone."""
    settings = ValueSettings.objects.select_related("program").filter(program=value.program_id)
    found = settings.first()
    if found is None:
        return None
    at = value.lifetime_at or value.referral_at
    return Story(_lines(found, value, at) if at else [], _friend_lines(found, value))


def _lines(settings: ValueSettings, value: CustomerValue, at: datetime) -> list[Line]:
    """Each half-year with purchases or marketing, then the two ahead."""
    inputs = inputs_of(settings)
    own = value.currency == settings.program.currency
    past = kept_purchases(settings.program).filter(
        person=value.person_id, currency=value.currency, occurred_at__lte=at
    )
    margins: dict[int, Decimal] = defaultdict(Decimal)
    bought: Bought | None = None
    rows = read_purchases(past.order_by("occurred_at", "pk"))
    for _person, _currency, when, amount, refunded, own_margin in rows:
        bought = bought or Bought(when, when)
        margin = margin_of(amount, refunded, own_margin, inputs.margin)
        add_purchase(bought, when, margin, inputs.discount)
        margins[half_years((when - bought.first).days) + 1] += margin
    if bought is None:
        return []
    lifetime = lifetime_of(bought, at, inputs, marketing=own)
    marketing = inputs.marketing if own else ZERO
    here = lifetime.half_year
    labels = {number: str(number) for number in range(1, here + 1)}
    for number in (here + 1, here + 2):
        margins[number] = lifetime.rate
        labels[number] = gettext("%(number)d (ahead)") % {"number": number}
    return [
        Line(
            label=label,
            margin=to_cents(margins[number]),
            marketing=to_cents(marketing),
            divisor=1 / inputs.discount.factors[number],
            value=to_cents((margins[number] - marketing) * inputs.discount.factors[number]),
        )
        for number, label in labels.items()
        if margins[number] or marketing
    ]


def _friend_lines(settings: ValueSettings, value: CustomerValue) -> list[FriendLine]:
    brought = friends_of(settings, value.person)[:MOST_FRIENDS]
    if not brought:
        return []
    factor = inputs_of(settings).discount.factors[1]
    anyway = read_anyway(settings)
    names = Person.objects.in_bulk([one.friend for one in brought])
    costs = costs_of(settings, brought)
    lines = []
    for one in brought:
        friend = costs[one.referral].get(value.currency)
        if friend is not None:
            lines.append(_friend_line(str(names[one.friend]), one, friend, anyway, factor))
    return lines


def _friend_line(
    name: str, one: Brought, friend: Friend, anyway: Range, factor: Decimal
) -> FriendLine:
    said: dict[Any, str] = {
        True: pgettext("would have come anyway", "yes"),
        False: pgettext("would have come anyway", "no"),
        None: gettext("not known"),
    }
    return FriendLine(
        name=name,
        level=len(one.through) + 1,
        anyway=said[one.anyway],
        lifetime=to_cents(friend.lifetime),
        rewards=to_cents(friend.rewards),
        saved=to_cents(friend.saved),
        value=referral_value([friend], anyway=anyway, factor=factor).in_cents.likely,
    )
