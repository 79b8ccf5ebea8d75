"""The dashboard says what it counts: to whom, of which days, in one way everywhere."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.utils import timezone
from wagtail.users.models import UserProfile

from tests.fixtures import make_program
from wagtail_referrals.admin.dashboard_words import tile
from wagtail_referrals.admin.nps import verdict
from wagtail_referrals.admin.projection import ProjectionForm, known_of
from wagtail_referrals.events.claim import claim_offer
from wagtail_referrals.feedback.models import FeedbackResponse
from wagtail_referrals.feedback.submit import Answers, submit_feedback
from wagtail_referrals.insights.dashboard import Number, make_dashboard
from wagtail_referrals.insights.goal_models import ChannelCost
from wagtail_referrals.insights.nps import Scores, as_points, compare
from wagtail_referrals.pages.models import FeedbackPage
from wagtail_referrals.referrals.join import join_program
from wagtail_referrals.referrals.models import Referral

from .conftest import Story, open_pages_to, staff

URL = "/admin/referrals/dashboard/"


def may(django_user_model: Any, *codenames: str) -> Client:
    client = staff(django_user_model, "few")
    permissions = Permission.objects.filter(codename__in=codenames)
    assert permissions.count() == len(codenames)
    Group.objects.get(name="few").permissions.add(*permissions)
    return client


@pytest.fixture
def heard(story: Story) -> Story:
    FeedbackResponse.objects.update(heard="A search engine")
    return story


def test_who_may_not_see_feedback_is_not_told_what_it_says(
    heard: Story, owner: Client, django_user_model: Any
) -> None:
    few = may(django_user_model, "view_program")
    for who, is_told in ((owner, True), (few, False)):
        page = who.get(URL)
        assert ("Would they recommend us?" in page.content.decode()) is is_told
        keys = [one.key for one in page.context["headlines"]]
        keys += [one.key for one in page.context["trends"]]
        assert ({"nps", "heard"} <= set(keys)) is is_told
        assert bool({"nps", "heard"} & set(keys)) is is_told


def test_nor_in_a_spreadsheet(heard: Story, owner: Client, django_user_model: Any) -> None:
    few = may(django_user_model, "view_program")
    for who, is_told in ((owner, True), (few, False)):
        sheet = who.get(URL, {"export": "csv"}).content.decode()
        assert ("NPS" in sheet) is is_told
        assert ("A search engine" in sheet) is is_told


def told_of_answers(client: Client, **asked: Any) -> bool:
    dashboard = client.get(URL, asked).context["dashboard"]
    keys = {one.key for one in (*dashboard.headlines, *dashboard.charts)}
    sheet = client.get(URL, {**asked, "export": "csv"}).content.decode()
    told = {dashboard.nps is not None, bool(keys & {"nps", "heard"}), "A search engine" in sheet}
    assert len(told) == 1, "the screen and its spreadsheet tell the same"
    return told.pop()


def test_who_may_not_open_its_form_s_page_is_not_told_either(
    heard: Story, django_user_model: Any
) -> None:
    few = may(django_user_model, "view_program", "view_feedbackresponse")
    assert not told_of_answers(few)


def test_who_may_open_every_form_s_page_is_told(heard: Story, django_user_model: Any) -> None:
    few = may(django_user_model, "view_program", "view_feedbackresponse")
    open_pages_to(Group.objects.get(name="few"), heard.feedback_page)
    assert told_of_answers(few)


def test_one_s_own_program_is_told_of_beside_one_with_other_people_s_pages(
    heard: Story, django_user_model: Any
) -> None:
    other = make_program("others")
    theirs = FeedbackPage(title="Theirs", program=other)
    heard.landing.get_parent().add_child(instance=theirs)
    submit_feedback(theirs, other, Answers("uli@example.org", score=2, heard="A search engine"))
    few = may(django_user_model, "view_program", "view_feedbackresponse")
    open_pages_to(Group.objects.get(name="few"), heard.feedback_page)
    assert told_of_answers(few, program=heard.program.pk)
    assert not told_of_answers(few)


def newspaper(client: Client) -> tuple[list[Any], list[str]]:
    """The channel's row of the screen, and its values in the spreadsheet."""
    shown = client.get(URL).context["costs"]
    [row] = [list(row[1:]) for row in shown if row[0] == "Newspaper"]
    lines = csv.reader(StringIO(client.get(URL, {"export": "csv"}).content.decode()))
    return row, [line[3] for line in lines if line[1] == "Newspaper"]


