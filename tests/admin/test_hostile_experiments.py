"""What hostile staff may try with an experiment, and what comes of it."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import IntegrityError, connection, transaction
from django.test import Client

from tests.insights.playing import make_experiment
from wagtail_referrals.insights.experiment_plan import save_plan
from wagtail_referrals.programs.experiment_models import Experiment, Variant
from wagtail_referrals.programs.models import Program

from .conftest import staff
from .test_experiments import HOME, typed

WORDS = {"heading": "Come in", "text": "Try them.", "disclosure": "I get a thank-you, too."}


@pytest.mark.parametrize("subject", ["friend_offer", "landing", "share_text"])
def test_who_may_not_change_what_visitors_see_does_not_by_beginning_a_test(
    django_user_model: Any, program: Program, landing: Any, subject: str
) -> None:
    tester = staff(django_user_model, "tester")
    may = Permission.objects.filter(codename__endswith="_experiment")
    Group.objects.get(name="tester").permissions.add(*may)
    others = [Variant(name="As it is now", is_control=True), Variant(name="B", **WORDS)]
    plan = {"subject": subject, "variants": others if subject != "friend_offer" else None}
    experiment = make_experiment(program, **plan)
    answer = tester.post(f"{HOME}/start/{experiment.pk}/")
    experiment.refresh_from_db()
    assert experiment.state == "draft"
    assert "ask somebody who may" in answer.content.decode()


def test_a_plan_that_could_not_be_stored_is_as_new_as_before(program: Program) -> None:
    plan = Experiment(program=program, name="Test", baseline_percent=10, smallest_percent=5)
    with pytest.raises(IntegrityError), transaction.atomic():
        save_plan(plan, [Variant(name="A", is_control=True), Variant(name="A")])
    assert plan.pk is None


def test_names_that_are_the_same_for_a_database_are_said_beside_the_field(
    owner: Client, program: Program
) -> None:
    sent = typed(program, **{"variants-0-name": "Ás it is now"})
    answer = owner.post(f"{HOME}/create/", sent)
    if connection.vendor == "mysql":
        assert "There is one of this name." in answer.content.decode()
    else:
        assert answer.status_code == 302
