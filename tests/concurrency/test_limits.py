"""Limits and budgets hold, however many are granted and taken back at once."""

from collections import Counter
from datetime import timedelta
from decimal import Decimal
from functools import partial

import pytest
from django.db import IntegrityError
from django.db.models import Sum
from django.utils import timezone

from tests.concurrency.racing import Meeting, race, refusals
from tests.concurrency.shop import buy, faults, join, limit, make_rule, refund
from wagtail_referrals.api import record_event
from wagtail_referrals.events.claim import claim_offer
from wagtail_referrals.messages.models import Message
from wagtail_referrals.referrals.models import Referral
from wagtail_referrals.rewards import engine, ledger
from wagtail_referrals.rewards.ledger import END_STATES
from wagtail_referrals.rewards.limits import read_used
from wagtail_referrals.rewards.models import Decision, Reward
from wagtail_referrals.rewards.rule_models import Allowance
from wagtail_referrals.rewards.take_back import void_reward

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

NOW = timezone.now()


@pytest.fixture
def advocates(program):
    """Many, so that no two purchases wait for each other before they come to the budget."""
    return join(program, 40)


def set_budget(program, **values):
    program.notify_email = "owner@example.org"
    for name, value in values.items():
        setattr(program, name, value)
    program.save()
    make_rule(program, hold_days=14)


def purchases(advocates, count, first=0):
    numbers = range(first, first + count)
    return [partial(buy, advocates[number % len(advocates)], number) for number in numbers]


def live():
    return Reward.objects.exclude(state__in=END_STATES)


def reasons():
    return set(Decision.objects.filter(granted=False).values_list("reason", flat=True))


def test_200_purchases_at_once_grant_the_100_rewards_of_a_budget(program, advocates):
    set_budget(program, budget_rewards=100)
    results = race(purchases(advocates, 200))
    assert not refusals(results)
    assert live().count() == Allowance.objects.get().used == 100
    assert Decision.objects.filter(granted=False).count() == 100
    assert reasons() == {"budget"}
    assert Message.objects.filter(kind="running_dry").count() == 1
    assert not faults()


def test_200_purchases_at_once_grant_a_budget_of_money_to_the_cent(program, advocates):
    set_budget(program, budget_amount=Decimal("777.77"))
    results = race(purchases(advocates, 200))
    assert not refusals(results)
    worth = sorted(live().values_list("balance", flat=True))
    assert worth == [Decimal("7.77"), *[Decimal("10.00")] * 77]
    assert Allowance.objects.get().used == Decimal("777.77")
    assert reasons() == {"budget"}
    assert not faults()


@pytest.mark.parametrize("budget", ["budget_rewards", "budget_amount"])
def test_what_is_taken_back_meanwhile_can_be_granted_again_and_no_more(program, advocates, budget):
    most = 24 if budget == "budget_rewards" else Decimal("240.00")
    set_budget(program, **{budget: most})
    before = [call() for call in purchases(advocates, 24)]
    rewards = [result.rewards[0] for result in before]
    voids = [partial(void_reward, reward, reason="no") for reward in rewards[:8]]
    whole = [partial(refund, program, number, "50.00") for number in range(4, 16)]
    in_part = [partial(refund, program, number, "25.00") for number in range(16, 24)]
    calls = [*voids, *whole, *in_part, *purchases(advocates, 48, first=100)]
    results = race([call for some in zip(calls[::2], calls[1::2], strict=True) for call in some])
    # A reward that a refund had ended before cannot be voided.
    assert set(refusals(results)) <= {"not_possible"}
    assert not faults()
    # What is left is what the next ones get, to the last.
    for call in purchases(advocates, 25, first=200):
        call()
    assert not faults()
    assert Allowance.objects.get().used == most
    granted = live().count() if budget == "budget_rewards" else total_of(live())
    assert granted == most


def total_of(rewards):
    return rewards.aggregate(sum=Sum("balance"))["sum"]


@pytest.fixture
def friends(program):
    """A friend each of four advocates, claimed ten days ago."""
    friends = [f"friend{number}@example.org" for number in range(4)]
    for advocate, friend in zip(join(program, 4), friends, strict=True):
        claim_offer(advocate, email=friend)
    Referral.objects.update(claimed_at=NOW - timedelta(days=10))
    program.starts_at = NOW - timedelta(days=30)
    program.save()
    return friends


