"""The goal and the costs of other channels: what an owner enters, and what is refused."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client

from wagtail_referrals.insights.champion_models import ValueSettings
from wagtail_referrals.insights.goal_models import ChannelCost, Goal

from .conftest import Story, staff

COST = {
    "channel": "Search engine",
    "starts_on": "2026-01-01",
    "ends_on": "2026-01-31",
    "cost": "200.00",
    "customers": "",
}


def test_the_goal_is_entered_once_a_program(story: Story, owner: Client) -> None:
    Goal.objects.all().delete()
    data = {"program": story.program.pk, "referred_percent": 40}
    assert owner.post("/admin/referrals/goals/create/", data).status_code == 302
    page = owner.post("/admin/referrals/goals/create/", data).content.decode()
    assert "This program has one already" in page
    goal = Goal.objects.get()
    assert f'<a href="/admin/referrals/goals/edit/{goal.pk}/">Change that one</a>' in page
    assert goal.referred_percent == 40


def test_a_goal_that_is_changed_is_not_in_its_own_way(story: Story, owner: Client) -> None:
    Goal.objects.all().delete()
    goal = Goal.objects.create(program=story.program, referred_percent=40)
    data = {"program": story.program.pk, "referred_percent": 50}
    assert owner.post(f"/admin/referrals/goals/edit/{goal.pk}/", data).status_code == 302
    goal.refresh_from_db()
    assert goal.referred_percent == 50


def test_who_may_not_change_the_goal_there_is_is_not_led_to_it(
    story: Story, django_user_model: Any
) -> None:
    Goal.objects.all().delete()
    Goal.objects.create(program=story.program, referred_percent=40)
    adder = staff(django_user_model, "adder")
    Group.objects.get(name="adder").permissions.add(Permission.objects.get(codename="add_goal"))
    data = {"program": story.program.pk, "referred_percent": 50}
    page = adder.post("/admin/referrals/goals/create/", data).content.decode()
    assert "This program has one already" in page
    assert "Change that one" not in page


def test_the_margin_is_entered_once_a_program(story: Story, owner: Client) -> None:
    ValueSettings.objects.all().delete()
    there = ValueSettings.objects.create(program=story.program, margin_percent=40)
    page = owner.post("/admin/referrals/values/create/", {"program": story.program.pk})
    assert f"/admin/referrals/values/edit/{there.pk}/" in page.content.decode()


@pytest.mark.parametrize("percent", ["0", "101", "-1", "x", "9" * 30])
def test_a_goal_is_a_percentage(story: Story, owner: Client, percent: str) -> None:
    Goal.objects.all().delete()
    data = {"program": story.program.pk, "referred_percent": percent}
    assert owner.post("/admin/referrals/goals/create/", data).status_code == 200
    assert not Goal.objects.exists()


def test_a_cost_is_entered_and_listed_with_its_currency(story: Story, owner: Client) -> None:
    data = {**COST, "program": story.program.pk}
    assert owner.post("/admin/referrals/costs/create/", data).status_code == 302
    assert "€200" in owner.get("/admin/referrals/costs/").content.decode()


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"ends_on": "2025-12-31"}, "The end has to be on the first day or after it."),
        ({"ends_on": "2099-12-31"}, "ten years at most"),
        ({"cost": "-1"}, "greater than or equal to 0"),
        ({"channel": "  "}, "This field is required."),
        ({"starts_on": "soon"}, "Enter a valid date."),
    ],
)
def test_what_is_wrong_is_said_beside_the_field(
    story: Story, owner: Client, values: dict[str, str], words: str
) -> None:
    data = {**COST, "program": story.program.pk, **values}
    page = owner.post("/admin/referrals/costs/create/", data)
    assert page.status_code == 200
    assert words in page.content.decode()
    assert ChannelCost.objects.count() == 1


def test_another_group_s_program_cannot_be_chosen(story: Story, django_user_model: object) -> None:
    from django.contrib.auth.models import Group

    from .conftest import staff

    client = staff(django_user_model, "editor", ("view", "add", "change"))
    story.program.groups.add(Group.objects.create(name="Harbour team"))
    data = {**COST, "program": story.program.pk}
    assert client.post("/admin/referrals/costs/create/", data).status_code == 200
    assert ChannelCost.objects.count() == 1
