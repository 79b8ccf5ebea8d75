"""The dashboard: any question is answered, by who may ask, with the same numbers everywhere."""

import csv
import re
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from wagtail_referrals.admin.dashboard_words import compare, tile, write
from wagtail_referrals.admin.first_steps import first_steps
from wagtail_referrals.insights.dashboard import Number
from wagtail_referrals.insights.keeping import update_rollups
from wagtail_referrals.insights.rollup_models import RollupState
from wagtail_referrals.programs.models import Program
from wagtail_referrals.rewards.issue import issue_due_rewards
from wagtail_referrals.rewards.models import Reward, RewardEntry

from .conftest import Story, staff

URL = "/admin/referrals/dashboard/"


def test_the_example_is_labelled_in_every_section_and_stores_nothing(owner: Client) -> None:
    page = owner.get(URL, {"example": "1"}).content.decode()
    assert page.count("invented numbers") == page.count('<section class="referrals-section"') == 8
    assert not Program.objects.exists()


def test_a_new_site_is_told_what_to_do_first(owner: Client) -> None:
    response = owner.get(URL)
    assert [step.is_done for step in response.context["to_do"]] == [False] * 6
    page = response.content.decode()
    # A program chooses its offers, so they come before it.
    assert page.index("Say what advocates and friends get") < page.index("Set up a program")
    assert "?example=1" in page


def test_what_is_done_is_ticked(story: Story, django_user_model: Any) -> None:
    user = django_user_model.objects.create_superuser("one", "one@example.org", "x")
    before = [step.is_done for step in first_steps(user, [story.program])]
    update_rollups()
    after = [step.is_done for step in first_steps(user, [story.program])]
    assert (before, after) == ([True] * 4 + [False, True], [True] * 6)


def test_steps_that_are_open_are_told_beside_the_first_numbers(story: Story, owner: Client) -> None:
    response = owner.get(URL)
    assert not response.context["is_empty"]
    assert "1 first step is still open" in response.content.decode()
    update_rollups()
    assert "still open" not in owner.get(URL).content.decode()


def test_open_steps_are_not_told_beside_numbers_to_who_may_do_nothing_about_them(
    story: Story, viewer: Client
) -> None:
    assert "still open" not in viewer.get(URL).content.decode()


def test_only_who_may_add_a_goal_is_asked_to_set_one(
    story: Story, owner: Client, viewer: Client
) -> None:
    assert "Set a goal" in owner.get(URL).content.decode()
    page = viewer.get(URL).content.decode()
    assert "See goals" in page and "See what other channels cost" in page
    assert "Set a goal" not in page and "Enter what other channels cost" not in page


def test_that_nothing_due_has_run_for_days_is_told(story: Story, owner: Client) -> None:
    update_rollups()
    RollupState.objects.update(run_at=timezone.now() - timedelta(days=3, hours=1))
    page = owner.get(URL).content.decode()
    assert "It has not run for 3 days" in page
    assert "Run what is due" in page


HOSTILE = [
    "period=7&start=abc",
    "period=own",
    "period=own&start=0001-01-01&end=9999-12-31",
    "start=2026-02-30",
    "start=2020-02-01&end=2019-01-01",
    "period=xyz&split=abc",
    "program=999999999999999999999999",
    "program=%00&site=abc",
    "program=1&program=1&program=abc",
    "site=99999999999999999999",
    "utm_source=x",
    "export=pdf",
    "example=2",
    "example=1&program=abc&split=%00&export=",
    "advocates=-1&share=NaN&conversion=1e400&joining=Infinity&cycle=0",
    "part=projection",
    "part=projection&advocates=100&share=abc&conversion=1&joining=2&cycle=3",
    "part=projection&advocates=99999999999999999999&share=20&conversion=100&joining=9&cycle=1",
]


def test_any_query_is_survived(story: Story, owner: Client) -> None:
    for query in HOSTILE:
        response = owner.get(f"{URL}?{query}")
        assert response.status_code == 200, query
        assert not re.search(r">\s*(NaN|Infinity|None)\b", response.content.decode()), query