def visits(program, friends, count, days=(1,)):
    """As many events of the shop's own kind by each friend on each of these days ago."""
    return [
        partial(
            record_event,
            program,
            "visit",
            external_id=f"visit-{number}-{friend}-{day}",
            email=friend,
            occurred_at=NOW - timedelta(days=day),
        )
        for number in range(count)
        for friend in friends
        for day in days
    ]


def make_visit_rule(program, *limits):
    kind = {"kind": "visit"}
    return make_rule(program, trigger="own_kind", trigger_options=kind, limits=list(limits))


def granted(rule):
    return Reward.objects.filter(rule=rule)


def test_each_advocate_has_a_limit_of_their_own_on_each_day(program, friends):
    rule = make_visit_rule(program, limit("3", period="day"))
    results = race(visits(program, friends, 12, days=(1, 3)))
    assert not refusals(results)
    by_day = Counter((reward.person_id, reward.created_at.date()) for reward in granted(rule))
    assert list(by_day.values()) == [3] * 8
    assert reasons() == {"limit"}
    assert not faults()


def test_of_several_limits_the_narrowest_decides(program, friends):
    rule = make_visit_rule(
        program,
        limit("65.00", measure="amount"),
        limit("20", per="friend"),
        limit("245.00", per="rule", period="year", measure="amount"),
    )
    results = race(visits(program, friends, 15))
    assert not refusals(results)
    assert total_of(granted(rule)) == Decimal("245.00")
    by_person = granted(rule).values("person").annotate(sum=Sum("balance"))
    assert max(person["sum"] for person in by_person) == Decimal("65.00")
    assert not faults()


def look_without_waiting(monkeypatch, parties):
    """All look at what is used before the first of them counts anything."""
    monkeypatch.setattr(engine, "lock_used", Meeting(parties).after(read_used))


def count_nothing(taken, limits):
    """What the table's check would refuse is not brought to it."""


def test_where_nobody_waits_the_tables_own_check_keeps_the_limit(program, friends, monkeypatch):
    rule = make_visit_rule(program, limit("5", per="rule"))
    visits(program, friends, 1)[0]()
    look_without_waiting(monkeypatch, 12)
    results = race(visits(program, friends, 4)[4:])
    refused = [one for one in results if isinstance(one, Exception)]
    assert all(isinstance(error, IntegrityError) for error in refused)
    assert granted(rule).count() == Allowance.objects.get().used <= 5
    assert not faults()


# SQLite's write transactions come one after the other: there nobody can look meanwhile.
@pytest.mark.needs_database("postgresql", "mysql")
def test_without_wait_and_check_an_advocate_gets_more_than_the_limit(program, friends, monkeypatch):
    rule = make_visit_rule(program, limit("3", period="day"))
    look_without_waiting(monkeypatch, 12)
    monkeypatch.setattr(engine, "take", count_nothing)
    race(visits(program, friends[:1], 12))
    assert granted(rule).count() > 3


@pytest.mark.needs_database("postgresql", "mysql")
@pytest.mark.parametrize("budget", ["budget_rewards", "budget_amount"])
def test_without_wait_and_check_a_budget_is_passed(program, advocates, monkeypatch, budget):
    set_budget(program, **{budget: 5})
    look_without_waiting(monkeypatch, 20)
    monkeypatch.setattr(engine, "take", count_nothing)
    race(purchases(advocates, 20))
    assert live().count() > 5
    assert total_of(live()) > 5


@pytest.mark.needs_database("postgresql", "mysql")
def test_giving_back_by_a_look_and_a_write_loses_some_of_it(program, advocates, monkeypatch):
    set_budget(program, budget_rewards=50)
    rewards = [call().rewards[0] for call in purchases(advocates, 12)]
    meeting = Meeting(12)

    def look_then_write(allowances):
        found = list(Allowance.objects.filter(key__in=allowances))
        meeting.wait()
        for row in found:
            Allowance.objects.filter(pk=row.pk).update(used=row.used - 1)

    monkeypatch.setattr(ledger, "give_back", look_then_write)
    race([partial(void_reward, reward, reason="no") for reward in rewards])
    assert faults()
