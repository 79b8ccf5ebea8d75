"""What came of an experiment, counted: by advocate in the database, by variant here.

Each query gives one row an advocate in the order of their keys, read in pieces: however many
there are, a sum for each variant is all that is kept.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum

from ..events.models import Event
from ..partners.models import Partner
from ..programs.experiment_models import Experiment, Metric
from ..programs.money import CENT
from ..programs.variants import drawing
from ..referrals.models import Advocate, Click, Referral, Source
from .money_rates import MoneySums
from .proportions import RateSums

_AT_ONCE = 5000
Pair = tuple[int, int]
Visits = tuple[int, int, int]
Money = dict[str, Decimal]


@dataclass
class VariantCount:
    """One variant: sums over its advocates, and what friends paid by currency."""

    sums: RateSums = field(default_factory=RateSums)
    money: dict[str, MoneySums] = field(default_factory=lambda: defaultdict(MoneySums))

    def add(self, visitors: int, reached: int, money: Money) -> None:
        """One more advocate. Friends may have bought whose visit was not seen."""
        if visitors:
            # Somebody may claim who came before, and two in one household count as one.
            self.sums.add(visitors, min(reached, visitors))
        for currency, paid in money.items():
            self.money[currency].add(visitors, paid)


def count(experiment: Experiment, until: datetime) -> dict[int, VariantCount]:
    """By the key of each variant, from the start up to a time."""
    if experiment.started_at is None:
        return {}
    draw = _draw(experiment)
    found = {variant.pk: VariantCount() for variant in experiment.drawn_from}
    if experiment.metric == Metric.BROUGHT:
        rows = _newcomers(experiment, until)
    else:
        visits = _by_advocate(_clicks(experiment, until))
        rows = _together(visits, _by_advocate(_claims(experiment, until)))
    for advocate_id, visitors, reached, money in _with_money(rows, _paid(experiment, until)):
        if key := draw(advocate_id):
            found[key].add(visitors, reached, money)
    return found


def is_full(experiment: Experiment, found: dict[int, VariantCount]) -> bool:
    """Whether each variant that is shown has as many visitors as the plan asks for."""
    shown = [variant.pk for variant in experiment.drawn_from if variant.weight]
    worth = [found[key].sums.worth if key in found else 0 for key in shown]
    return bool(experiment.sample_size and worth and min(worth) >= experiment.sample_size)


def _draw(experiment: Experiment) -> Callable[[int], int | None]:
    """The key of an advocate's variant; None for a partner, who is no part of it.

    Partners are few: to skip them here spares the database a join of everybody with nobody.
    """
    draw = drawing(experiment)
    partners = set(
        Partner.objects.filter(program=experiment.program_id)
        .order_by()
        .values_list("advocate_id", flat=True)
    )
    return lambda advocate_id: None if advocate_id in partners else draw(advocate_id).id


def _in_test(prefix: str, experiment: Experiment) -> Q:
    """Advocates who have what everybody has: no offer and no page of their own."""
    wanted: dict[str, Any] = {f"{prefix}{name}": None for name in ("friend_offer", "landing_page")}
    return Q(**wanted, **{f"{prefix}program": experiment.program_id})


def _clicks(experiment: Experiment, until: datetime) -> QuerySet:
    """Whoever opened a link, once a day."""
    return Click.objects.filter(
        _in_test("advocate__", experiment),
        occurred_at__gte=experiment.started_at,
        occurred_at__lt=until,
    )


def _claims(experiment: Experiment, until: datetime) -> QuerySet:
    """Friends who came by a link since the start and did what is measured before the end."""
    claims = _claimed(Referral.objects.all(), "", experiment, until)
    if experiment.metric == Metric.PURCHASES:
        return claims.filter(converted_at__lt=until)
    return claims


def _claimed(rows: QuerySet, prefix: str, experiment: Experiment, until: datetime) -> QuerySet:
    begun = experiment.started_at
    clicked = Q(**{f"{prefix}clicked_at": None}) | Q(**{f"{prefix}clicked_at__gte": begun})
    return rows.filter(
        clicked,
        **{
            f"{prefix}program": experiment.program_id,
            f"{prefix}source": Source.LINK,
            f"{prefix}claimed_at__gte": begun,
            f"{prefix}claimed_at__lt": until,
        },
    )


def _by_advocate(rows: QuerySet) -> Iterator[Pair]:
    counted = rows.order_by("advocate_id").values_list("advocate_id").annotate(count=Count("pk"))
    return counted.iterator(chunk_size=_AT_ONCE)


def _together(visits: Iterator[Pair], claims: Iterator[Pair]) -> Iterator[Visits]:
    """(advocate, visitors, reached) of those with visitors; both are in the order of their keys."""
    claimer, reached = next(claims, (0, 0))
    for advocate_id, visitors in visits:
        while claimer and claimer < advocate_id:
            claimer, reached = next(claims, (0, 0))
        yield advocate_id, visitors, reached if claimer == advocate_id else 0


def _with_money(
    rows: Iterator[Visits], paid: Iterator[tuple[int, Money]]
) -> Iterator[tuple[int, int, int, Money]]:
    """All who are in one of both; each is in the order of its keys."""
    nobody: tuple[int, Money] = (0, {})
    payer, money = next(paid, nobody)
    for advocate_id, visitors, reached in rows:
        while payer and payer < advocate_id:
            yield payer, 0, 0, money
            payer, money = next(paid, nobody)
        if payer != advocate_id:
            yield advocate_id, visitors, reached, {}
            continue
        yield advocate_id, visitors, reached, money
        payer, money = next(paid, nobody)
    while payer:
        yield payer, 0, 0, money
        payer, money = next(paid, nobody)


def _newcomers(experiment: Experiment, until: datetime) -> Iterator[Visits]:
    """Each advocate who joined, and whether somebody opened the link."""
    rows = _joined(experiment, until).order_by("pk").values_list("pk", _opened(until))
    return ((key, 1, int(brought)) for key, brought in rows.iterator(chunk_size=_AT_ONCE))


def _joined(experiment: Experiment, until: datetime) -> QuerySet:
    return Advocate.objects.filter(
        _in_test("", experiment),
        created_at__gte=experiment.started_at,
        created_at__lt=until,
    )


def _opened(until: datetime) -> Exists:
    return Exists(Click.objects.filter(advocate=OuterRef("pk"), occurred_at__lt=until))


def rows_counted(experiment: Experiment, until: datetime) -> tuple[QuerySet, QuerySet]:
    """Who came since the start, and who of them did what is measured: by the same rules."""
    partners = Partner.objects.filter(program=experiment.program_id).values("advocate")
    if experiment.metric == Metric.BROUGHT:
        joined = _joined(experiment, until).exclude(pk__in=partners)
        return joined, joined.filter(_opened(until))
    claims = _claims(experiment, until).filter(_in_test("advocate__", experiment))
    both = (_clicks(experiment, until), claims)
    came, reached = (rows.exclude(advocate__in=partners) for rows in both)
    return came, reached


def _paid(experiment: Experiment, until: datetime) -> Iterator[tuple[int, Money]]:
    """Each advocate whose friends paid, and how much in each currency."""
    for advocate_id, rows in groupby(_purchases(experiment, until), key=itemgetter(0)):
        sums = ((currency, (paid or Decimal(0)).quantize(CENT)) for _one, currency, paid in rows)
        yield advocate_id, dict(sums)


def _purchases(experiment: Experiment, until: datetime) -> Iterable[tuple[int, str, Any]]:
    """(advocate, currency, sum) of what friends bought who came by it, less what was refunded."""
    events = Event.objects.filter(
        _in_test("referral__advocate__", experiment),
        program=experiment.program_id,
        kind="purchase",
        not_attributed="",
        amount__isnull=False,
        occurred_at__gte=experiment.started_at,
        occurred_at__lt=until,
    )
    if experiment.metric == Metric.BROUGHT:
        joined = {"created_at__gte": experiment.started_at, "created_at__lt": until}
        events = events.filter(**{f"referral__advocate__{key}": at for key, at in joined.items()})
    else:
        events = _claimed(events, "referral__", experiment, until)
    by = ("referral__advocate_id", "currency")
    rows = events.order_by(*by).values_list(*by)
    return rows.annotate(paid=Sum(F("amount") - F("refunded"))).iterator(chunk_size=_AT_ONCE)


# What is kept of it


def to_json(found: dict[int, VariantCount]) -> dict[str, Any]:
    """For ``Experiment.counted``."""
    return {
        str(key): {
            "sums": asdict(counted.sums),
            "money": {
                currency: {name: str(amount) for name, amount in asdict(sums).items()}
                for currency, sums in counted.money.items()
            },
        }
        for key, counted in found.items()
    }


def from_json(stored: dict[str, Any]) -> dict[int, VariantCount]:
    return {
        int(key): VariantCount(
            RateSums(**one["sums"]),
            {currency: _money_sums(sums) for currency, sums in one["money"].items()},
        )
        for key, one in stored.items()
    }


def _money_sums(stored: dict[str, str]) -> MoneySums:
    return MoneySums(**{name: Decimal(amount) for name, amount in stored.items()})
