"""What came of an experiment, and whether it is chance. Its verbs, too: see the files beside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ..programs.experiment_models import Experiment, ExperimentState, Metric, Subject, Variant
from .experiment_counts import VariantCount, count, from_json, is_full
from .experiment_end import keep_winner, look_early, stop_experiment, undo_winner
from .experiment_plan import save_plan, start_experiment
from .experiment_turns import count_now
from .money_rates import MoneyDifference, compare_money
from .proportions import (
    FEW_UNITS,
    SAMPLE_RATIO_ALARM,
    chance_better,
    compare,
    holm,
    interval_of,
    sample_ratio_p,
)

__all__ = [
    "Arm",
    "Result",
    "count_now",
    "keep_winner",
    "look_early",
    "result_of",
    "save_plan",
    "start_experiment",
    "stop_experiment",
    "undo_winner",
]
Words = str | Promise
# So small a p is taken for more than chance.
SIGNIFICANT = 0.05

NOT_BEGUN = _("It has not begun.")
NOTHING_TO_COMPARE = _("Not enough: it has no two variants to compare.")
# While more may come, and when no more does.
NO_VISITORS = (
    _("Not enough yet: nobody has opened a link since it began."),
    _("Not enough: nobody opened a link while it ran."),
)
NO_NEWCOMERS = (
    _("Not enough yet: nobody has joined since it began."),
    _("Not enough: nobody joined while it ran."),
)
FEW_ADVOCATES = (
    _("Not enough yet: each variant needs visitors by the links of %(few)d advocates at least."),
    _("Not enough: each variant needed visitors by the links of %(few)d advocates at least."),
)
HARDLY_ANY = (
    _("Not enough yet: hardly anybody, or nearly everybody, did what is measured."),
    _("Not enough: hardly anybody, or nearly everybody, did what was measured."),
)


@dataclass(frozen=True)
class Arm:
    """One variant's result. ``units`` are the advocates it was drawn for; rates are 0 to 1."""

    variant: Variant
    units: int
    visitors: int
    reached: int
    money: dict[str, Decimal]
    rate: float | None
    # Against the variant that is as it is now; None for itself and where nothing can be said.
    difference: float | None = None
    interval: tuple[float, float] | None = None
    # Of several variants each is as large as it has to be for all of them (Holm).
    p_value: float | None = None
    chance_better: float | None = None
    money_per_visitor: dict[str, Decimal] = field(default_factory=dict)
    # Against the same variant, by currency; not there where nothing can be said.
    money_differences: dict[str, MoneyDifference] = field(default_factory=dict)
    # Of its own rate, for the picture.
    rate_interval: tuple[float, float] | None = None
    # Visitors of one advocate are much alike: so many strangers would tell as much.
    worth: int = 0


@dataclass(frozen=True)
class Result:
    """What came of it so far. ``lacks`` says why nothing can be said yet; "" when it can."""

    experiment: Experiment
    arms: Sequence[Arm]
    is_over: bool
    # More of one variant than the weights explain: something is wrong with the assignment.
    sample_ratio_p: float | None
    sample_ratio_alarm: bool
    lacks: Words = ""
    winner: Variant | None = None
    # Whether each variant has as many visitors as the plan asks for.
    is_enough: bool = False
    # Whether this is the count that decides, and its plan was complete: no later one counts.
    is_complete: bool = False
    until: datetime | None = None


def result_of(experiment: Experiment, *, at: datetime | None = None) -> Result:
    """The result by what is kept of the last count; where nothing is, it is counted here.

    ``referrals_run_due`` counts once an hour. The first count of a full sample, or the one up to
    the planned end, is the one that decides: it is not counted again.
    """
    end = min(filter(None, (at or timezone.now(), experiment.ends_at, experiment.ended_at)))
    found, until = _count(experiment, end)
    variants = sorted(experiment.drawn_from, key=lambda variant: variant.position)
    rows = [(variant, found.get(variant.pk) or VariantCount()) for variant in variants]
    arms = _arms(rows)
    by_chance = _sample_ratio_p(experiment, arms)
    is_over, is_enough = end == experiment.ends_at, is_full(experiment, found)
    is_ended = experiment.state == ExperimentState.ENDED
    is_last = experiment.is_settled or is_ended or until == experiment.ends_at
    result = Result(
        experiment=experiment,
        arms=arms,
        is_over=is_over,
        sample_ratio_p=by_chance,
        sample_ratio_alarm=by_chance is not None and by_chance < SAMPLE_RATIO_ALARM,
        lacks=_lack(experiment, rows, arms, no_more=is_over or is_ended),
        is_enough=is_enough,
        is_complete=is_last and (is_over or is_enough),
        until=until,
    )
    return replace(result, winner=_winner(result))


