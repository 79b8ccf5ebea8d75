"""What is counted by the hour, the one count that decides, and why it is one."""

from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from django.utils import timezone

from tests.insights.playing import advocates_of, claim, make_experiment, run_experiment, visit
from wagtail_referrals.due import run_due
from wagtail_referrals.exceptions import ReferralsError
from wagtail_referrals.insights.experiment_counts import VariantCount, is_full, to_json
from wagtail_referrals.insights.experiment_turns import count_due
from wagtail_referrals.insights.experiments import (
    count_now,
    keep_winner,
    result_of,
    stop_experiment,
)
from wagtail_referrals.insights.proportions import sample_size
from wagtail_referrals.programs.experiment_models import Experiment, Variant
from wagtail_referrals.programs.models import Program
from wagtail_referrals.referrals.models import Click

NOW = timezone.now()
HOUR = timedelta(hours=1)
# So many visitors are enough for these plans.
SMALL = 40


def playing(program: Program, *, days_ago: int = 10, needed: int = SMALL) -> Experiment:
    experiment = run_experiment(program, days_ago=days_ago)
    Experiment.objects.filter(pk=experiment.pk).update(sample_size=needed)
    return Experiment.objects.get(pk=experiment.pk)


def come(experiment: Experiment, visitors: tuple[int, int], reached: tuple[int, int]) -> None:
    """So many new links are opened, and so many of the friends claim."""
    at = timezone.now() - timedelta(days=1)
    both = advocates_of(experiment, visitors)
    for advocates, count in zip(both, reached, strict=True):
        visit(advocates, at)
        claim(advocates[:count], at)


def seen(experiment: Experiment) -> list[int]:
    """Visitors of each variant, as the result has them."""
    return [arm.visitors for arm in result_of(Experiment.objects.get(pk=experiment.pk)).arms]


@pytest.mark.django_db
class TestTurns:
    def test_who_runs_is_counted_by_what_is_due(self, program: Program) -> None:
        experiment = playing(program)
        come(experiment, (3, 2), (0, 0))
        assert run_due()["experiments_counted"] == 1
        Click.objects.all().delete()
        assert seen(experiment) == [3, 2]

    def test_once_an_hour_and_no_more(self, program: Program) -> None:
        playing(program)
        counted = [count_due(at=NOW + HOUR * part) for part in (0, 0.5, 0.99, 1, 1.5, 2)]
        assert counted == [1, 0, 0, 1, 0, 1]

    def test_a_screen_reads_what_is_kept(
        self, program: Program, django_assert_num_queries: Any
    ) -> None:
        playing(program)
        count_due()
        experiment = Experiment.objects.get()
        with django_assert_num_queries(1):
            result_of(experiment)

    def test_where_nothing_is_kept_it_is_counted_at_once(self, program: Program) -> None:
        experiment = playing(program)
        come(experiment, (3, 2), (0, 0))
        assert seen(experiment) == [3, 2]

    def test_what_is_kept_says_up_to_when_it_was_counted(self, program: Program) -> None:
        playing(program)
        count_due(at=NOW)
        assert result_of(Experiment.objects.get()).until == NOW

    def test_nobody_waits_for_the_hour_who_counts_now(self, program: Program) -> None:
        experiment = playing(program)
        count_due(at=NOW)
        come(experiment, (3, 2), (0, 0))
        count_now(experiment)
        assert seen(experiment) == [3, 2]

    def test_what_was_counted_further_stays(self, program: Program) -> None:
        experiment = playing(program)
        count_now(experiment, at=NOW)
        count_now(experiment, at=NOW - HOUR)
        assert Experiment.objects.get().counted_until == NOW

    @pytest.mark.parametrize("ended", [True, False], ids=["ended", "not begun"])
    def test_only_what_runs_is_counted(self, program: Program, ended: bool) -> None:
        experiment = playing(program) if ended else make_experiment(program)
        if ended:
            stop_experiment(experiment)
        assert count_due() == 0
        with pytest.raises(ReferralsError) as refused:
            count_now(experiment)
        assert refused.value.code == "not_possible"


