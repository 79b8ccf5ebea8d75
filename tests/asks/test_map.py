"""The usual touchpoints, and what a map lacks."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from tests.asks.conftest import make_touchpoint
from wagtail_referrals.asks.defaults import USUAL, make_usual
from wagtail_referrals.asks.gaps import GAPS, gaps
from wagtail_referrals.asks.models import JourneyStage, Touchpoint

pytestmark = pytest.mark.django_db


def test_the_usual_touchpoints_are_sound_and_go_along_the_whole_way(program):
    made = make_usual(program)
    for touchpoint in made:
        touchpoint.full_clean()
    assert {touchpoint.stage for touchpoint in made} == set(JourneyStage.values)
    assert [one.position for one in made] == list(range(1, len(USUAL) + 1))


def test_they_ask_for_nothing_at_the_till(program):
    assert not [one for one in make_usual(program) if one.is_paying and one.asks_for]


def test_made_twice_they_are_there_once(program):
    make_usual(program)
    assert make_usual(program) == []
    assert program.touchpoints.count() == len(USUAL)


def test_one_that_was_changed_stays_as_it_is(program):
    own = make_touchpoint(program, name=str(USUAL[0].name), stage="refer")
    make_usual(program)
    own.refresh_from_db()
    assert own.stage == "refer"
    assert program.touchpoints.filter(name=own.name).count() == 1


def test_an_empty_map_has_every_gap():
    assert gaps([]) == list(GAPS)


def test_the_usual_map_lacks_only_what_needs_a_page_of_its_own(program):
    assert [gap.key for gap in gaps(make_usual(program))] == ["review"]


@pytest.mark.parametrize(
    ("key", "values"),
    [
        ("expectation", {"stage": "know", "expectation": "We ask you how it was."}),
        ("first_timers", {"whom": "first_timers", "asks_for": ""}),
        ("support", {"event_kind": "support_solved"}),
        ("regulars", {"whom": "regulars"}),
        ("feedback", {"asks_for": "feedback"}),
        ("review", {"asks_for": "review"}),
        ("referral", {"asks_for": "referral"}),
    ],
)
def test_a_gap_is_closed_by_a_touchpoint_in_use(program, key, values):
    touchpoint = make_touchpoint(program, **values)
    assert key not in [gap.key for gap in gaps([touchpoint])]
    touchpoint.is_active = False
    assert key in [gap.key for gap in gaps([touchpoint])]


def test_an_expectation_told_after_the_purchase_comes_too_late(program):
    late = make_touchpoint(program, stage="repeat", expectation="We ask you how it was.")
    assert "expectation" in [gap.key for gap in gaps([late])]


def test_the_database_itself_refuses_to_ask_at_the_till(program):
    with pytest.raises(IntegrityError), transaction.atomic():
        make_touchpoint(program, is_paying=True, delay_hours=0)


def test_a_delay_of_more_than_a_year_is_refused(program):
    touchpoint = make_touchpoint(program)
    touchpoint.delay_hours = 24 * 366
    with pytest.raises(ValidationError):
        touchpoint.full_clean()
    assert Touchpoint._meta.get_field("delay_hours").validators