def _count(experiment: Experiment, end: datetime) -> tuple[dict[int, VariantCount], datetime]:
    """What is kept, and up to when it was counted."""
    if experiment.counted is None:
        return count(experiment, end), end
    return from_json(experiment.counted), experiment.counted_until or end


def _sample_ratio_p(experiment: Experiment, arms: list[Arm]) -> float | None:
    """How likely so many advocates of each are by the weights; None where they may well differ.

    What advocates are told, and can tell their friends, decides how many links are opened at all:
    that is no fault but a result. Only of the words on the landing page nobody knows beforehand.
    """
    told_before = experiment.subject != Subject.LANDING
    weights = [arm.variant.weight for arm in arms]
    if not sum(weights) or (told_before and experiment.metric != Metric.BROUGHT):
        return None
    return sample_ratio_p([arm.units for arm in arms], weights)


def _arms(rows: list[tuple[Variant, VariantCount]]) -> list[Arm]:
    control = next((one for variant, one in rows if variant.is_control), None)
    arms = [_arm(variant, one, control) for variant, one in rows]
    p_values = holm([arm.p_value for arm in arms])
    return [replace(arm, p_value=p) for arm, p in zip(arms, p_values, strict=True)]


def _arm(variant: Variant, one: VariantCount, control: VariantCount | None) -> Arm:
    sums, visitors = one.sums, one.sums.visitors
    against = None if variant.is_control else control
    compared = compare(against.sums, sums) if against else None
    return Arm(
        variant=variant,
        units=sums.units,
        visitors=visitors,
        reached=sums.reached,
        money={currency: money.paid for currency, money in one.money.items()},
        rate=sums.rate,
        difference=compared.difference if compared else None,
        interval=compared.interval if compared else None,
        p_value=compared.p_value if compared else None,
        chance_better=chance_better(against.sums, sums) if against and compared else None,
        money_per_visitor={
            currency: (money.paid / visitors).quantize(Decimal("0.01"))
            for currency, money in one.money.items()
            if visitors
        },
        money_differences=_money_differences(one, against) if against else {},
        rate_interval=interval_of(sums),
        worth=sums.worth,
    )


def _money_differences(one: VariantCount, control: VariantCount) -> dict[str, MoneyDifference]:
    found = {
        currency: compare_money(
            (control.sums, control.money[currency]), (one.sums, one.money[currency])
        )
        for currency in one.money.keys() & control.money.keys()
    }
    return {currency: difference for currency, difference in found.items() if difference}


def _lack(
    experiment: Experiment,
    rows: list[tuple[Variant, VariantCount]],
    arms: list[Arm],
    *,
    no_more: bool,
) -> Words:
    if experiment.state == ExperimentState.DRAFT:
        return NOT_BEGUN
    shown = [arm for arm in arms if arm.variant.weight]
    breadths = sorted(one.sums.breadth for variant, one in rows if variant.weight)
    if len(shown) < 2 or not any(arm.variant.is_control for arm in shown):
        return NOTHING_TO_COMPARE
    if not any(arm.visitors for arm in arms):
        return (NO_NEWCOMERS if experiment.metric == Metric.BROUGHT else NO_VISITORS)[no_more]
    if any(arm.difference is not None for arm in arms):
        return ""
    if breadths[-2] < FEW_UNITS:
        return str(FEW_ADVOCATES[no_more]) % {"few": FEW_UNITS}
    return HARDLY_ANY[no_more]


def _winner(result: Result) -> Variant | None:
    """Which to keep: nobody can say before the end, and of what chance does."""
    if result.lacks or result.sample_ratio_alarm or not result.is_complete:
        return None
    others = [arm for arm in result.arms if arm.difference is not None]
    real = [arm for arm in others if arm.p_value is not None and arm.p_value < SIGNIFICANT]
    better = [arm for arm in real if (arm.difference or 0) > 0]
    if better:
        return max(better, key=lambda arm: arm.rate or 0).variant
    shown = [arm for arm in result.arms if arm.variant.weight and not arm.variant.is_control]
    if real and len(real) == len(shown):
        return next(arm.variant for arm in result.arms if arm.variant.is_control)
    return None