def test_nor_whom_a_channel_won_by_what_they_said(
    story: Story, owner: Client, django_user_model: Any
) -> None:
    FeedbackResponse.objects.update(heard="Newspaper")
    few = may(django_user_model, "view_program")
    (_cost, customers, each, why), values = newspaper(owner)
    assert (customers, each, why) == ("1", "€120", "")
    assert values == ["120.00", "1.00", "120.00"]
    (_cost, customers, each, why), values = newspaper(few)
    assert (customers, each) == ("not enough", "not enough")
    assert "which you may not all see" in why
    assert values == ["120.00", "", ""]


def test_but_customers_that_were_entered_are_told(story: Story, django_user_model: Any) -> None:
    ChannelCost.objects.update(customers=3)
    row, values = newspaper(may(django_user_model, "view_program"))
    assert row[1:] == ["3", "€40", ""]
    assert values == ["120.00", "3.00", "40.00"]


def test_the_example_is_whole_for_who_may_see_feedback_only(
    owner: Client, django_user_model: Any
) -> None:
    few = may(django_user_model, "view_program")
    told = [who.get(URL, {"example": "1"}).context["dashboard"].nps for who in (owner, few)]
    assert told[0] and told[1] is None


def test_the_screen_names_the_days_it_counts(story: Story, owner: Client) -> None:
    today = timezone.localdate()
    asked = {"start": "2001-01-01", "end": today.isoformat()}
    page = owner.get(URL, asked)
    first, last = page.context["dashboard"].days
    assert (last - first).days < 3660 and last == today
    said = page.content.decode()
    assert f"start={first}&amp;end={last}" in said and "2001 to" not in said
    assert "the last ten years are shown" in said
    file = owner.get(URL, {**asked, "export": "csv"})["Content-Disposition"]
    assert f"referrals-{first}-{last}" in file


def test_of_ten_years_nothing_is_left_out_and_nothing_said(story: Story, owner: Client) -> None:
    start = (timezone.localdate() - timedelta(days=3659)).isoformat()
    assert "ten years" not in owner.get(URL, {"start": start}).content.decode()


@pytest.mark.parametrize("of_reader", ["Pacific/Auckland", "America/New_York"])
@pytest.mark.parametrize("at", [time(0, 30), time(23, 30)])
def test_a_number_leads_to_its_rows_whatever_clock_its_reader_has(
    story: Story, owner: Client, django_user_model: Any, of_reader: str, at: time
) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    Referral.objects.update(claimed_at=datetime.combine(yesterday, at, tzinfo=UTC))
    for user in django_user_model.objects.all():
        UserProfile.objects.update_or_create(user=user, defaults={"current_time_zone": of_reader})
    day = yesterday.isoformat()
    page = owner.get(URL, {"start": day, "end": day})
    keys = [step.key for step in page.context["dashboard"].funnel]
    claimed = page.context["funnel"][keys.index("claimed")]
    assert claimed.count == "1"
    assert len(owner.get(claimed.url).context["object_list"]) == 1


@pytest.mark.parametrize("count", [1, 2, 3])
def test_of_some_of_many_programs_a_number_leads_to_their_rows_only(
    story: Story, owner: Client, count: int
) -> None:
    programs = [story.program, make_program("others"), make_program("thirds")]
    for program in programs[1:]:
        answers = Answers(f"{program.slug}@example.org", score=1)
        person = submit_feedback(story.feedback_page, program, answers).response.person
        claim_offer(join_program(program, person), email=f"friend-of-{program.slug}@example.org")
    # Said to no program: no number counts it.
    FeedbackResponse.objects.create(page_id=story.feedback_page.pk, form_data={})
    context = owner.get(URL, {"program": [one.pk for one in programs[:count]]}).context
    steps = zip(context["dashboard"].funnel, context["funnel"], strict=True)
    followed = {step.key: (step.count, shown.url) for step, shown in steps if shown.url}
    listed = {
        key: len(owner.get(url).context["object_list"]) for key, (_count, url) in followed.items()
    }
    assert listed == {key: counted for key, (counted, _url) in followed.items()}
    assert listed["answered"] == listed["claimed"] == count


