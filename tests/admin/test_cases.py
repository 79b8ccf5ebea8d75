"""Cases on the screen: a reply, a note, another owner, the end, and the report on all of them."""

import csv
import io
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.timezone import get_default_timezone, localdate
from wagtail.users.models import UserProfile

from wagtail_referrals.feedback.case_models import Case, CaseRule
from wagtail_referrals.feedback.cases import close_case
from wagtail_referrals.messages.models import Message

from .conftest import Story

CASES = "/admin/referrals/cases/"


@pytest.fixture
def case(story: Story) -> Case:
    return Case.objects.get()


def test_a_case_is_answered_given_away_and_closed(
    case: Case, clerk: Client, django_user_model: Any
) -> None:
    screen = f"{CASES}inspect/{case.pk}/"
    page = clerk.get(screen).content.decode()
    for action in ("reply", "note", "change", "close"):
        assert f"{CASES}{action}/{case.pk}/" in page
    assert "reopen" not in page and "Longer opening hours" in page
    form = clerk.get(f"{CASES}reply/{case.pk}/").context["form"]
    mail = {"subject": "Sorry", "text": "We are sorry.", "key": form.initial["key"]}
    for _time in range(2):
        assert clerk.post(f"{CASES}reply/{case.pk}/", mail).url == screen  # type: ignore[attr-defined]
    assert Message.objects.filter(kind="case_reply").count() == 1
    assert "We are sorry." in clerk.get(screen).content.decode()
    form = clerk.get(f"{CASES}change/{case.pk}/").context["form"]
    boss = django_user_model.objects.create_superuser("boss", "boss@example.org", "x")
    values = {
        "owner": boss.pk,
        "state": "in_work",
        "due_at": form.initial["due_at"].strftime("%Y-%m-%d %H:%M"),
    }
    assert clerk.post(f"{CASES}change/{case.pk}/", values).url == screen  # type: ignore[attr-defined]
    changed = Case.objects.get()
    assert (changed.owner, changed.state, changed.due_at) == (boss, "in_work", case.due_at)
    assert clerk.post(f"{CASES}close/{case.pk}/", {"reason": ""}).status_code == 200
    assert clerk.post(f"{CASES}close/{case.pk}/", {"reason": "Happy again"}).status_code == 302
    page = clerk.get(screen).content.decode()
    assert "Happy again" in page and f"{CASES}reopen/{case.pk}/" in page
    again = clerk.post(f"{CASES}close/{case.pk}/", {"reason": "x"})
    assert "cannot be done any more" in again.content.decode()


def test_a_reply_asks_for_nothing_that_staff_cannot_fill_in(case: Case, clerk: Client) -> None:
    page = clerk.get(f"{CASES}reply/{case.pk}/").content.decode()
    assert page.count("<label") == 2


def test_whom_it_goes_to_and_what_they_said_stand_beside_it(case: Case, clerk: Client) -> None:
    page = clerk.get(f"{CASES}reply/{case.pk}/").content.decode()
    assert "Ann Advocate, ann@example.org" in page
    assert "Longer opening hours, please" in page
    sent = clerk.post(f"{CASES}reply/{case.pk}/", {"subject": "Sorry", "text": "We are."})
    assert "This field is required." in sent.content.decode()


def test_the_menu_leads_to_what_is_open(case: Case, clerk: Client) -> None:
    assert f"{CASES}?is_open=true" in clerk.get("/admin/").content.decode()
    assert list(clerk.get(f"{CASES}?is_open=true").context["object_list"]) == [case]
    assert list(clerk.get(f"{CASES}?late=true").context["object_list"]) == []
    close_case(case, reason="Done")
    assert list(clerk.get(f"{CASES}?is_open=true").context["object_list"]) == []
    assert list(clerk.get(f"{CASES}?is_open=false").context["object_list"]) == [case]


def rows(client: Client, query: str = "") -> dict[tuple[str, str], list[str]]:
    text = client.get(f"{CASES}report/?export=csv{query}").content.decode()
    return {(line[0], line[1]): line[2:] for line in list(csv.reader(io.StringIO(text)))[1:]}


