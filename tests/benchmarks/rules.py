"""A purchase that rules are asked about, against what a site would write by hand."""

import itertools
from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone

from wagtail_referrals.api import record_event
from wagtail_referrals.events.claim import claim_offer
from wagtail_referrals.referrals.models import Advocate
from wagtail_referrals.rewards.models import Reward
from wagtail_referrals.rewards.rule_models import RewardRule, RuleEffect
from wagtail_referrals.rewards.versions import save_rule

from .measure import Call, compare, statements
from .models import PlainPurchase
from .results import Result
from .site import Bench

ROUNDS = 15
CALLS = 40
_numbers = itertools.count(1)


def purchase(bench: Bench) -> Iterator[Result]:
    """A friend's first order, 20 active rules of which 2 grant, against five INSERTs."""
    bench.program.rules.filter(event_kind="purchase").delete()
    _make_rules(bench, 2, granting=2)
    _orders(bench, 1)[0]()  # makes the counters of the limits
    few = len(statements(_orders(bench, 1)[0]))
    _make_rules(bench, 18, granting=0)
    before = Reward.objects.count()
    comparison = compare(partial(_orders, bench), _plain, calls=CALLS, rounds=ROUNDS)
    granted = Reward.objects.filter(event__kind="purchase").count()
    assert granted >= (ROUNDS + 1) * CALLS * 2, "not every order earned its rewards"
    assert Reward.objects.count() > before
    queries = len(statements(_orders(bench, 1)[0]))
    assert queries == few, f"{few} queries with 2 rules, {queries} with 20"
    yield Result(
        "purchase, 20 rules",
        comparison,
        reach=4,
        queries=queries,
        plain_queries=len(statements(_plain(1)[0])),
        reach_queries=16,
    )


def _make_rules(bench: Bench, count: int, *, granting: int) -> None:
    """Rules with three conditions and a limit each; those that don't grant fail at the last."""
    for number in range(count):
        least = "10.00" if number < granting else "5000.00"
        rule = RewardRule(
            program=bench.program,
            name=f"Rule {number}",
            trigger="first_purchase",
            hold_days=0,
            conditions=[
                {"key": "friend_is_new", "options": {}},
                {"key": "came_by", "options": {"sources": ["link", "code"]}},
                {"key": "order_amount", "options": {"at_least": least, "currency": "EUR"}},
            ],
            limits=[{"per": "rule", "period": "year", "measure": "amount", "most": "9000000.00"}],
        )
        effect = RuleEffect(formula="fixed", formula_options={"amount": "5.00"})
        save_rule(rule, [effect])


def _orders(bench: Bench, count: int) -> list[Call]:
    """Orders of friends who have claimed, each friend's first."""
    return [_order(bench, bench.advocates[n % len(bench.advocates)]) for n in range(count)]


def _order(bench: Bench, advocate: Advocate) -> Call:
    number = next(_numbers)
    email = f"buyer{number}@example.org"
    claim_offer(advocate, email=email)
    values: dict[str, Any] = {
        "external_id": f"bench-{number}",
        "email": email,
        "amount": Decimal("49.90"),
        "currency": "EUR",
    }
    return partial(record_event, bench.program, "purchase", **values)


def _plain(count: int) -> list[Call]:
    return [_five_inserts] * count


def _five_inserts() -> None:
    with transaction.atomic():
        for _ in range(5):
            number = next(_numbers)
            PlainPurchase.objects.create(
                email=f"buyer{number}@example.org",
                order_id=f"plain-{number}",
                ordered_at=timezone.now(),
                amount=Decimal("49.90"),
                currency="EUR",
                items=1,
            )
