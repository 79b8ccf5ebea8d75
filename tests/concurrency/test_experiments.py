"""Two of the staff at once: one beginning, one test of one thing, one winner."""

from functools import partial

import pytest

from tests.concurrency.racing import Meeting, race, refusals, successes, without_unique
from tests.insights.playing import make_experiment, run_experiment
from wagtail_referrals.insights import experiment_end, experiment_plan, experiment_turns
from wagtail_referrals.insights.experiment_turns import count_due
from wagtail_referrals.insights.experiments import (
    keep_winner,
    start_experiment,
    stop_experiment,
    undo_winner,
)
from wagtail_referrals.programs.experiment_models import Experiment
from wagtail_referrals.programs.models import Program

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

TIMES = 8


def test_what_8_begin_at_once_begins_once(program):
    experiment = make_experiment(program)
    results = race([partial(start_experiment, experiment)] * TIMES)
    assert refusals(results) == {"not_possible": TIMES - 1}
    assert Experiment.objects.get().sample_size == 686


def test_of_8_tests_of_one_thing_one_begins(program):
    experiments = [make_experiment(program, name=f"Test {number}") for number in range(TIMES)]
    results = race([partial(start_experiment, experiment) for experiment in experiments])
    assert refusals(results) == {"experiment_running": TIMES - 1}
    (begun,) = successes(results)
    assert Experiment.objects.get(state="running").pk == begun.pk


@pytest.mark.needs_database("postgresql")
def test_without_the_unique_key_all_of_them_begin(program):
    experiments = [make_experiment(program, name=f"Test {number}") for number in range(TIMES)]
    with without_unique(Experiment, "running_key"):
        race([partial(start_experiment, experiment) for experiment in experiments])
        assert Experiment.objects.filter(state="running").count() > 1


def test_of_two_winners_one_is_kept(program):
    experiment = run_experiment(program)
    before = program.friend_offer_id
    control, other = experiment.variants.order_by("position")
    results = race([partial(keep_winner, experiment, one) for one in (control, other) * 4])
    assert refusals(results) == {"not_possible": TIMES - 1}
    kept = Experiment.objects.get().winner
    wanted = other.offer_id if kept == other else before
    assert Program.objects.get().friend_offer_id == wanted


def test_what_8_take_back_at_once_is_taken_back_once(program):
    experiment = run_experiment(program)
    keep_winner(experiment, experiment.variants.get(is_control=False))
    results = race([partial(undo_winner, experiment)] * TIMES)
    assert refusals(results) == {"not_possible": TIMES - 1}
    assert Program.objects.get().friend_offer_id == program.friend_offer_id


@pytest.fixture
def older(program):
    """A test that is over, of which nothing is kept yet."""
    experiment = run_experiment(program)
    stop_experiment(experiment)
    return experiment


def begin_and_keep(program, older):
    """Another begins in the very moment in which the older one is kept."""
    other = make_experiment(program, name="Another")
    kept = older.variants.get(is_control=False)
    race([partial(start_experiment, other), partial(keep_winner, older, kept)])
    return other


def compares_with_what_is_given(experiment):
    """Whether the program still gives what a test that runs compares with; always if none does."""
    given = Program.objects.get().friend_offer_id
    tests = Experiment.objects.filter(pk=experiment.pk, state="running")
    return not tests.exists() or experiment.variants.get(is_control=True).offer_id == given


def test_what_a_test_compares_with_is_not_moved_while_it_begins(program, older, monkeypatch):
    meeting = Meeting(2)
    looks = meeting.after(experiment_end.another_runs)
    monkeypatch.setattr(experiment_end, "another_runs", looks)
    monkeypatch.setattr(experiment_plan, "_write_down", meeting.before(experiment_plan._write_down))
    assert compares_with_what_is_given(begin_and_keep(program, older))


@pytest.mark.needs_database("postgresql")
def test_without_taking_the_program_it_is_moved(program, older, monkeypatch):
    for module in (experiment_end, experiment_plan):
        monkeypatch.setattr(module, "take_program", lambda experiment: None)
    meeting = Meeting(2)
    looks = meeting.after(experiment_end.another_runs)
    monkeypatch.setattr(experiment_end, "another_runs", looks)
    monkeypatch.setattr(experiment_plan, "_write_down", meeting.before(experiment_plan._write_down))
    assert not compares_with_what_is_given(begin_and_keep(program, older))


@pytest.fixture
def counted(monkeypatch):
    """Each count that is made."""
    made = []
    count = experiment_turns.count

    def note(*args):
        made.append(args)
        return count(*args)

    monkeypatch.setattr(experiment_turns, "count", note)
    return made


def test_of_8_workers_one_counts(program, counted):
    run_experiment(program)
    results = race([count_due] * TIMES)
    assert sum(successes(results)) == len(counted) == 1
    assert Experiment.objects.get().counted_until


def test_without_taking_turns_several_count(program, counted, monkeypatch):
    run_experiment(program)
    monkeypatch.setattr(experiment_turns, "_take_turn", experiment_turns._keep)
    race([count_due] * TIMES)
    assert len(counted) > 1


def test_of_workers_who_count_and_who_keeps_the_result_is_one(program):
    """Whoever was first, the count that is kept is not written over."""
    experiment = run_experiment(program, days_ago=30)
    control = experiment.variants.get(is_control=True)
    race([count_due, partial(keep_winner, experiment, control)] * (TIMES // 2))
    kept = Experiment.objects.get()
    assert (kept.state, kept.is_settled, kept.counted_until) == ("ended", True, kept.ends_at)
