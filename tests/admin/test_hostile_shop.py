"""A shop that reports nonsense: every screen of numbers still answers, and the job still runs."""

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.test import Client
from django.utils import timezone

from tests.insights.playing import make_experiment
from wagtail_referrals.api import record_event
from wagtail_referrals.due import run_due
from wagtail_referrals.exceptions import ReferralsError
from wagtail_referrals.insights.champion_models import ValueSettings
from wagtail_referrals.insights.experiments import start_experiment
from wagtail_referrals.insights.goal_models import ChannelCost, Goal
from wagtail_referrals.programs.models import Program
from wagtail_referrals.referrals.models import Advocate

NOW = timezone.now
MARGINS: list[Any] = [None, "NaN", "-99999999.99", "1e400", -1e308, [], {}, True, "9" * 60, 0]
# From the first moment that is taken to the last one.
FAR_EAST = timezone.get_fixed_timezone(14 * 60)
TIMES = [
    NOW(),
    datetime(1990, 1, 1, tzinfo=FAR_EAST),
    datetime(1999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
    datetime(2026, 3, 29, 1, 30, tzinfo=UTC),
    NOW() + timedelta(hours=23),
]
AMOUNTS = ["0", "0.01", "9999999.99", "99999999.99"]
ADDRESSES = [
    "dashboard/?period=12m",
    "dashboard/?start=2000-01-01&end=2026-01-01",
    "dashboard/?start=2016-01-01",
    "dashboard/?period=today&split=source",
    "dashboard/?period=year&split=regular&export=xlsx",
    "leaders/?measure=revenue&period=year",
    "leaders/?measure=revenue&period=own&start=0001-01-01&end=9999-12-31",
    "leaders/?measure=revenue&currency=USD&period=90&export=csv",
    "leaders/?board=furthest",
    "champions/report/",
    "champions/report/?currency=JPY&export=xlsx",
    "champions/",
]


def orders(advocate: Advocate) -> Iterator[dict[str, Any]]:
    number = 0
    for at in TIMES:
        for amount in AMOUNTS:
            margin = MARGINS[number % len(MARGINS)]
            number += 1
            yield {
                "external_id": f"o-{number}",
                "email": f"f{number % 7}@example.org",
                "amount": amount,
                "currency": ["EUR", "usd", "JPY"][number % 3],
                "referral_code": advocate.display_code if number % 2 else "",
                "occurred_at": at,
                "metadata": {"margin": margin},
            }


def test_whatever_a_shop_says_every_screen_answers(
    owner: Client, program: Program, advocate: Advocate
) -> None:
    ValueSettings.objects.create(program=program, margin_percent=Decimal(40))
    Goal.objects.create(program=program, referred_percent=100)
    day = NOW().date()
    for channel in ("", "=1+1", "x" * 60):
        ChannelCost.objects.create(
            program=program, channel=channel, starts_on=day, ends_on=day, cost=0, customers=0
        )
    experiment = make_experiment(program, metric="purchases")
    start_experiment(experiment)
    for order in orders(advocate):
        record_event(program, "purchase", **order)
        for kind, share in (("order.changed", 2), ("refund", 2), ("chargeback", 1)):
            # More than was paid is refused.
            with suppress(ReferralsError):
                record_event(
                    program,
                    kind,
                    external_id=f"{kind}-{order['external_id']}",
                    refund_of=order["external_id"],
                    amount=str((Decimal(order["amount"]) / share).quantize(Decimal("0.01"))),
                    currency=order["currency"],
                )
    run_due()
    run_due(at=NOW() + timedelta(days=1))
    for address in [*ADDRESSES, f"experiments/keep/{experiment.pk}/"]:
        answer = owner.get(f"/admin/referrals/{address}")
        assert answer.status_code == 200, address
        if "export" not in address:
            page = answer.content.decode()
            assert not re.search(r">\s*(NaN|nan|Infinity|inf)\b", page), address
