"""Several workers find the same program due at once: one works it out, everybody moves once."""

from datetime import timedelta
from decimal import Decimal
from functools import partial

import pytest
from django.db import transaction
from django.db.models import Count, Max, Min
from django.utils import timezone

from tests.concurrency.racing import Meeting, race, refusals
from wagtail_referrals.events.models import Event
from wagtail_referrals.insights import champions, groups
from wagtail_referrals.insights.champion_models import CustomerValue, SegmentMove, ValueSettings
from wagtail_referrals.insights.champions import recompute, update_champions
from wagtail_referrals.people.register import find_or_add_person
from wagtail_referrals.referrals.join import join_program
from wagtail_referrals.referrals.models import Referral

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

RUNS = 8
NOW = timezone.now()


def buy(program, number, amount, key):
    Event.objects.create(
        program=program,
        kind="purchase",
        external_id=key,
        source_key=key,
        person=find_or_add_person(f"c{number}@example.org"),
        amount=Decimal(amount),
        currency="EUR",
        occurred_at=NOW - timedelta(days=2),
    )


@pytest.fixture
def due(program):
    """Twelve customers, sorted yesterday; since then the smallest one became the largest."""
    ValueSettings.objects.create(program=program, margin_percent=40)
    for number in range(12):
        buy(program, number, 10 + number, f"first-{number}")
    advocate = join_program(program, find_or_add_person("c11@example.org"))
    Referral.objects.create(
        program=program,
        advocate=advocate,
        referrer=advocate.person,
        friend=find_or_add_person("c5@example.org"),
        stage="converted",
        counts_until=NOW,
    )
    assert recompute(program, at=NOW - timedelta(days=1))
    buy(program, 0, 500, "second")
    return program


def moves():
    return SegmentMove.objects.filter(person__email="c0@example.org").count()


def test_workers_that_come_at_once_move_everybody_once(due):
    results = race([partial(update_champions, at=NOW)] * RUNS)
    assert not refusals(results)
    assert sum(results) == 1
    assert moves() == 1
    assert CustomerValue.objects.filter(lifetime_at=NOW).count() == 12


def sort_unguarded(settings, *, at, ahead_of_time):
    """As sort_into_groups, but for the UPDATE that only one run passes."""
    values = CustomerValue.objects.filter(program=settings.program_id).order_by()
    spans = {
        f"{name}_{end}": function(field)
        for name, field in (("lifetime", "lifetime"), ("referral", "referral_value"))
        for end, function in (("low", Min), ("high", Max))
    }
    with transaction.atomic():
        size = values.aggregate(count=Count("pk"), **spans)
        groups._sort_currency(settings, values, "EUR", size, at)
    return True


@pytest.mark.needs_database("postgresql")
def test_without_taking_the_program_first_they_move_several_times(due, monkeypatch):
    monkeypatch.setattr(champions, "_begin", lambda settings, at: True)
    monkeypatch.setattr(champions._Run, "_stay", lambda run: None)
    monkeypatch.setattr(champions, "sort_into_groups", sort_unguarded)
    meeting = Meeting(2)
    monkeypatch.setattr(groups, "find_thresholds", meeting.after(groups.find_thresholds))
    race([partial(update_champions, at=NOW)] * 2)
    assert moves() > 1
