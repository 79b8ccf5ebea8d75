"""The owner's summary of the week: what happened, what it was worth, what waits for somebody."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Count, F, Q, QuerySet, Sum
from django.utils import timezone, translation
from django.utils.translation import gettext, ngettext

from ..feedback.case_models import OPEN_STATES as OPEN_CASES
from ..feedback.case_models import Case
from ..feedback.changes import day_of
from ..messages.models import Message, MessageState
from ..messages.to_staff import numbers_url, tell_owner
from ..programs.models import Program
from ..programs.money import format_money
from ..programs.offers import MONEY_KINDS
from ..rewards.ledger import OPEN_STATES
from ..rewards.models import Reward
from ..transactions import retried
from .clock import midnight
from .nps import Scores
from .reckon import percent
from .rollups import Counted, Span, count_facts
from .tallies import count_scores

logger = logging.getLogger(__name__)

DIGEST = "digest"
_WEEK = timedelta(days=7)
# From seven on Monday, by the site's clock; who could not be told until Tuesday night is not.
_FROM, _UNTIL = timedelta(hours=7), timedelta(days=2)

# How many, and what they are worth by currency.
Money = dict[str, Decimal]


@dataclass(frozen=True)
class Sums:
    """How many, and the money among them by currency."""

    count: int = 0
    money: Money = field(default_factory=dict)

    def __str__(self) -> str:
        told = [format_money(amount, currency) for currency, amount in sorted(self.money.items())]
        return f"{self.count} ({', '.join(told)})" if told else str(self.count)


@dataclass(frozen=True)
class Week:
    """A program's week, from Monday to Sunday; what waits, and cases, as they are now."""

    monday: date
    clicks: int
    shares: int
    claims: int
    purchases: Sums
    given: Sums
    waiting: Sums
    paid: Sums
    feedback: int
    scores: Scores
    # First purchases, and those of them that count for somebody.
    customers: int
    referred: int
    cases: int
    late: int
    given_up: int

    @property
    def is_quiet(self) -> bool:
        """Whether no customer and no friend did anything."""
        return not (
            self.clicks
            or self.shares
            or self.claims
            or self.purchases.count
            or self.customers
            or self.feedback
        )


def make_digests(*, at: datetime | None = None) -> int:
    """Queue the mails about the week before, on Monday and once; how many. Safe to run twice."""
    at = at or timezone.now()
    today = day_of(at)
    monday = today - timedelta(days=today.weekday())
    if not midnight(monday) + _FROM <= at < midnight(monday) + _UNTIL:
        return 0
    last = monday - _WEEK
    waiting = Program.objects.filter(weekly_digest=True, is_active=True).exclude(notify_email="")
    # One that began since has no week to tell of.
    programs = list(waiting.filter(starts_at__lt=midnight(monday)).select_related("site"))
    keys = [f"{DIGEST}:{_about(program, last)}" for program in programs]
    told = set(Message.objects.filter(key__in=keys).values_list("key", flat=True))
    todo = [one for one, key in zip(programs, keys, strict=True) if key not in told]
    return sum(_make_safely(program, last, at) for program in todo)


def _make_safely(program: Program, monday: date, at: datetime) -> bool:
    """An error about one program keeps no other owner from being told."""
    try:
        _make(program, monday, at)
    except Exception:  # whatever its numbers are
        logger.exception("The summary of program %s failed", program.pk)
        return False
    return True


def _about(program: Program, monday: date) -> str:
    year, week, _day = monday.isocalendar()
    return f"{program.pk}:{year}-W{week:02}"


@retried
def _make(program: Program, monday: date, at: datetime) -> None:
    week = week_of(program, monday, at)
    with translation.override(settings.LANGUAGE_CODE):
        context = {
            "week": str(monday.isocalendar().week),
            "first_day": monday.isoformat(),
            "last_day": (monday + timedelta(days=6)).isoformat(),
            "quiet": week.is_quiet,
            "lines": [{"text": words} for words in lines_of(week)],
            "url": numbers_url(program.pk, monday, monday + timedelta(days=6)),
        }
    tell_owner(DIGEST, program, about=_about(program, monday), context=context, at=at)


def week_of(program: Program, monday: date, at: datetime) -> Week:
    """The numbers of the seven days from ``monday``."""
    begin, end = midnight(monday), midnight(monday + _WEEK)
    counts = _Counts([program.pk], Span(begin, end), at)
    rewards = Reward.objects.filter(program=program, state__in=OPEN_STATES)
    cases = Case.objects.filter(program=program, state__in=OPEN_CASES)
    given_up = Message.objects.filter(program=program, state=MessageState.FAILED)
    return Week(
        monday=monday,
        clicks=counts.of("clicked").count,
        shares=counts.of("shared").count,
        claims=counts.of("claimed").count,
        purchases=counts.referred("purchase"),
        given=counts.of("given"),
        waiting=_sums(rewards, "balance", "currency", Q(kind__in=MONEY_KINDS)),
        paid=counts.of("paid"),
        feedback=counts.of("answered").count,
        scores=_scores(program, monday),
        customers=counts.of("customer").count,
        referred=counts.referred("customer").count,
        cases=cases.count(),
        late=cases.filter(due_at__lte=at).count(),
        given_up=_within(given_up, "created_at", (begin, end)).count(),
    )


