"""Why somebody was asked, and why not."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.formats import date_format

from tests.asks.conftest import LATER, NOW, ask_all, buy, make_touchpoint
from wagtail_referrals.asks.explain import explain
from wagtail_referrals.asks.models import Ask, Touchpoint
from wagtail_referrals.asks.plan import plan_asks

pytestmark = pytest.mark.django_db


def told(person):
    return explain(person, Ask.objects.all(), Touchpoint.objects.all())


def test_who_was_asked_is_told_for_what_and_when(touchpoint, bo):
    ask_all()
    (one,) = told(bo)
    assert one.is_asked
    assert one.words == f"Asked for feedback on {date_format(LATER, 'DATE_FORMAT')}."


def test_who_was_not_is_told_why(touchpoint, bo):
    bo.asked_at = NOW
    bo.save()
    ask_all()
    (one,) = told(bo)
    assert (one.is_asked, one.reason) == (False, "asked_lately")
    assert one.words == "They were asked for something lately."


def test_what_is_planned_says_for_when(touchpoint, bo):
    plan_asks()
    (one,) = told(bo)
    assert one.words.startswith("Will be looked at on ")


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"created_at": LATER}, "too_early"),
        ({"planned_until": LATER}, "too_early"),
        ({"is_active": False}, "touchpoint_off"),
        ({}, "not_planned"),
    ],
)
def test_an_event_without_an_ask_is_told_of_too(touchpoint, bo, values, reason):
    Touchpoint.objects.update(**values)
    assert [one.reason for one in told(bo)] == [reason]


def test_an_old_order_that_came_by_an_import_is_too_old(touchpoint):
    person = buy(touchpoint.program, at=timezone.now() - timedelta(days=100)).person
    assert [one.reason for one in told(person)] == ["too_old"]


def test_one_touchpoint_s_ask_does_not_hide_that_another_has_none(touchpoint, bo):
    ask_all()
    make_touchpoint(touchpoint.program, name="Later", asks_for="referral")
    assert sorted(one.touchpoint.name for one in told(bo)) == ["After the purchase", "Later"]


def test_other_people_s_asks_are_not_theirs(touchpoint, bo):
    cleo = buy(touchpoint.program, "2", email="cleo@example.org").person
    ask_all()
    assert {one.ask.person for one in told(cleo)} == {cleo}


def test_it_costs_as_many_questions_for_many_events(touchpoint, bo, django_assert_num_queries):
    for number in range(2, 9):
        buy(touchpoint.program, str(number))
    ask_all()
    with django_assert_num_queries(4):
        told(bo)
