"""The screen of the leaderboards: to whom, and what it survives."""

import csv
from io import BytesIO, StringIO
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client
from openpyxl import load_workbook

from wagtail_referrals.insights.leaders import BOARDS, MEASURES
from wagtail_referrals.insights.reach import update_reach

from .conftest import Story, staff

URL = "/admin/referrals/leaders/"


def text(response: Any) -> str:
    assert response.status_code == 200
    return response.content.decode()


def test_without_a_program_it_says_what_comes_first(owner: Client) -> None:
    assert "set one up first" in text(owner.get(URL))


def test_it_leads_to_each_advocate(story: Story, owner: Client) -> None:
    page = text(owner.get(URL))
    assert f"/admin/referrals/advocates/inspect/{story.advocate.pk}/" in page
    assert "Ann Advocate" in page


@pytest.mark.parametrize("period", ["month", "year", "30", "90", "all"])
def test_every_board_is_shown_for_every_time(story: Story, owner: Client, period: str) -> None:
    update_reach()
    for board in BOARDS:
        for measure in MEASURES:
            asked = {"board": board, "measure": measure, "period": period}
            assert not owner.get(URL, asked).context["form"].errors, asked


def test_days_of_one_s_own_are_enough(story: Story, owner: Client) -> None:
    bought = story.purchase.occurred_at.date()
    shown = owner.get(URL, {"start": bought.isoformat()})
    assert [line.name for line in shown.context["lines"]] == ["Ann Advocate"]
    assert not owner.get(URL, {"end": "2001-01-01"}).context["lines"]


def test_own_days_without_a_day_are_asked_for(story: Story, owner: Client) -> None:
    page = owner.get(URL, {"period": "own"})
    assert "Say from which day on" in text(page)
    assert page.context["lines"]


@pytest.mark.parametrize(
    "asked",
    [
        {"program": "999"},
        {"program": "99999999999999999999999"},
        {"program": "abc", "board": "x", "measure": "\x00", "period": "1"},
        {"currency": "XXX", "measure": "revenue"},
        {"start": "0001-01-01", "end": "9999-12-31"},
        {"start": "0001-01-01", "end": "0001-01-01"},
        {"start": "2026-05-02", "end": "2026-05-01"},
        {"start": "x", "end": "\x00", "period": "own"},
        {"export": "pdf", "utm_source": "mail"},
    ],
)
def test_any_question_is_survived(story: Story, owner: Client, asked: dict[str, str]) -> None:
    assert owner.get(URL, asked).status_code == 200
    for kind in ("csv", "xlsx"):
        assert owner.get(URL, {**asked, "export": kind}).status_code == 200


def test_the_spreadsheets_say_what_the_screen_says(story: Story, owner: Client) -> None:
    asked = {"measure": "revenue", "period": "30"}
    [line] = owner.get(URL, asked).context["lines"]
    assert (line.name, line.cells) == ("Ann Advocate", ["€49.90"])
    answer = owner.get(URL, {**asked, "export": "csv"}).content.decode()
    assert list(csv.reader(StringIO(answer)))[1] == ["1", "Ann Advocate", "49.90", "EUR"]
    book = load_workbook(BytesIO(owner.get(URL, {**asked, "export": "xlsx"}).content))
    assert [cell.value for cell in book.active[2]] == [1, "Ann Advocate", 49.9, "EUR"]


def test_a_name_is_no_formula(story: Story, owner: Client) -> None:
    person = story.advocate.person
    person.name = "=1+1"
    person.save()
    answer = owner.get(URL, {"export": "csv"}).content.decode()
    assert list(csv.reader(StringIO(answer)))[1][1] == "'=1+1"


def test_who_does_not_see_the_program_sees_no_board_of_it(story: Story, viewer: Client) -> None:
    assert "Ann Advocate" in text(viewer.get(URL))
    story.program.groups.add(Group.objects.create(name="Others"))
    page = text(viewer.get(URL, {"program": story.program.pk}))
    assert "Ann Advocate" not in page
    assert story.program.name not in page


def test_only_who_may_see_advocates_opens_it(story: Story, stranger: Client) -> None:
    assert stranger.get(URL).status_code == 302
    assert URL not in stranger.get("/admin/").content.decode()


def test_it_costs_the_same_however_many_are_on_it(
    story: Story, owner: Client, django_assert_max_num_queries: Any
) -> None:
    owner.get(URL)
    with django_assert_max_num_queries(16):
        owner.get(URL)


@pytest.mark.parametrize("of_partners", [[], ["add_partner", "delete_partner"]])
def test_who_may_not_see_partners_has_no_board_of_them(
    story: Story, owner: Client, django_user_model: Any, of_partners: list[str]
) -> None:
    few = staff(django_user_model, "few")
    may = Permission.objects.filter(codename__in=["view_advocate", *of_partners])
    Group.objects.get(name="few").permissions.add(*may)
    asked = {"board": "partners", "measure": "claims"}
    assert "board" in few.get(URL, asked).context["form"].errors
    assert few.get(URL, asked).context["what"] != owner.get(URL, asked).context["what"]
