"""A form that is sent twice, or by an impatient finger sixteen times, is one answer."""

import uuid
from datetime import timedelta
from functools import partial

import pytest
from django.test import Client
from django.utils import timezone

from tests.concurrency.racing import Meeting, race, refusals, successes, without_unique
from tests.fixtures import BROWSER
from wagtail_referrals.coupons.models import Coupon
from wagtail_referrals.events.models import Event
from wagtail_referrals.feedback import submit
from wagtail_referrals.feedback.models import FeedbackResponse
from wagtail_referrals.feedback.submit import Answers, submit_feedback
from wagtail_referrals.messages.models import Message
from wagtail_referrals.people.models import Consent, Person
from wagtail_referrals.referrals.models import Advocate
from wagtail_referrals.rewards.models import Reward

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.slow,
    pytest.mark.usefixtures("no_time_trap"),
]

TIMES = 16


def double_post(page, monkeypatch):
    """Send one filled-in form 16 times at once, as browsers do, by somebody who is new."""
    meeting = Meeting(TIMES)
    monkeypatch.setattr(submit, "add_person", meeting.before(submit.add_person))
    shown = Client().get(page.url, HTTP_USER_AGENT=BROWSER)
    form = shown.context["form"]
    data = {name: form[name].value() or "" for name in form.fields}
    data |= {"score": "9", "email": "ann@example.org", "name": "Ann Advocate", "publish": "on"}
    action = shown.context["form_action"]
    return race([lambda: Client().post(action, data, HTTP_USER_AGENT=BROWSER)] * TIMES)


def made():
    """How many of each the answers left behind."""
    kinds = (FeedbackResponse, Coupon, Message, Event, Reward, Consent, Person, Advocate)
    return {kind.__name__: kind.objects.count() for kind in kinds}


def test_a_form_posted_16_times_at_once_is_one_response_one_coupon_one_message(
    feedback_page, monkeypatch
):
    results = double_post(feedback_page, monkeypatch)
    assert not refusals(results)
    assert [answer.status_code for answer in results] == [303] * TIMES
    assert set(made().values()) == {1}, made()
    coupon = Coupon.objects.get()
    for address in {answer.url for answer in results}:
        thanks = Client().get(address, HTTP_USER_AGENT=BROWSER)
        assert thanks.context["coupon"] == coupon
        assert coupon.display_code in thanks.content.decode()


@pytest.mark.needs_database("postgresql")
def test_without_its_unique_turn_a_double_click_is_many_responses(feedback_page, monkeypatch):
    with without_unique(FeedbackResponse, "turn_key"):
        double_post(feedback_page, monkeypatch)
        assert FeedbackResponse.objects.count() > 1
        assert Coupon.objects.count() > 1
        assert Message.objects.count() > 1


@pytest.mark.needs_database("postgresql")
def test_with_a_turn_of_its_own_for_every_call_a_double_click_is_many_responses(
    feedback_page, monkeypatch
):
    store = submit._store

    def store_without_turn(response):
        response.turn_key = uuid.uuid4().hex
        store(response)

    monkeypatch.setattr(submit, "_store", store_without_turn)
    double_post(feedback_page, monkeypatch)
    assert FeedbackResponse.objects.count() > 1


def answer_again(page, program, times, at):
    answers = Answers(email="ann@example.org", data={"score": "9"}, score=9)
    return race([partial(submit_feedback, page, program, answers, at=at)] * times)


def test_a_form_posted_16_times_at_once_after_the_30_days_is_one_more_response(
    feedback_page, program, monkeypatch
):
    now = timezone.now()
    program.starts_at = now - timedelta(days=60)
    program.save()
    submit_feedback(
        feedback_page, program, Answers(email="ann@example.org"), at=now - timedelta(days=31)
    )
    # All find the old answer in their way before one of them may end its turn.
    monkeypatch.setattr(
        submit, "_end_turn", Meeting(TIMES, inside_transaction=False).before(submit._end_turn)
    )
    results = answer_again(feedback_page, program, TIMES, now)
    assert not refusals(results)
    assert len({result.response.pk for result in results}) == 1
    assert sum(result.created for result in successes(results)) == 1
    assert FeedbackResponse.objects.count() == Coupon.objects.count() == 2
    assert Message.objects.count() == 2
