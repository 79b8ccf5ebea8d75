from datetime import timedelta

import pytest
from django.db import IntegrityError
from django.utils import timezone

from wagtail_referrals.coupons.models import Coupon
from wagtail_referrals.events.models import Event
from wagtail_referrals.exceptions import InvalidInput
from wagtail_referrals.feedback.models import FeedbackResponse
from wagtail_referrals.feedback.submit import Answers, submit_feedback
from wagtail_referrals.messages.models import Message
from wagtail_referrals.people.models import Consent
from wagtail_referrals.referrals.models import Advocate


@pytest.fixture
def submit(feedback_page, program):
    def submit(email="ann@example.org", page=feedback_page, **values):
        answers = {name: values.pop(name) for name in ("score", "publish") if name in values}
        return submit_feedback(
            page, values.pop("program", program), Answers(email=email, **answers), **values
        )

    return submit


def test_one_form_makes_response_event_advocate_coupon_and_message(submit):
    result = submit(score=3)
    assert result.created
    response = result.response
    assert response.coupon.given_by == response.person == Advocate.objects.get().person
    assert response.event.person == response.person
    assert Message.objects.get().kind == "coupon_to_hand_on"


def test_the_same_person_twice_is_one_response_however_the_address_is_written(submit):
    first = submit("ann@gmail.com")
    again = submit("A.N.N+x@googlemail.com")
    assert (again.response, again.created) == (first.response, False)
    counts = [m.objects.count() for m in (FeedbackResponse, Coupon, Message, Event)]
    assert counts == [1, 1, 1, 1]


def test_one_may_answer_again_after_the_pages_days(submit):
    submit(at=timezone.now() - timedelta(days=31))
    assert submit().created
    assert not submit().created
    assert FeedbackResponse.objects.count() == 2


def test_coupons_are_the_same_for_every_score(submit):
    offers = {
        (c.kind, c.amount, c.max_uses, c.first_order_only)
        for c in (
            submit(f"p{score}@example.org", score=score).response.coupon for score in range(11)
        )
    }
    assert len(offers) == 1


def test_a_permission_is_stored_in_the_words_that_were_shown(submit):
    submit(publish="You may publish my words")
    assert Consent.objects.get().wording == "You may publish my words"


def test_without_a_program_the_answer_is_kept_all_the_same(submit):
    response = submit(program=None).response
    assert (response.coupon, response.person.email) == (None, "ann@example.org")


def test_a_closed_program_keeps_the_answer_and_gives_no_coupon(submit, program):
    program.is_active = False
    program.save()
    assert submit(program=program).response.coupon is None


def test_what_the_database_refuses_is_an_error_that_says_so(submit):
    with pytest.raises(IntegrityError):
        submit(score=11)
    assert not FeedbackResponse.objects.exists()


def test_a_bad_address_stores_nothing(submit):
    with pytest.raises(InvalidInput):
        submit("nobody")
    assert not FeedbackResponse.objects.exists()
