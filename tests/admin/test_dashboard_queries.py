"""The dashboard asks the database 25 times at most, whoever looks at whatever."""

from datetime import timedelta
from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from tests.fixtures import make_program
from tests.insights.playing import make_experiment
from tests.test_query_counts import at_most
from wagtail_referrals.feedback.submit import Answers, submit_feedback
from wagtail_referrals.insights.experiment_plan import start_experiment
from wagtail_referrals.insights.goal_models import ChannelCost
from wagtail_referrals.insights.keeping import update_rollups
from wagtail_referrals.insights.models import ChangedDay
from wagtail_referrals.insights.tallies import note_changed, update_tallies
from wagtail_referrals.programs.models import Program

from .conftest import Story

URL = "/admin/referrals/dashboard/"
MOST = 25


@pytest.fixture
def much(story: Story) -> Program:
    """Two programs with budgets, costs partly outside any period, three changed days of answers."""
    today = timezone.localdate()
    other = make_program("others", name="Others")
    Program.objects.update(budget_amount=Decimal(500))
    for number, program in enumerate((story.program, other)):
        ChannelCost.objects.create(
            program=program,
            channel="A search",
            starts_on=today - timedelta(days=500 + number),
            ends_on=today - timedelta(days=1 + number),
            cost=Decimal(90),
        )
    for days in (9, 7, 5):
        at = timezone.now() - timedelta(days=days)
        answers = Answers(f"{days}@example.org", score=days, heard="A search")
        submit_feedback(story.feedback_page, story.program, answers, at=at)
    update_rollups()
    update_tallies()
    note_changed(today - timedelta(days=days) for days in (9, 7, 5))
    assert ChangedDay.objects.count() == 3
    return other


def test_in_the_worst_case(much: Program, owner: Client) -> None:
    owner.get(URL)
    for period, split in product(("today", "30", "90", "12m"), ("page", "offer", "partner")):
        with at_most(MOST):
            context = owner.get(URL, {"period": period, "split": split}).context
        assert len(context["chosen"]) == 2
        assert context["dashboard"].splits[0].dimension == split


@pytest.mark.parametrize("who", ["viewer", "clerk"])
def test_for_staff_some_of_whose_programs_are_other_groups_own(
    much: Program, who: str, request: pytest.FixtureRequest
) -> None:
    looking: Client = request.getfixturevalue(who)
    much.groups.add(Group.objects.create(name="Harbour team"))
    asked = {"period": "12m", "split": "partner"}
    looking.get(URL, asked)
    with at_most(MOST):
        assert len(looking.get(URL, asked).context["dashboard"].programs) == 1


def test_before_anything_was_counted(story: Story, owner: Client) -> None:
    owner.get(URL)
    with at_most(MOST):
        owner.get(URL, {"period": "12m", "split": "page"})


@pytest.mark.parametrize("has_program", [False, True])
def test_on_a_new_site(owner: Client, db: Any, has_program: bool) -> None:
    if has_program:
        make_program()
    owner.get(URL)
    with at_most(MOST):
        assert owner.get(URL).context["to_do"]


def test_a_running_test_of_offers_costs_no_query_more(story: Story, owner: Client) -> None:
    start_experiment(make_experiment(story.program))
    asked = {"split": "offer"}
    owner.get(URL, asked)
    with at_most(MOST):
        page = owner.get(URL, asked).content.decode()
    assert "to look early" in page
    assert "to look early" not in owner.get(URL).content.decode()
