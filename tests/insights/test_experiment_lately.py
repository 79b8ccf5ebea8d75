"""What a plan says of the last weeks is counted as the test itself will be."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.insights.playing import claim, make_advocates, make_experiment, visit
from wagtail_referrals.insights import experiment_plan
from wagtail_referrals.insights.experiment_plan import Plan, plan_of
from wagtail_referrals.partners.models import Partner
from wagtail_referrals.programs.experiment_models import Experiment, Metric
from wagtail_referrals.programs.models import Offer, Program
from wagtail_referrals.referrals.models import Advocate

pytestmark = pytest.mark.django_db
BEFORE = timezone.now() - timedelta(days=7)


def planned(experiment: Experiment) -> Plan:
    plan = plan_of(experiment, list(experiment.variants.all()))
    assert plan
    return plan


def partners(program: Program, advocates: Sequence[Advocate]) -> None:
    for advocate in advocates:
        Partner.objects.create(
            program=program, advocate=advocate, name=f"Mill {advocate.pk}", state="active"
        )


def own_offer(program: Program, advocates: Sequence[Advocate]) -> None:
    offer = Offer.objects.create(name="Own", kind="percent", amount=50)
    Advocate.objects.filter(pk__in=[one.pk for one in advocates]).update(friend_offer=offer)


OUTSIDE = pytest.mark.parametrize("stand_apart", [partners, own_offer])


@OUTSIDE
def test_visitors_of_who_is_no_part_of_it_are_left_out(program: Program, stand_apart: Any) -> None:
    experiment = make_experiment(program)
    inside, outside = make_advocates(program, 20), make_advocates(program, 4)
    stand_apart(program, outside)
    visit([*inside, *outside], BEFORE)
    claim([*inside[:2], *outside], BEFORE)
    plan = planned(experiment)
    assert (plan.weekly, plan.lately) == (5, 0.1)


@OUTSIDE
def test_and_so_are_they_among_those_who_joined(program: Program, stand_apart: Any) -> None:
    experiment = make_experiment(program, subject="advocate_offer", metric=Metric.BROUGHT)
    inside, outside = make_advocates(program, 20, BEFORE), make_advocates(program, 4, BEFORE)
    stand_apart(program, outside)
    visit([*inside[:2], *outside], BEFORE)
    plan = planned(experiment)
    assert (plan.weekly, plan.lately) == (5, 0.1)


@pytest.mark.parametrize("metric", [Metric.CLAIMS, Metric.BROUGHT])
def test_of_more_than_it_counts_it_says_no_rate(
    program: Program, monkeypatch: pytest.MonkeyPatch, metric: str
) -> None:
    monkeypatch.setattr(experiment_plan, "_MOST_COUNTED", 10)
    experiment = make_experiment(program, subject="advocate_offer", metric=metric)
    advocates = make_advocates(program, 40, BEFORE)
    visit(advocates, BEFORE)
    claim(advocates[:8], BEFORE)
    plan = planned(experiment)
    assert plan.lately is None
    assert plan.weeks
