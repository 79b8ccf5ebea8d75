"""Many name the same person at once, and one friend names two: one membership, one referral."""

from functools import partial

import pytest

from tests.concurrency.racing import Meeting, race, refusals, without_unique
from wagtail_referrals.feedback import heard
from wagtail_referrals.feedback.heard_field import Heard
from wagtail_referrals.feedback.heard_models import Mention
from wagtail_referrals.feedback.submit import Answers, submit_feedback
from wagtail_referrals.messages.models import Message
from wagtail_referrals.pages.models import FeedbackPage
from wagtail_referrals.people.register import find_or_add_person
from wagtail_referrals.referrals import refer
from wagtail_referrals.referrals.join import join_program
from wagtail_referrals.referrals.models import Advocate, Referral

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

FRIENDS = 8


def tell(page, program, friend, reach):
    named = Heard("Somebody told me", told=True, reach=reach)
    return submit_feedback(page, program, Answers(email=friend, heard=named))


def all_name_cleo(page, program, monkeypatch):
    """Eight friends at once name somebody we know who is no advocate yet."""
    cleo = find_or_add_person("cleo@example.org")
    meeting = Meeting(FRIENDS)
    monkeypatch.setattr(heard, "add_advocate", meeting.before(heard.add_advocate))
    calls = [
        partial(tell, page, program, f"p{number}@example.org", cleo.email)
        for number in range(FRIENDS)
    ]
    return cleo, race(calls)


def test_many_who_name_one_person_at_once_make_one_advocate_and_one_thank_you(
    feedback_page, program, monkeypatch
):
    cleo, results = all_name_cleo(feedback_page, program, monkeypatch)
    assert not refusals(results)
    advocate = Advocate.objects.get(person=cleo)
    assert Referral.objects.filter(advocate=advocate).count() == FRIENDS
    assert Mention.objects.filter(referral__advocate=advocate).count() == FRIENDS
    assert Message.objects.filter(kind="told_by").count() == 1


@pytest.mark.needs_database("postgresql")
def test_without_their_unique_keys_they_make_several(feedback_page, program, monkeypatch):
    with without_unique(Advocate, "program_id", "person_id"), without_unique(Message, "key"):
        cleo, _results = all_name_cleo(feedback_page, program, monkeypatch)
        assert Advocate.objects.filter(person=cleo).count() > 1
        assert Message.objects.filter(kind="told_by").count() > 1


def bo_names_two(page, program, advocate, monkeypatch):
    """One friend fills in two forms at once and names somebody else in each."""
    # A member already: a new membership would make one wait for the other.
    join_program(program, find_or_add_person("bo@example.org"))
    other = FeedbackPage(title="Other", slug="other", program=program)
    page.get_parent().add_child(instance=other)
    cleo = find_or_add_person("cleo@example.org")
    monkeypatch.setattr(refer, "_referral_of", Meeting(2).after(refer._referral_of))
    return race(
        [
            partial(tell, page, program, "bo@example.org", advocate.person.email),
            partial(tell, other, program, "bo@example.org", cleo.email),
        ]
    )


def test_one_friend_who_names_two_at_once_has_one_of_them(
    feedback_page, program, advocate, monkeypatch
):
    assert not refusals(bo_names_two(feedback_page, program, advocate, monkeypatch))
    referral = Referral.objects.get()
    outcomes = {(m.referral_id, m.not_credited) for m in Mention.objects.all()}
    assert outcomes == {(referral.pk, ""), (None, "already_referred")}
    assert Message.objects.filter(kind="told_by").count() == 1


@pytest.mark.needs_database("postgresql")
def test_without_its_unique_key_a_friend_has_two(feedback_page, program, advocate, monkeypatch):
    with without_unique(Referral, "program_id", "friend_id"):
        bo_names_two(feedback_page, program, advocate, monkeypatch)
        assert Referral.objects.count() == 2
