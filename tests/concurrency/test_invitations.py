"""One link takes one answer, however many send it at once; tallies bear several workers."""

from datetime import timedelta
from functools import partial

import pytest
from django.db.models import Sum
from django.utils import timezone

from tests.concurrency.racing import race, refusals, successes
from wagtail_referrals.coupons.models import Coupon
from wagtail_referrals.feedback import submit
from wagtail_referrals.feedback.guests import read_guests
from wagtail_referrals.feedback.invitation_models import Invitation
from wagtail_referrals.feedback.invitations import invite
from wagtail_referrals.feedback.models import FeedbackResponse
from wagtail_referrals.feedback.submit import Answers, submit_feedback
from wagtail_referrals.insights.models import FeedbackTally
from wagtail_referrals.insights.tallies import count_scores, update_tallies
from wagtail_referrals.messages.models import Message
from wagtail_referrals.people.models import Person

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
TIMES = 16


@pytest.fixture
def invitation(feedback_page, program):
    return invite(feedback_page, program, read_guests(b"ann@example.org")).made[0]


def answer_at_once(page, program, invitation):
    """Two people with one link type in other addresses, so that no turn keeps them apart."""
    return race(
        [
            partial(
                submit_feedback,
                page,
                program,
                Answers(f"p{number}@example.org", {}, score=number % 11),
                invitation=invitation,
            )
            for number in range(TIMES)
        ]
    )


def test_one_link_takes_one_answer(feedback_page, program, invitation):
    results = answer_at_once(feedback_page, program, invitation)
    assert not refusals(results)
    assert sum(result.created for result in successes(results)) == 1
    response = FeedbackResponse.objects.get()
    assert {result.response.pk for result in successes(results)} == {response.pk}
    assert Coupon.objects.count() == 1
    invitation.refresh_from_db()
    assert invitation.response == response


def test_without_its_guard_one_link_takes_many(feedback_page, program, invitation, monkeypatch):
    monkeypatch.setattr(submit, "take", lambda invitation, at: True)
    answer_at_once(feedback_page, program, invitation)
    assert FeedbackResponse.objects.count() > 1


def test_an_upload_that_is_sent_many_times_invites_everybody_once(feedback_page, program):
    guests = read_guests("\n".join(f"p{n}@example.org" for n in range(30)).encode())
    results = race([partial(invite, feedback_page, program, guests, send=True)] * 8)
    assert not refusals(results)
    assert Person.objects.count() == Invitation.objects.count() == Message.objects.count() == 30


def test_days_are_tallied_once_however_many_workers_there_are(feedback_page, program, monkeypatch):
    now = timezone.now()
    FeedbackResponse.objects.bulk_create(
        FeedbackResponse(
            page_id=feedback_page.pk,
            form_data={},
            score=number % 11,
            submit_time=now - timedelta(days=number % 12),
        )
        for number in range(240)
    )
    results = race([update_tallies] * 8)
    assert not refusals(results)
    assert sum(successes(results)) == 10
    counted = FeedbackTally.objects.aggregate(**{f"n{n}": Sum(f"score_{n}") for n in range(11)})
    assert sum(counted.values()) == 200
    assert sum(scores.total for scores in count_scores(("page_id",)).values()) == 240
