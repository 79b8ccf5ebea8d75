"""What a new customer costs, by how they were won: recommendations and what else is paid for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext

from ..feedback.changes import day_of
from .dashboard_parts import CostRow
from .found import Counts, Found, days_of
from .goal_models import ChannelCost
from .reckon import CENT, cents, ratio, rounded
from .sources import ZERO, by_source


def make_costs(found: Found) -> list[CostRow]:
    """Recommendations first, then the channels by what they cost."""
    spent = [currency for currency in found.currencies if _rewards(found, currency)]
    own = [own_row(found, currency) for currency in spent or found.currencies[:1]]
    groups: dict[tuple[str, str], list[ChannelCost]] = defaultdict(list)
    for cost in found.costs:
        groups[cost.channel.strip().casefold(), cost.program.currency].append(cost)
    rows = [_channel(found, costs) for costs in groups.values()]
    return [*own, *sorted(rows, key=lambda row: (-row.cost, row.channel, row.currency))]


def own_row(found: Found, currency: str, counts: Counts | None = None) -> CostRow:
    """What rewards cost for each friend who bought; those for feedback have won nobody."""
    customers = found.count("converted", counts)
    cost = _rewards(found, currency, counts)
    several = len({one.currency for one in found.programs}) > 1
    each = None if several else cents(ratio(cost, customers))
    label, why = gettext("Recommendations"), several_currencies() if several else ""
    return CostRow(label, cost, currency, customers, each, why)


def several_currencies() -> str:
    """Why nothing is shared out among customers."""
    return gettext("Programs of several currencies: choose those of one.")


def _rewards(found: Found, currency: str, counts: Counts | None = None) -> Decimal:
    given, for_feedback = (
        found.amounts(fact, counts).get(currency, ZERO) for fact in ("given", "for_feedback")
    )
    return cents(given - for_feedback) or ZERO


def _channel(found: Found, costs: list[ChannelCost]) -> CostRow:
    """One channel in one currency: its costs of these days, in proportion.

    An answer does not say which of several programs paid for it, nor whether the owner counted it
    already: then nothing has a price.
    """
    spent = won = Decimal(0)
    to_count: set[date] = set()
    counted: set[date] = set()
    for cost in costs:
        shared = days_of(found.period, cost)
        part = Decimal(len(shared)) / ((cost.ends_on - cost.starts_on).days + 1)
        spent += cost.cost * part
        if cost.customers is None:
            to_count |= shared
        else:
            won += cost.customers * part
            counted |= shared
    why = _why_not(found, to_count, counted)
    won += _answers(found, costs[0].channel, to_count)
    return CostRow(
        channel=costs[0].channel,
        cost=rounded(spent, CENT),
        currency=costs[0].program.currency,
        # In parts: of ten customers in a month, ten days have a third.
        customers=None if why else rounded(won, CENT),
        each=None if why else cents(ratio(spent, won)),
        why=why,
        of_answers=bool(to_count),
    )


def _why_not(found: Found, to_count: set[date], counted: set[date]) -> str:
    """Why customers cannot be counted from answers; "" where they can, or need not be."""
    if to_count and len(found.programs) > 1:
        return gettext("Answers do not say of which program: enter its customers, or choose one.")
    if to_count & counted:
        return gettext("Of some days its customers are entered for one part of the cost only.")
    return ""


def _answers(found: Found, channel: str, days: set[date]) -> int:
    """How many said on these days that this was how they had heard of us."""
    if len(days) == found.period.days:
        return sum(_said(channel, found.sourced.values()))
    answers = found.heard_apart.items()
    return sum(_said(channel, (counts for at, counts in answers if day_of(at) in days)))


def _said(channel: str, steps: Iterable[Counts]) -> Iterable[int]:
    wanted = channel.strip().casefold()
    for counts in steps:
        for answer, number in by_source(counts, "heard").items():
            if answer.strip().casefold() == wanted:
                yield number
