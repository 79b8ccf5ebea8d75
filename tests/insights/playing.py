"""An experiment, and visitors who are known beforehand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from wagtail_referrals.coupons.codes import new_code
from wagtail_referrals.events.models import Event
from wagtail_referrals.insights.experiment_plan import save_plan, start_experiment
from wagtail_referrals.people.models import Person
from wagtail_referrals.programs.experiment_models import Experiment, Variant
from wagtail_referrals.programs.models import Offer, Program
from wagtail_referrals.programs.variants import drawing
from wagtail_referrals.referrals.models import Advocate, Click, Referral


def make_experiment(program: Program, **values: Any) -> Experiment:
    """A plan: the program's own offer against one of 20 percent."""
    variants = values.pop("variants", None)
    plan: dict[str, Any] = {
        "name": "Ten or twenty",
        "baseline_percent": Decimal(10),
        "smallest_percent": Decimal(5),
        **values,
    }
    experiment = Experiment(program=program, **plan)
    if variants is None:
        offer = Offer.objects.create(name="Twenty", kind="percent", amount=Decimal(20))
        variants = [
            Variant(name="As it is now", is_control=True),
            Variant(name="Twenty", offer=offer),
        ]
    return save_plan(experiment, variants)


def run_experiment(program: Program, *, days_ago: int = 0, **values: Any) -> Experiment:
    """One that began so many days ago."""
    experiment = start_experiment(make_experiment(program, **values))
    if days_ago:
        begun = timezone.now() - timedelta(days=days_ago)
        ends = begun + timedelta(days=experiment.horizon_days)
        Experiment.objects.filter(pk=experiment.pk).update(started_at=begun, ends_at=ends)
    return Experiment.objects.get(pk=experiment.pk)


def make_people(count: int) -> list[Person]:
    return Person.objects.bulk_create(Person(name="Ann") for _number in range(count))


def make_advocates(program: Program, count: int, at: datetime | None = None) -> list[Advocate]:
    at = at or timezone.now() - timedelta(days=400)
    return Advocate.objects.bulk_create(
        Advocate(program=program, person=person, code_key=new_code(), created_at=at)
        for person in make_people(count)
    )


def advocates_of(experiment: Experiment, counts: Iterable[int], **more: Any) -> list[list[Any]]:
    """So many advocates of each variant; nobody is made who would not be needed for long."""
    wanted = list(counts)
    draw = drawing(experiment)
    keys = [variant.pk for variant in experiment.drawn_from]
    found: list[list[Advocate]] = [[] for _variant in keys]
    while any(len(own) < count for own, count in zip(found, wanted, strict=True)):
        for advocate in make_advocates(experiment.program, max(sum(wanted) // 4, 20), **more):
            found[keys.index(draw(advocate.pk).pk)].append(advocate)
    return [own[:count] for own, count in zip(found, wanted, strict=True)]


def visit(advocates: Sequence[Advocate], at: datetime, *, each: int = 1) -> None:
    """Each link is opened by so many visitors."""
    Click.objects.bulk_create(
        Click(advocate=advocate, visitor=f"{at:%j}-{number}", occurred_at=at)
        for advocate in advocates
        for number in range(each)
    )


def claim(advocates: Sequence[Advocate], at: datetime, **values: Any) -> list[Referral]:
    """One friend of each advocate claims."""
    return Referral.objects.bulk_create(
        Referral(
            program=advocate.program,
            advocate=advocate,
            referrer_id=advocate.person_id,
            friend=friend,
            clicked_at=at,
            claimed_at=at,
            counts_until=at + timedelta(days=90),
            **values,
        )
        for advocate, friend in zip(advocates, make_people(len(advocates)), strict=True)
    )


def buy(friends: Sequence[Referral], amounts: Sequence[int], at: datetime) -> None:
    """Each of them, for one amount after the other."""
    Event.objects.bulk_create(
        Event(
            program=friend.program,
            kind="purchase",
            external_id=str(friend.pk),
            source_key=str(friend.pk),
            referral=friend,
            amount=Decimal(amounts[number % len(amounts)]),
            currency="EUR",
            occurred_at=at,
        )
        for number, friend in enumerate(friends)
    )


def published_case(program: Program) -> Experiment:
    """Design, section 9: 56 of 450 as it is now, 48 of 550 otherwise; every visitor came alone."""
    experiment = run_experiment(program, days_ago=30)
    at = timezone.now() - timedelta(days=10)
    control, other = advocates_of(experiment, [450, 550])
    visit([*control, *other], at)
    claim([*control[:56], *other[:48]], at)
    return experiment