def test_the_nps_leads_to_the_report_on_the_same_answers(story: Story, owner: Client) -> None:
    programs = [story.program, make_program("others"), make_program("thirds")]
    for number, program in enumerate(programs):
        submit_feedback(story.feedback_page, program, Answers(f"{number}@example.org", score=1))
    one, two, every = ([program.pk for program in programs[:count]] for count in (1, 2, 3))
    for chosen in (one, every, []):
        context = owner.get(URL, {"program": chosen}).context
        report = owner.get(context["nps_url"]).context["report"]
        assert report.whole == context["dashboard"].nps
        assert report.whole.total == (2 if chosen == one else 4)
    # The report is of one program or of all.
    assert not owner.get(URL, {"program": two}).context["nps_url"]


@pytest.mark.parametrize("action", ["add", "delete"])
def test_who_may_only_add_or_delete_is_told_nothing_that_takes_looking(
    heard: Story, django_user_model: Any, action: str
) -> None:
    models = ["feedbackresponse", "partner", "advocate", "customervalue", "referral", "ask"]
    few = may(django_user_model, "view_program", *(f"{action}_{model}" for model in models))
    open_pages_to(Group.objects.get(name="few"))
    context = few.get(URL, {"split": "partner"}).context
    assert context["dashboard"].splits[0].dimension == "channel"
    assert context["dashboard"].nps is None
    assert not context["others"]
    assert not context["nps_url"]
    assert not any(step.url for step in context["funnel"])


def test_the_menu_the_home_page_and_the_screen_ask_the_same(
    story: Story, django_user_model: Any
) -> None:
    client = may(django_user_model, "delete_program")
    home = client.get("/admin/").content.decode()
    assert client.get(URL).status_code == 302
    assert URL not in home
    Group.objects.get(name="few").permissions.add(Permission.objects.get(codename="view_program"))
    assert client.get(URL).status_code == 200
    assert URL in client.get("/admin/").content.decode()


def scores(**counts: int) -> Scores:
    return Scores(tuple(counts.get(f"of_{score}", 0) for score in range(11)))


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        # 28.5 and 12.5 and their like: halves go up, of tenths as a spreadsheet has them.
        (scores(of_10=57, of_8=143), "29"),
        (scores(of_10=1, of_8=7), "13"),
        (scores(of_0=1, of_8=7), "-13"),
        (scores(of_10=1, of_8=2), "33"),
        (scores(of_8=1), "0"),
    ],
)
def test_a_score_is_the_same_in_its_tile_and_its_section(given: Scores, shown: str) -> None:
    number = Number("nps", "NPS", as_points(given.nps))
    assert tile(number).value.replace("\u2212", "-") == shown == str(given.points)


def test_two_scores_differ_by_what_is_shown_of_them() -> None:
    # 28.4 and 32.6.
    one, other = scores(of_10=284, of_8=716), scores(of_10=326, of_8=674)
    assert (one.points, other.points) == (28, 33)
    assert "5 points higher" in str(verdict(compare(other, one)))


def test_what_is_known_begins_within_its_slider(story: Story) -> None:
    """Bo bought some hours after Ann had joined."""
    today = timezone.localdate()
    known = known_of(make_dashboard([story.program], today - timedelta(days=6), today))
    assert known["cycle"] == Decimal(1)
    assert not ProjectionForm({}, known).errors


def test_a_day_has_the_name_it_is_asked_by(story: Story) -> None:
    day = date(2026, 2, 1)
    assert make_dashboard([story.program], day, day).days == (day, day)
