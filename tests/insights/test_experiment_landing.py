"""Words that won on the landing page: what an editor took down, or is writing, stays theirs."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.insights.playing import run_experiment
from wagtail_referrals.exceptions import ReferralsError
from wagtail_referrals.insights.experiments import keep_winner, undo_winner
from wagtail_referrals.programs.experiment_models import Experiment, Subject, Variant
from wagtail_referrals.programs.models import Program

pytestmark = pytest.mark.django_db


def words_test(program: Program) -> Experiment:
    variants = [Variant(name="Now", is_control=True), Variant(name="B", heading="Come in")]
    return run_experiment(program, subject=Subject.LANDING, variants=variants)


def keep(experiment: Experiment) -> None:
    keep_winner(experiment, experiment.variants.get(is_control=False))


def take_down(landing: Any) -> None:
    landing.refresh_from_db()
    landing.unpublish()


def expire(landing: Any) -> None:
    landing.expire_at = timezone.now() - timedelta(hours=1)
    landing.expired, landing.live = True, False
    landing.save()


@pytest.mark.parametrize("go", [take_down, expire])
def test_a_page_that_was_taken_down_gets_the_words_as_a_draft(
    program: Program, landing: Any, go: Any
) -> None:
    experiment = words_test(program)
    go(landing)
    keep(experiment)
    landing.refresh_from_db()
    assert not landing.live
    assert landing.get_latest_revision_as_object().friend_heading == "Come in"


def test_going_back_puts_no_page_live_again(program: Program, landing: Any) -> None:
    experiment = words_test(program)
    keep(experiment)
    take_down(landing)
    undo_winner(experiment)
    landing.refresh_from_db()
    assert not landing.live
    assert landing.get_latest_revision_as_object().friend_heading == ""


def test_words_kept_in_a_draft_are_taken_back_from_it(program: Program, landing: Any) -> None:
    experiment = words_test(program)
    take_down(landing)
    keep(experiment)
    undo_winner(experiment)
    landing.refresh_from_db()
    assert landing.get_latest_revision_as_object().friend_heading == ""


def test_a_draft_that_says_something_else_by_now_is_not_taken_back(
    program: Program, landing: Any
) -> None:
    experiment = words_test(program)
    take_down(landing)
    keep(experiment)
    draft = landing.get_latest_revision_as_object()
    draft.friend_heading = "Closed for the winter"
    draft.save_revision()
    with pytest.raises(ReferralsError) as refused:
        undo_winner(experiment)
    assert refused.value.code == "edited_meanwhile"


def drafted(landing: Any) -> Any:
    """What an editor is writing."""
    landing.refresh_from_db()
    return landing.get_latest_revision_as_object()


def write(landing: Any, heading: str) -> None:
    draft = drafted(landing)
    draft.friend_heading = heading
    draft.save_revision()


def test_a_heading_somebody_is_writing_is_not_written_over(program: Program, landing: Any) -> None:
    experiment = words_test(program)
    write(landing, "Mine")
    keep(experiment)
    landing.refresh_from_db()
    assert (landing.friend_heading, drafted(landing).friend_heading) == ("Come in", "Mine")


def test_nor_by_going_back(program: Program, landing: Any) -> None:
    experiment = words_test(program)
    keep(experiment)
    write(landing, "Mine")
    undo_winner(experiment)
    landing.refresh_from_db()
    assert (landing.friend_heading, drafted(landing).friend_heading) == ("", "Mine")


def test_going_back_reaches_a_draft_that_says_what_was_kept(program: Program, landing: Any) -> None:
    experiment = words_test(program)
    keep(experiment)
    draft = drafted(landing)
    draft.thanks_heading = "Not ready"
    draft.save_revision()
    undo_winner(experiment)
    draft = drafted(landing)
    assert (draft.friend_heading, draft.thanks_heading) == ("", "Not ready")
