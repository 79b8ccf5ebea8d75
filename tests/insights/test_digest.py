"""The owner's summary of the week: what happened in it, once, and nothing else."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.fixtures import make_program
from tests.rewards.buying import buy, issue_all
from wagtail_referrals.events.claim import claim_offer
from wagtail_referrals.feedback.submit import Answers, submit_feedback
from wagtail_referrals.insights.clock import midnight
from wagtail_referrals.insights.digest import make_digests, week_of
from wagtail_referrals.messages.models import Message
from wagtail_referrals.programs.models import Program
from wagtail_referrals.referrals.clicks import record_click

WEEK = timedelta(days=7)


def next_monday() -> datetime:
    """Monday at eight, of the week after this one."""
    today = timezone.localdate()
    return midnight(today - timedelta(days=today.weekday()) + WEEK) + timedelta(hours=8)


@pytest.fixture
def program(db: None) -> Program:
    return make_program(notify_email="owner@example.org", starts_at=timezone.now() - 5 * WEEK)


def digests() -> list[Message]:
    return list(Message.objects.filter(kind="digest").order_by("pk"))


def lines() -> str:
    (mail,) = digests()
    return "\n".join(line["text"] for line in mail.context["lines"])


def test_on_monday_morning_the_owner_hears_of_the_week(advocate, feedback_page):
    record_click(advocate.pk, "visitor")
    claim_offer(advocate, email="bo@example.org")
    buy(advocate, "1")
    submit_feedback(feedback_page, advocate.program, Answers("cy@example.org", score=9))
    assert make_digests(at=next_monday()) == 1
    words = lines()
    assert "Links: 0 shared, 1 opened" in words
    # By the page, and by a code at the till: as the dashboard counts them.
    assert "claimed the offer: 2" in words
    assert "Purchases by friends: 1 (€50)" in words
    assert "wait now: 1 (€10)" in words
    assert "1 answer to your forms; NPS +100, n = 1; few" in words
    assert digests()[0].person.email == "owner@example.org"
    url = digests()[0].context["url"]
    assert url.startswith("http") and "/referrals/dashboard/?program=" in url and "&end=" in url


def test_a_quiet_week_says_so(program):
    make_digests(at=next_monday())
    (mail,) = digests()
    assert mail.context["quiet"] and mail.context["lines"] == []


def test_once_a_week_however_often_it_is_due(program):
    for minutes in (0, 5, 600):
        make_digests(at=next_monday() + timedelta(minutes=minutes))
    assert len(digests()) == 1
    make_digests(at=next_monday() + WEEK)
    assert len(digests()) == 2


def test_an_error_about_one_program_keeps_no_other_owner_from_being_told(program, monkeypatch):
    other = make_program(
        "second", notify_email="other@example.org", starts_at=program.starts_at, weekly_digest=True
    )

    def week(of, *args):
        if of == program:
            raise RuntimeError("its numbers")
        return week_of(of, *args)

    monkeypatch.setattr("wagtail_referrals.insights.digest.week_of", week)
    assert make_digests(at=next_monday()) == 1
    assert [mail.program for mail in digests()] == [other]


@pytest.mark.parametrize("wait", [-timedelta(hours=2), timedelta(days=2)])
def test_on_no_other_day(program, wait):
    assert make_digests(at=next_monday() + wait) == 0


@pytest.mark.parametrize(
    "values", [{"weekly_digest": False}, {"notify_email": ""}, {"is_active": False}]
)
def test_who_does_not_want_it_gets_none(program, values):
    Program.objects.update(**values)
    assert make_digests(at=next_monday()) == 0


def test_a_program_that_has_just_begun_has_no_week_yet(program):
    Program.objects.update(starts_at=next_monday() - timedelta(hours=1))
    assert make_digests(at=next_monday()) == 0


def test_what_happened_before_and_after_is_not_of_the_week(advocate):
    monday = next_monday()
    for number, at in enumerate((midnight(monday.date()) - WEEK, midnight(monday.date()))):
        record_click(advocate.pk, f"before-{number}", at=at - timedelta(seconds=1))
        record_click(advocate.pk, f"after-{number}", at=at)
    week = week_of(advocate.program, monday.date() - WEEK, monday)
    assert week.clicks == 2


def test_another_program_is_another_week(advocate):
    other = make_program("others", name="Others", notify_email="owner@example.org")
    record_click(advocate.pk, "visitor")
    monday = next_monday()
    assert week_of(other, monday.date() - WEEK, monday).is_quiet


def test_amounts_of_different_currencies_are_not_added_up(advocate):
    from wagtail_referrals.api import record_event

    for currency in ("EUR", "USD"):
        record_event(
            advocate.program,
            "purchase",
            external_id=currency,
            email=f"{currency}@example.org",
            amount=Decimal("0.10"),
            currency=currency,
            referral_code=advocate.display_code,
        )
    monday = next_monday()
    week = week_of(advocate.program, monday.date() - WEEK, monday)
    assert week.purchases.money == {"EUR": Decimal("0.10"), "USD": Decimal("0.10")}


def test_rewards_given_are_worth_what_they_are_worth(advocate):
    buy(advocate)
    issue_all()
    monday = next_monday() + 3 * WEEK
    at = timezone.now() + timedelta(days=15)
    day = timezone.localtime(at).date()
    week = week_of(advocate.program, day - timedelta(days=day.weekday()), monday)
    assert str(week.given) == "1 (€10)"


def test_what_others_count_costs_as_many_queries_as_one(advocate):
    def queries() -> int:
        monday = next_monday()
        with CaptureQueriesContext(connection) as captured:
            week_of(advocate.program, monday.date() - WEEK, monday)
        return len(captured)

    few = queries()
    for number in range(5):
        buy(advocate, str(number))
    assert queries() == few
