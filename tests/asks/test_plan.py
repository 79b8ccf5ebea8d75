"""What happened becomes who is to be asked, and when."""

import tracemalloc
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.asks.conftest import NOW, buy, make_touchpoint
from wagtail_referrals.api import record_event
from wagtail_referrals.asks.models import Ask
from wagtail_referrals.asks.plan import plan_asks
from wagtail_referrals.due import run_due
from wagtail_referrals.events.models import Event

pytestmark = pytest.mark.django_db


def test_what_happened_is_to_be_asked_about_some_days_later(touchpoint, purchase):
    assert plan_asks() == 1
    ask = Ask.objects.get()
    assert (ask.person, ask.event, ask.program) == (
        purchase.person,
        purchase,
        touchpoint.program,
    )
    assert (ask.state, ask.reason, ask.asks_for) == ("planned", "", "feedback")
    late = ask.due_at - (purchase.occurred_at + timedelta(hours=72))
    assert abs(late) < timedelta(seconds=1)


def test_without_a_delay_it_is_due_when_it_happened(touchpoint, purchase):
    touchpoint.delay_hours = 0
    touchpoint.save()
    plan_asks()
    assert Ask.objects.get().due_at == purchase.occurred_at


def test_planned_again_it_is_one_ask(touchpoint, purchase):
    plan_asks()
    assert plan_asks() == 0
    touchpoint.refresh_from_db()
    touchpoint.planned_until = NOW - timedelta(days=60)
    touchpoint.save()
    assert plan_asks() == 0
    assert Ask.objects.count() == 1


def test_what_was_stored_late_is_found_by_the_next_run(touchpoint, purchase):
    plan_asks()
    late = buy(touchpoint.program, "2")
    # As if its transaction had begun before the last run and ended after it.
    Event.objects.filter(pk=late.pk).update(recorded_at=timezone.now() - timedelta(minutes=30))
    assert plan_asks() == 1


def test_a_run_notes_how_far_it_has_come_and_never_goes_back(touchpoint):
    at = timezone.now()
    plan_asks(at=at)
    plan_asks(at=at - timedelta(days=1))
    touchpoint.refresh_from_db()
    assert touchpoint.planned_until == at


@pytest.mark.parametrize(
    "values",
    [{"is_active": False}, {"asks_for": ""}, {"event_kind": ""}, {"event_kind": "no_such_kind"}],
)
def test_nothing_is_planned_by_a_touchpoint_that_asks_nothing(touchpoint, purchase, values):
    type(touchpoint).objects.update(**values)
    assert plan_asks() == 0


def test_another_program_s_events_are_not_its_own(touchpoint, purchase):
    from tests.fixtures import make_program

    other = make_touchpoint(make_program("others"))
    plan_asks()
    assert not other.asks.exists()


def test_an_event_of_nobody_asks_nobody(touchpoint, program):
    record_event(
        program, "purchase", external_id="7", email="bo@example.org", amount=1, currency="EUR"
    )
    Event.objects.update(person=None)
    assert plan_asks() == 0


def test_an_import_of_old_orders_plans_nothing(touchpoint):
    buy(touchpoint.program, at=NOW - timedelta(days=200))
    assert plan_asks() == 0


def test_two_touchpoints_of_one_kind_plan_one_each(touchpoint, purchase):
    make_touchpoint(touchpoint.program, asks_for="referral", delay_hours=24)
    assert plan_asks() == 2


def test_it_takes_as_many_statements_and_as_much_memory_for_many(touchpoint, django_user_model):
    def cost(number):
        start = Event.objects.count()
        Event.objects.bulk_create(
            Event(
                program=touchpoint.program,
                kind="purchase",
                external_id=str(start + n),
                source_key=str(start + n),
                person=buyer.person,
            )
            for n in range(number)
        )
        tracemalloc.start()
        with CaptureQueriesContext(connection) as queries:
            assert plan_asks() == number
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return len(queries), peak

    buyer = buy(touchpoint.program)
    plan_asks()
    few, _warm = cost(1)
    few, little = cost(1)
    many, much = cost(3000)
    assert many == few
    assert much < little + 200_000


def test_planning_reads_by_the_index(touchpoint):
    """A run every minute must not read a year of orders."""
    if connection.vendor != "sqlite":
        pytest.skip("a small table is read whole on a server, which is right")
    from wagtail_referrals.asks.plan import planned_rows

    touchpoint.planned_until = timezone.now()
    plan = planned_rows(touchpoint, timezone.now()).explain()
    assert "SEARCH wagtail_referrals_event USING" in plan
    assert "SEARCH U0 USING COVERING INDEX" in plan


def test_the_due_job_plans_and_asks(touchpoint, purchase):
    done = run_due()
    assert (done["asks_planned"], done["asked"]) == (1, 0)
