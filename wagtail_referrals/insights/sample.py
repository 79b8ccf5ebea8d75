"""Invented numbers in the dashboard's shape: to look at it before anything has happened."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ..programs.models import Program
from .clock import day_of
from .dashboard_parts import (
    Chart,
    CostRow,
    Dashboard,
    FunnelStep,
    Number,
    Series,
    Split,
)
from .funnel import LABELS
from .growth import of_advocates, of_customers, of_shares
from .nps import Scores
from .rollups import Span

DAYS = 28
# Each step: its key, how many there were, and in the period before.
FUNNEL: list[tuple[str, int, int]] = [
    ("asked", 640, 590),
    ("answered", 268, 241),
    ("shared", 131, 104),
    ("clicked", 418, 377),
    ("claimed", 96, 81),
    ("lead", 74, 66),
    ("qualified", 52, 49),
    ("converted", 37, 29),
    ("rewarded", 33, 27),
]
# How these spread over the channels, in percent.
CHANNELS: list[tuple[str | Promise, int]] = [
    ("WhatsApp", 41),
    (_("Mail"), 24),
    (_("Copied link"), 16),
    (_("Printed card"), 12),
    (_("Code by hand"), 7),
]
# Four weeks of each.
REFERRED, OTHERS = (6, 8, 10, 13), (21, 19, 22, 20)
HEARD = {
    _("A friend"): (8, 9, 12, 15),
    _("Search engine"): (9, 8, 9, 8),
    _("Passed by"): (7, 7, 8, 6),
}
REVENUE, OTHER_REVENUE = ("412.40", "520.00", "688.90", "871.20"), ("1480", "1335", "1522", "1390")
NPS = (38, 41, 40, 47)
SCORES = Scores((2, 1, 2, 3, 4, 8, 11, 26, 47, 72, 92))


def sample_dashboard(programs: Sequence[Program], *, at: datetime | None = None) -> Dashboard:
    """The last four weeks as they might have been; the same every time, and stored nowhere."""
    end = day_of(at or timezone.now())
    span = Span(end - timedelta(days=DAYS), end)
    currency = programs[0].currency if programs else "EUR"
    weeks = [date_format(span.start + timedelta(days=7 * week), "j M") for week in range(4)]
    return Dashboard(
        programs=programs,
        span=span,
        counted_until=end,
        headlines=_headlines(currency),
        funnel=_funnel(),
        splits=[_by_channel()],
        charts=_charts(weeks, currency),
        growth=_growth(),
        costs=_costs(currency),
        money=_money(currency),
        nps=SCORES,
        advocates=168,
    )


def _funnel() -> list[FunnelStep]:
    steps, last = [], 0
    for key, count, before in FUNNEL:
        # More clicks than shares: no share of them.
        known = 0 < count <= last
        steps.append(
            FunnelStep(
                key=key,
                label=LABELS[key],
                count=count,
                before=before,
                rate=_tenths(Decimal(100 * count) / last) if known else None,
                drop=last - count if known else None,
            )
        )
        last = count
    return steps


def _tenths(number: Decimal) -> Decimal:
    return number.quantize(Decimal("0.1"))


def _by_channel() -> Split:
    rows = [
        (str(label), [round(count * part / 100) for _key, count, _before in FUNNEL])
        for label, part in CHANNELS
    ]
    return Split("channel", _("Channel"), rows)


def _headlines(currency: str) -> list[Number]:
    return [
        Number("customers", _("New customers by recommendation"), Decimal(37), Decimal(29)),
        Number(
            "share",
            _("Share of all new customers"),
            Decimal("31.1"),
            Decimal("26.4"),
            "percent",
            how=_("37 of 119 new customers"),
        ),
        Number(
            "revenue",
            _("What they bought for"),
            Decimal("2492.50"),
            Decimal("1986.00"),
            "money",
            currency,
        ),
        Number(
            "cost",
            _("Cost of each"),
            Decimal("8.92"),
            Decimal("9.31"),
            "money",
            currency,
            how=_("330 ÷ 37 new customers"),
        ),
    ]


def _growth() -> list[Number]:
    return [
        Number(
            "participation",
            _("Participation"),
            Decimal("14.0"),
            Decimal("12.9"),
            "percent",
            how=of_customers(168, 1200),
        ),
        Number(
            "share_rate",
            _("Shares per advocate and month"),
            Decimal("0.84"),
            Decimal("0.69"),
            "plain",
            how=of_advocates(131, 168, Decimal(DAYS)),
        ),
        Number(
            "conversion",
            _("Customers per share"),
            Decimal("28.2"),
            Decimal("27.9"),
            "percent",
            how=of_shares(37, 131),
        ),
        Number(
            "k",
            _("K: customers an advocate brings in a month"),
            Decimal("0.24"),
            Decimal("0.19"),
            "plain",
            how=_("Shares per advocate and month × customers per share"),
        ),
        Number("cycle", _("Cycle time"), Decimal("11.5"), Decimal("12.0"), "days"),
    ]


def _money(currency: str) -> list[Number]:
    amounts = [
        ("promised", _("Rewards promised"), "420.00", "355.00"),
        ("held", _("Rewards held"), "90.00", "60.00"),
        ("paid", _("Rewards paid"), "330.00", "270.00"),
        ("margin", _("Margin of referred customers"), "997.00", "794.40"),
    ]
    return [
        Number(key, label, Decimal(now), Decimal(before), "money", currency)
        for key, label, now, before in amounts
    ]


def _costs(currency: str) -> list[CostRow]:
    rows = [
        (gettext("Recommendations"), "330.00", 37),
        (gettext("Search engine"), "610.00", 34),
        (gettext("Newspaper"), "450.00", 9),
        (gettext("Passed by"), "0.00", 28),
    ]
    return [
        CostRow(
            channel,
            Decimal(cost),
            currency,
            customers,
            (Decimal(cost) / customers).quantize(Decimal("0.01")),
        )
        for channel, cost, customers in rows
    ]


def _charts(weeks: Sequence[str], currency: str) -> list[Chart]:
    shares = [
        _tenths(Decimal(100 * own) / (own + other))
        for own, other in zip(REFERRED, OTHERS, strict=True)
    ]
    revenue = [
        Series("referred", _("Referred"), list(map(Decimal, REVENUE))),
        Series("others", _("Others"), list(map(Decimal, OTHER_REVENUE))),
    ]
    return [
        Chart(
            "customers",
            _("New customers by source"),
            "stacked",
            weeks,
            [
                Series("referred", _("Referred"), list(map(Decimal, REFERRED))),
                Series("others", _("Others"), list(map(Decimal, OTHERS))),
            ],
        ),
        Chart(
            "heard",
            _("“How did you hear of us?”"),
            "stacked",
            weeks,
            [
                Series(f"heard-{number}", label, list(map(Decimal, values)))
                for number, (label, values) in enumerate(HEARD.items())
            ],
        ),
        Chart(
            "share",
            _("Share of referred customers"),
            "line",
            weeks,
            [
                Series("share", _("Share"), shares),
                Series("goal", _("Goal"), [Decimal(35)] * len(weeks)),
            ],
            unit="percent",
        ),
        Chart(
            "revenue",
            _("What they bought for"),
            "bar",
            weeks,
            revenue,
            unit="money",
            currency=currency,
        ),
        Chart(
            "nps",
            _("Would they recommend us?"),
            "line",
            weeks,
            [Series("nps", "NPS", list(map(Decimal, NPS)))],
            unit="plain",
        ),
    ]