@pytest.mark.django_db
class TestTheOneThatDecides:
    def test_the_first_count_of_a_full_sample_names_the_winner(self, program: Program) -> None:
        experiment = playing(program)
        come(experiment, (60, 60), (6, 30))
        count_due()
        result = result_of(Experiment.objects.get())
        assert result.is_complete and not result.is_over
        assert result.winner and result.winner.name == "Twenty"

    def test_a_full_sample_nobody_has_counted_is_no_result_yet(self, program: Program) -> None:
        experiment = playing(program)
        come(experiment, (60, 60), (6, 30))
        result = result_of(experiment)
        assert result.is_enough and not result.is_complete and result.winner is None

    def test_who_comes_later_does_not_change_it(self, program: Program) -> None:
        experiment = playing(program)
        come(experiment, (60, 60), (20, 20))
        count_due()
        come(experiment, (60, 60), (0, 60))
        assert count_due(at=NOW + 2 * HOUR) == 0
        result = result_of(Experiment.objects.get())
        assert result.winner is None
        assert [arm.visitors for arm in result.arms] == [60, 60]

    def test_nor_does_the_planned_end(self, program: Program) -> None:
        experiment = playing(program)
        come(experiment, (60, 60), (20, 20))
        count_due()
        come(experiment, (60, 60), (0, 60))
        assert experiment.ends_at
        count_due(at=experiment.ends_at + HOUR)
        late = result_of(Experiment.objects.get(), at=experiment.ends_at + HOUR)
        assert late.winner is None and late.arms[1].visitors == 60

    def test_nor_does_who_keeps_one(self, program: Program) -> None:
        experiment = playing(program)
        come(experiment, (60, 60), (20, 20))
        count_due()
        come(experiment, (60, 60), (0, 60))
        keep_winner(experiment, experiment.variants.get(is_control=True))
        assert seen(experiment) == [60, 60]

    def test_a_sample_that_is_not_full_decides_nothing(self, program: Program) -> None:
        experiment = playing(program)
        come(experiment, (60, SMALL - 1), (6, 30))
        count_due()
        come(experiment, (1, 1), (0, 0))
        assert count_due(at=NOW + 2 * HOUR) == 1
        assert seen(experiment) == [61, SMALL]

    def test_at_the_planned_end_it_is_decided_whoever_came(self, program: Program) -> None:
        experiment = playing(program, days_ago=30, needed=1000)
        at = NOW - timedelta(days=10)
        control, other = advocates_of(experiment, (60, 60))
        visit([*control, *other], at)
        claim([*control[:6], *other[:30]], at)
        assert count_due() == 1
        Click.objects.all().delete()
        assert count_due(at=NOW + 2 * HOUR) == 0
        result = result_of(Experiment.objects.get())
        assert result.is_complete and not result.is_enough and result.winner

    def test_the_end_is_counted_without_waiting_for_the_hour(self, program: Program) -> None:
        experiment = playing(program)
        assert experiment.ends_at
        minute = timedelta(minutes=1)
        assert count_due(at=experiment.ends_at - minute) == 1
        assert not Experiment.objects.get().is_settled
        assert count_due(at=experiment.ends_at + minute) == 1
        kept = Experiment.objects.get()
        assert kept.is_settled and kept.counted_until == experiment.ends_at

    def test_until_the_end_is_counted_nobody_has_won(self, program: Program) -> None:
        experiment = playing(program, needed=1000)
        come(experiment, (60, 60), (6, 30))
        count_due()
        assert experiment.ends_at
        result = result_of(Experiment.objects.get(), at=experiment.ends_at + HOUR)
        assert result.is_over and not result.is_complete and result.winner is None


# Whoever takes one look is seldom wrong

BASELINE, SMALLEST = 0.3, 0.2
EACH = sample_size(BASELINE, SMALLEST)
A_DAY, DAYS = 24, 16


class Town:
    """Two variants that do not differ; every visitor comes alone."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.experiment = Experiment(
            state="running", sample_size=EACH, started_at=NOW, ends_at=NOW + timedelta(days=99)
        )
        pair = [Variant(pk=1, name="Now", is_control=True), Variant(pk=2, name="B")]
        self.experiment.drawn_from = pair
        self.found = {variant.pk: VariantCount() for variant in pair}

    def live(self) -> None:
        """One day."""
        for one in self.found.values():
            for _visitor in range(A_DAY):
                one.add(1, int(self.random.random() < BASELINE), {})

    def winner(self, at: datetime) -> Any:
        """What the screen names, if this is the count that decides."""
        self.experiment.counted, self.experiment.counted_until = to_json(self.found), at
        self.experiment.is_settled = is_full(self.experiment, self.found)
        return result_of(self.experiment, at=at).winner


def test_one_look_finds_a_winner_where_there_is_none_in_one_of_twenty() -> None:
    """And looking on every day after the sample is full in more than twice as many."""
    towns, once, daily = 400, 0, 0
    for seed in range(towns):
        town = Town(seed)
        named = []
        for day in range(1, DAYS + 1):
            town.live()
            if is_full(town.experiment, town.found):
                named.append(town.winner(NOW + timedelta(days=day)) is not None)
        once += named[0]
        daily += any(named)
    # Of 400 there are 20 expected; 3 standard deviations are 13.
    assert 7 <= once <= 33
    assert daily > 2 * once