class _Counts:
    """The week's numbers as the dashboard has them."""

    def __init__(self, programs: list[int], span: Span, at: datetime) -> None:
        whole = ("clicked", "shared", "claimed", "answered", "customer", "given", "paid")
        self.whole = count_facts(programs, span, facts=whole, at=at)
        self.sourced = count_facts(
            programs, span, facts=("purchase", "customer"), dimension="source", at=at
        )

    def of(self, fact: str) -> Sums:
        """All of them."""
        return _told([self.whole[fact, ""]] if (fact, "") in self.whole else [])

    def referred(self, fact: str) -> Sums:
        """Those that count for somebody."""
        return _told([c for (name, source), c in self.sourced.items() if name == fact and source])


def _told(counted: Iterable[Counted]) -> Sums:
    count, money = 0, defaultdict[str, Decimal](Decimal)
    for one in counted:
        count += one.count
        for currency, amount in one.amounts.items():
            money[currency] += amount
    return Sums(count, {currency: amount for currency, amount in money.items() if amount})


def _within(rows: QuerySet, name: str, span: tuple[datetime, datetime]) -> QuerySet:
    return rows.order_by().filter(**{f"{name}__gte": span[0], f"{name}__lt": span[1]})


def _scores(program: Program, monday: date) -> Scores:
    found = count_scores(
        ("program_id",), start=monday, end=monday + timedelta(days=6), only=Q(program=program.pk)
    )
    return sum(found.values(), Scores())


def _sums(rows: QuerySet, amount: str, currency: str, money: Q | None = None) -> Sums:
    """Counted and added up by currency; ``money`` says which of the rows are worth any."""
    count, sums = 0, {}
    split = (
        rows.order_by()
        .values(unit=F(currency))
        .annotate(count=Count("pk"), sum=Sum(amount, filter=money))
    )
    for row in split:
        count += row["count"]
        if row["unit"] and row["sum"]:
            # SQLite adds in floating point.
            sums[row["unit"]] = Decimal(row["sum"]).quantize(Decimal("0.01"))
    return Sums(count, sums)


def lines_of(week: Week) -> Iterable[str]:
    """The week in sentences; what did not happen is left out, and nothing at all, too."""
    said: list[tuple[Any, str]] = [
        (
            week.clicks or week.shares,
            gettext("Links: %(shares)d shared, %(clicks)d opened")
            % {"shares": week.shares, "clicks": week.clicks},
        ),
        (
            week.customers,
            gettext("New customers: %(customers)d, of which by recommendation: %(referred)s")
            % {"customers": week.customers, "referred": _referred(week)},
        ),
        (week.claims, gettext("Friends who claimed the offer: %(count)s") % {"count": week.claims}),
        (
            week.purchases.count,
            gettext("Purchases by friends: %(sums)s") % {"sums": week.purchases},
        ),
        (week.given.count, gettext("Rewards given: %(sums)s") % {"sums": week.given}),
        (week.paid.count, gettext("Paid out: %(sums)s") % {"sums": week.paid}),
        (week.waiting.count, gettext("Rewards that wait now: %(sums)s") % {"sums": week.waiting}),
        (week.feedback, _feedback(week)),
        (
            week.cases,
            gettext("To follow up: %(open)d, of which late: %(late)d")
            % {"open": week.cases, "late": week.late},
        ),
        (
            week.given_up,
            gettext("Mails that could not be sent: %(count)d. The admin says why.")
            % {"count": week.given_up},
        ),
    ]
    return [words for happened, words in said if happened]


def _referred(week: Week) -> str:
    share = percent(week.referred, week.customers)
    return f"{week.referred} ({share} %)" if week.referred and share is not None else "0"


def _feedback(week: Week) -> str:
    words = ngettext(
        "%(count)d answer to your forms", "%(count)d answers to your forms", week.feedback
    )
    words %= {"count": week.feedback}
    scores = week.scores
    if scores.nps is None:
        return words
    rated = gettext("NPS %(nps)+d, n = %(count)d") % {
        "nps": scores.points,
        "count": scores.total,
    }
    few = gettext("few, so do not build on it yet") if scores.is_few else ""
    return "; ".join(filter(None, [words, rated, few]))