@pytest.mark.parametrize(
    ("asked", "field", "said"),
    [
        ({"end": "2026-02-01"}, "start", "Say from which day."),
        ({"start": "2999-01-01"}, "start", "not in the future"),
        ({"start": "1999-12-31"}, "start", "after 1999"),
        ({"start": "2026-02-03", "end": "2026-02-01"}, "end", "after the first one"),
        ({"start": "2026-02-30"}, "start", "Enter a valid date"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_counts_for_nothing(
    owner: Client, story: Story, asked: dict[str, str], field: str, said: str
) -> None:
    form = owner.get(URL, asked).context["form"]
    assert said in str(form.errors[field])
    first, last = form.days
    assert (last - first).days == 29


def test_a_score_moves_by_the_points_that_are_shown() -> None:
    shown = tile(Number("nps", "NPS", Decimal("28.6"), Decimal("11.1")))
    assert (shown.value, shown.before, shown.change.words) == ("29", "11", "18 points more")


def test_days_of_one_s_own_come_before_a_usual_period(owner: Client, story: Story) -> None:
    asked = {"period": "7", "start": "2026-02-01", "end": "2026-02-03"}
    assert owner.get(URL, asked).context["form"].days == (date(2026, 2, 1), date(2026, 2, 3))


def test_every_step_leads_to_as_many_rows_as_it_counts(story: Story, owner: Client) -> None:
    Reward.objects.update(hold_until=timezone.now())
    issue_due_rewards()
    response = owner.get(URL, {"period": "7"})
    steps = {step.key: step for step in response.context["dashboard"].funnel}
    led = dict(zip(steps, response.context["funnel"], strict=True))
    followed = {key for key, step in led.items() if step.url}
    assert followed == {
        "asked",
        "answered",
        "claimed",
        "lead",
        "qualified",
        "converted",
        "rewarded",
    }
    for key in followed:
        rows = owner.get(led[key].url).context["object_list"]
        assert len(rows) == steps[key].count, key
    assert steps["converted"].count == steps["rewarded"].count == 1


def test_of_a_friend_two_rewards_were_given_for_only_the_first_is_in_the_list(
    story: Story, owner: Client
) -> None:
    reward, days = story.reward, timedelta(days=3)
    for at in (timezone.now() - days, timezone.now()):
        RewardEntry.objects.create(reward=reward, kind="issued", actor="system", created_at=at)
    last = timezone.localdate()
    for day, rows in ((last, 0), (last - days, 1)):
        asked = {"rewarded_from": day.isoformat(), "rewarded_to": day.isoformat()}
        found = owner.get("/admin/referrals/referrals/", asked).context["object_list"]
        assert len(found) == rows


def test_nothing_leads_where_one_may_not_go(story: Story, django_user_model: Any) -> None:
    client = may_view("program", django_user_model)
    assert not any(step.url for step in client.get(URL).context["funnel"])


def may_view(model: str, django_user_model: Any) -> Client:
    client = staff(django_user_model, "one")
    codename = f"view_{model}"
    Group.objects.get(name="one").permissions.add(Permission.objects.get(codename=codename))
    return client


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_spreadsheet_has_every_number_of_the_screen(
    story: Story, owner: Client, kind: str
) -> None:
    Program.objects.update(name="=1+1")
    asked = {"period": "7", "split": "offer"}
    dashboard = owner.get(URL, asked).context["dashboard"]
    response = owner.get(URL, {**asked, "export": kind})
    if kind == "csv":
        rows = list(csv.reader(StringIO(response.content.decode())))
    else:
        sheet = load_workbook(BytesIO(response.content)).active
        assert sheet is not None
        rows = [["" if cell is None else str(cell) for cell in row] for row in sheet.values]
    found = {tuple(row[:3]): row[3] for row in rows}
    assert [row[2] for row in rows[1:5]] == ["program", "first day", "last day", "time zone"]
    for step in dashboard.funnel:
        assert found["Funnel", str(step.label), "now"] == str(step.count)
    for number in (*dashboard.headlines, *dashboard.money, *dashboard.growth):
        values = [row[3] for row in rows if row[2] == str(number.label) and row[1] == "now"]
        assert number.value in [Decimal(value) if value else None for value in values], number
    assert not [cell for row in rows for cell in row if cell.startswith("=")]


def test_it_costs_few_queries_however_much_happened(
    story: Story, owner: Client, django_assert_max_num_queries: Any
) -> None:
    update_rollups()
    owner.get(URL)
    # Nine of them are Wagtail's: who asks, and what their menu has.
    with django_assert_max_num_queries(25):
        owner.get(URL)


def test_a_group_s_program_is_in_nobody_else_s_numbers(
    story: Story, viewer: Client, owner: Client
) -> None:
    story.program.groups.add(Group.objects.create(name="Harbour team"))
    key = str(story.program.pk)
    for asked in ({}, {"program": key}, {"export": "csv"}):
        page = viewer.get(URL, asked).content.decode()
        assert story.program.name not in page
        assert "49.9" not in page
    assert viewer.get(URL, {"program": key}).context["chosen"] == []
    assert owner.get(URL, {"program": key}).context["dashboard"].funnel[-2].count == 1


def test_the_home_page_tells_the_last_thirty_days_to_who_may_know(
    story: Story, owner: Client, stranger: Client
) -> None:
    heading = "Recommendations, the last 30 days"
    page = owner.get("/admin/").content.decode()
    assert heading in page
    assert "Nothing happened" not in page
    assert "/admin/referrals/dashboard/" in page
    assert heading not in stranger.get("/admin/").content.decode()


def test_the_home_page_says_that_rewards_wait_for_approval(
    story: Story, owner: Client, django_user_model: Any
) -> None:
    assert "for approval" not in owner.get("/admin/").content.decode()
    Reward.objects.filter(pk=story.reward.pk).update(state="held")
    assert "1 reward waits for approval" in owner.get("/admin/").content.decode()
    few = staff(django_user_model, "few")
    group = Group.objects.get(name="few")
    group.permissions.add(Permission.objects.get(codename="view_program"))
    page = few.get("/admin/").content.decode()
    assert "the last 30 days" in page
    assert "for approval" not in page


def test_of_one_answer_it_is_said_why_the_score_lies_outside(story: Story, owner: Client) -> None:
    response = owner.get(URL)
    assert response.context["dashboard"].nps.total == 1
    assert "so few answers that the score lies outside" in str(response.context["headlines"])
    assert "The score itself lies outside" in response.content.decode()


def test_how_a_number_comes_about_reads_the_same_for_one_and_many(
    story: Story, owner: Client
) -> None:
    said = [tile.how for tile in owner.get(URL).context["growth"]]
    assert "Friends who bought ÷ shares: 1 ÷ 0" in said
    told = [tile.how for tile in owner.get(URL, {"example": "1"}).context["growth"]]
    assert "Advocates ÷ customers: 168 ÷ 1,200" in told


@pytest.mark.parametrize(("unit", "said"), [("count", "−1,200"), ("money", "−€1,200")])
def test_a_number_below_nothing_has_a_minus_sign(unit: str, said: str) -> None:
    assert write(Decimal(-1200), unit, "EUR") == said


def test_one_answer_is_called_one(story: Story, owner: Client) -> None:
    told = str([number.how for number in owner.get(URL).context["dashboard"].headlines])
    assert "1 answer;" in told


def test_where_nothing_happened_the_home_page_shows_no_zeros(owner: Client, program: Any) -> None:
    page = owner.get("/admin/").content.decode()
    assert "Nothing happened in these days" in page
    assert "as before" not in page


def test_without_a_program_there_is_nothing_on_the_home_page(owner: Client) -> None:
    assert "the last 30 days" not in owner.get("/admin/").content.decode()


@pytest.mark.parametrize(
    ("value", "before", "unit", "said"),
    [
        (12, 10, "count", "▲ 20 % more"),
        (5, 10, "money", "▼ 50 % less"),
        (Decimal("31.5"), Decimal("30.0"), "percent", "▲ 1.5 points more"),
        (3, 0, "count", "▲ more than before"),
        (-3, 0, "money", "▼ less than before"),
        (7, 7, "days", "= as before"),
        (7, None, "count", ""),
        (None, 7, "count", ""),
    ],
)
def test_a_change_is_told_in_words_and_not_by_its_colour(
    value: Any, before: Any, unit: str, said: str
) -> None:
    change = compare(value, before, unit)
    assert f"{change.arrow} {change.words}".strip() == said


def test_who_may_not_see_partners_is_not_told_their_names(
    story: Story, owner: Client, django_user_model: Any
) -> None:
    few = staff(django_user_model, "few")
    may = Permission.objects.get(codename="view_program")
    Group.objects.get(name="few").permissions.add(may)
    shown = [who.get(URL, {"split": "partner"}).context for who in (owner, few)]
    assert [one["dashboard"].splits[0].dimension for one in shown] == ["partner", "channel"]
    assert not any("partner" in query for _label, query, _is_shown in shown[1]["dimensions"])
