"""Several workers plan and ask at once: one ask for each event, one mail for each person."""

from datetime import timedelta
from decimal import Decimal
from functools import partial

import pytest
from django.utils import timezone

from tests.concurrency.racing import Meeting, race, refusals, successes
from wagtail_referrals.api import record_event
from wagtail_referrals.asks import send
from wagtail_referrals.asks.defaults import USUAL, make_usual
from wagtail_referrals.asks.models import Ask, Touchpoint
from wagtail_referrals.asks.plan import plan_asks
from wagtail_referrals.asks.send import send_due_asks
from wagtail_referrals.messages.models import Message
from wagtail_referrals.people.models import Person

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

WORKERS = 8
LATER = timezone.now() + timedelta(days=3)


@pytest.fixture
def touchpoints(program, feedback_page):
    """Two touchpoints that ask the same five people for different things."""
    for number in range(5):
        record_event(
            program,
            "purchase",
            external_id=str(number),
            email=f"p{number}@example.org",
            amount=Decimal("20.00"),
            currency="EUR",
        )
    return [
        Touchpoint.objects.create(
            program=program,
            name=asks_for,
            stage="buy",
            event_kind="purchase",
            asks_for=asks_for,
            delay_hours=24,
            planned_until=timezone.now() - timedelta(days=1),
        )
        for asks_for in ("feedback", "referral")
    ]


def test_what_all_plan_at_once_is_planned_once(touchpoints):
    results = race([plan_asks] * WORKERS)
    assert not refusals(results)
    assert Ask.objects.count() == 10
    assert sum(successes(results)) == 10


def ask_at_once(monkeypatch):
    """Every worker has looked at all that is due before one of them asks."""
    plan_asks()
    meeting = Meeting(WORKERS, inside_transaction=False)
    monkeypatch.setattr(send, "_drop", meeting.after(send._drop))
    return race([partial(send_due_asks, at=LATER)] * WORKERS)


def test_whoever_all_want_to_ask_is_asked_once(touchpoints, monkeypatch):
    results = ask_at_once(monkeypatch)
    assert not refusals(results)
    assert sum(successes(results)) == 5
    assert sorted(Ask.objects.values_list("state", flat=True)) == ["asked"] * 5 + ["dropped"] * 5
    asked = Message.objects.filter(kind__endswith="_ask")
    assert asked.count() == asked.values("person").distinct().count() == 5
    assert Person.objects.filter(asked_at=LATER).count() == 5


def test_without_turns_everybody_is_asked_for_both(touchpoints, monkeypatch):
    monkeypatch.setattr(send, "take_turn", lambda ask, at: True)
    ask_at_once(monkeypatch)
    assert Message.objects.filter(kind__endswith="_ask").count() == 10


def test_a_turn_that_is_read_before_it_is_taken_lets_two_through(touchpoints, monkeypatch):
    """The same race with the guard taken apart: a look, then a write."""

    def look_then_write(ask, at):
        person = Person.objects.get(pk=ask.person_id)
        meeting.wait()
        Person.objects.filter(pk=ask.person_id).update(asked_at=at)
        return person.asked_at is None

    plan_asks()
    # Two asks of one person, each in the hands of a worker of its own.
    Ask.objects.exclude(person__email="p0@example.org").delete()
    meeting = Meeting(2)
    if meeting.off:
        pytest.skip("SQLite's write transactions come one after the other")
    monkeypatch.setattr(send, "take_turn", look_then_write)
    asks = list(Ask.objects.select_related(*send.RELATED))
    race([partial(send.ask_now, ask, send.Places(), LATER) for ask in asks])
    assert Message.objects.filter(kind__endswith="_ask").count() == 2


def test_the_usual_touchpoints_pressed_at_once_are_there_once(program):
    race([partial(make_usual, program) for _ in range(6)])
    assert program.touchpoints.count() == len(USUAL)