def test_the_report_counts_what_was_opened_closed_and_in_time(
    case: Case, clerk: Client, django_user_model: Any
) -> None:
    now = timezone.now()
    boss = django_user_model.objects.create_superuser("=boss", "boss@example.org", "x")
    made = [
        # Opened, closed and due so many hours ago.
        (30, 28, 20, boss),
        (30, 10, 20, None),
        (30, None, 20, None),
        (24 * 90, 24 * 89, 24 * 88, None),
    ]
    Case.objects.all().delete()
    for number, (opened, closed, due, owner) in enumerate(made):
        Case.objects.create(
            program=case.program,
            occasion="detractor" if owner else "hand",
            owner=owner,
            state="new" if closed is None else "closed",
            opened_at=now - timedelta(hours=opened),
            closed_at=now - timedelta(hours=closed) if closed is not None else None,
            due_at=now - timedelta(hours=due),
            open_key=None if closed is not None else f"x{number}",
        )
    report = rows(clerk)
    # Opened, closed, average, in time, open now, late now.
    assert report["All", "All cases"] == ["3", "2", "11 hours", "1 (50 %)", "1", "1"]
    assert report["By program", str(case.program)] == report["All", "All cases"]
    assert report["By occasion", "a low score"] == ["1", "1", "2 hours", "1 (100 %)", "0", "0"]
    assert report["By whose it is", "'=boss"][0] == "1"
    assert report["By whose it is", "nobody's"] == ["2", "1", "20 hours", "0 (0 %)", "1", "1"]
    day = (now - timedelta(days=90)).date().isoformat()
    assert rows(clerk, f"&start={day}&end={day}")["All", "All cases"][0] == "1"
    for nonsense in ("&start=x", "&start=0001-01-01&end=9999-12-31", "&end=2001-01-01"):
        assert rows(clerk, nonsense)
    page = clerk.get(f"{CASES}report/").content.decode()
    assert "11 hours" in page


@pytest.mark.parametrize("of_reader", ["Pacific/Auckland", "America/New_York"])
@pytest.mark.parametrize("hour", [0, 23])
def test_its_days_are_the_site_s_whatever_clock_its_reader_has(
    case: Case, owner: Client, django_user_model: Any, settings: Any, of_reader: str, hour: int
) -> None:
    settings.TIME_ZONE = "Asia/Tokyo"
    for user in django_user_model.objects.all():
        UserProfile.objects.update_or_create(user=user, defaults={"current_time_zone": of_reader})
    day = localdate(timezone=get_default_timezone()) - timedelta(days=1)
    opened = datetime.combine(day, time(hour, 30), tzinfo=ZoneInfo("Asia/Tokyo"))
    Case.objects.update(opened_at=opened)
    assert rows(owner, f"&start={day}&end={day}")["All", "All cases"][0] == "1"
    shown = owner.get(f"{CASES}report/").context["form"].initial
    assert (shown["end"], shown["start"]) == (day + timedelta(days=1), day - timedelta(days=28))


def test_a_rule_needs_its_words_and_a_program_one_sees(
    case: Case, owner: Client, story: Story
) -> None:
    add = "/admin/referrals/followup/create/"
    values = {
        "name": "Refunds",
        "program": story.program.pk,
        "occasion": "word",
        "score_at_most": 6,
        "words": "",
        "hours": 8,
        "owner": "",
        "is_active": "on",
    }
    assert "Say which words" in owner.post(add, values).content.decode()
    assert owner.post(add, {**values, "words": "refund"}).status_code == 302
    assert CaseRule.objects.filter(words="refund").count() == 1


def test_working_hours_are_set_with_the_program(story: Story, owner: Client) -> None:
    page = owner.get(f"/admin/referrals/programs/edit/{story.program.pk}/").content.decode()
    assert 'name="working_days"' in page and "Monday" in page
