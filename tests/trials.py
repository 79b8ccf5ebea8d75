"""Offers and words put to the test, as other tests need them."""

from decimal import Decimal
from typing import Any

from django.utils import timezone

from wagtail_referrals.programs.experiment_models import (
    Experiment,
    ExperimentState,
    Subject,
    Variant,
)
from wagtail_referrals.programs.models import Offer, Program
from wagtail_referrals.programs.variants import forget_experiments


def make_big_offer() -> Offer:
    """What friends might get instead of 10 percent."""
    return Offer.objects.create(
        name="Big", kind="percent", amount=Decimal(20), first_order_only=True
    )


def run_trial(
    program: Program, subject: Subject, weights: tuple[int, int] = (0, 1), **tested: Any
) -> Experiment:
    """A running test; if no weights are given, everybody sees what is tested."""
    experiment = Experiment.objects.create(
        program=program,
        name=f"Which {subject}?",
        subject=subject,
        baseline_percent=10,
        smallest_percent=5,
        state=ExperimentState.RUNNING,
        running_key=f"{program.pk}:{subject}",
        started_at=timezone.now(),
    )
    now, new = weights
    Variant.objects.create(experiment=experiment, name="now", weight=now, is_control=True)
    Variant.objects.create(experiment=experiment, name="new", weight=new, **tested)
    forget_experiments(program.pk)
    return experiment


def end_trial(experiment: Experiment) -> None:
    """Nobody is in it any more."""
    Experiment.objects.filter(pk=experiment.pk).update(
        state=ExperimentState.ENDED, running_key=None, ended_at=timezone.now()
    )
    forget_experiments(experiment.program_id)
