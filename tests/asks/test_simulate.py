"""What a setting would have sent last month, before anybody is written to."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.asks.conftest import NOW, ask_all, buy, make_touchpoint
from wagtail_referrals.asks.models import Ask, Touchpoint
from wagtail_referrals.asks.plan import plan_asks
from wagtail_referrals.asks.send import send_due_asks
from wagtail_referrals.asks.simulate import simulate
from wagtail_referrals.people.suppression import suppress

pytestmark = pytest.mark.django_db


@pytest.fixture
def month(touchpoint):
    """Ann bought twice, Bo once, and Cleo, who wants no mail."""
    for order, name, days in (
        ("1", "ann", 20),
        ("2", "ann", 10),
        ("3", "bo", 15),
        ("4", "cleo", 5),
    ):
        buy(touchpoint.program, order, f"{name}@example.org", NOW - timedelta(days=days))
    suppress("cleo@example.org")
    return touchpoint


def test_it_counts_who_would_have_been_asked_and_why_others_not(month):
    result = simulate(month)
    assert (result.events, result.asked, result.whole) == (4, 2, True)
    assert result.dropped == {"asked_this": 1, "unsubscribed": 1}


def test_a_touchpoint_need_not_be_saved(month):
    draft = Touchpoint(
        program=month.program,
        name="Regulars",
        stage="repeat",
        event_kind="purchase",
        asks_for="referral",
        whom="regulars",
        delay_hours=1,
    )
    Touchpoint.objects.update(is_active=False)
    result = simulate(draft)
    assert (result.asked, result.dropped["not_for_them"]) == (1, 2)


def test_other_touchpoints_take_their_turns(month):
    make_touchpoint(month.program, asks_for="referral", delay_hours=1)
    result = simulate(month)
    assert result.asked == 0
    assert result.dropped["asked_lately"] == 3


def test_who_was_asked_in_earnest_before_the_month_is_left_alone(month, program):
    buy(program, "0", "bo@example.org", NOW - timedelta(days=45))
    plan_asks(at=NOW - timedelta(days=44))
    Touchpoint.objects.update(planned_until=NOW - timedelta(days=60))
    Ask.objects.all().delete()
    ask = Ask.objects.create(
        touchpoint=make_touchpoint(program, asks_for="referral", is_active=False),
        program=program,
        person=program.events.get(external_id="0").person,
        event=program.events.get(external_id="0"),
        asks_for="referral",
        state="asked",
        due_at=NOW - timedelta(days=44),
        settled_at=NOW - timedelta(days=44),
    )
    assert simulate(month).dropped["asked_lately"] == 1
    ask.delete()
    assert simulate(month).dropped["asked_lately"] == 0


def test_it_foretells_what_then_happens(month):
    foretold = simulate(month, at=NOW)
    assert ask_all(at=NOW) == foretold.asked
    # And says the same again, as if nothing had been sent.
    again = simulate(month, at=NOW)
    assert (again.asked, again.dropped) == (foretold.asked, foretold.dropped)


def test_it_writes_nothing(month):
    with CaptureQueriesContext(connection) as queries:
        simulate(month)
    assert queries.captured_queries
    writing = ("INSERT", "UPDATE", "DELETE")
    assert [q["sql"] for q in queries.captured_queries if q["sql"].startswith(writing)] == []


def test_more_than_it_may_look_at_is_said(month):
    result = simulate(month, most=2)
    assert (result.events, result.whole) == (2, False)


def test_in_one_order_over_several_chunks(month, monkeypatch):
    from wagtail_referrals.asks import simulate as module

    whole = simulate(month)
    monkeypatch.setattr(module, "CHUNK", 1)
    assert simulate(month).dropped == whole.dropped


def test_without_an_event_there_is_nothing_to_count(month):
    month.event_kind = ""
    assert simulate(month).events == 0


def test_what_is_asked_for_with_a_long_delay_looks_further_back(touchpoint):
    touchpoint.delay_hours = 24 * 60
    touchpoint.save()
    buy(touchpoint.program, at=timezone.now() - timedelta(days=70))
    assert simulate(touchpoint).asked == 1
    assert send_due_asks() == 0
