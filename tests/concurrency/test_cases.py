"""Two of the staff at once: one case, one end of it, one letter, one reminder."""

from copy import copy
from datetime import timedelta
from functools import partial

import pytest

from tests.concurrency.racing import Meeting, race, refusals, successes, without_unique
from wagtail_referrals.feedback import cases
from wagtail_referrals.feedback.case_models import Case, CaseEntry
from wagtail_referrals.feedback.cases import change_case, close_case, open_case, reply_to_case
from wagtail_referrals.feedback.reminders import tell_owners
from wagtail_referrals.feedback.submit import Answers, submit_feedback
from wagtail_referrals.messages import to_staff
from wagtail_referrals.messages.models import Message

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

TIMES = 16


@pytest.fixture
def response(feedback_page, program):
    return submit_feedback(feedback_page, program, Answers("ann@example.org", score=3)).response


@pytest.fixture
def case(response):
    return open_case(response, reason="Ring them")[0]


def open_many(response, monkeypatch):
    meeting = Meeting(TIMES)
    monkeypatch.setattr(cases, "key_of", meeting.after(cases.key_of))
    return race([partial(open_case, response, reason="Ring them")] * TIMES)


def test_a_case_that_16_open_at_once_is_one(response, monkeypatch):
    results = open_many(response, monkeypatch)
    assert not refusals(results)
    assert len({case.pk for case, _created in results}) == 1
    assert sum(created for _case, created in results) == 1
    assert CaseEntry.objects.count() == 1


@pytest.mark.needs_database("postgresql")
def test_without_its_unique_key_it_is_many(response, monkeypatch):
    with without_unique(Case, "open_key"):
        open_many(response, monkeypatch)
        assert Case.objects.count() > 1


def test_a_case_that_16_close_at_once_is_closed_once(case):
    results = race([partial(close_case, case, reason="Done")] * TIMES)
    assert refusals(results) == {"not_possible": TIMES - 1}
    assert case.entries.filter(kind="closed").count() == 1


def test_one_of_16_changes_what_they_all_saw(case, django_user_model):
    users = [django_user_model.objects.create_user(f"user{number}") for number in range(TIMES)]
    results = race(
        [
            partial(change_case, copy(case), owner=user, state="in_work", due_at=case.due_at)
            for user in users
        ]
    )
    assert refusals(results) == {"edited_meanwhile": TIMES - 1}
    (winner,) = successes(results)
    assert Case.objects.get().owner_id == winner.owner_id
    assert case.entries.filter(kind="owner").count() == 1


def send_many(case):
    letter = {"subject": "Sorry", "text": "We are sorry.", "key": "form"}
    return race([partial(reply_to_case, case, **letter)] * TIMES)


def test_a_reply_sent_16_times_at_once_is_one_mail(case):
    results = send_many(case)
    assert not refusals(results)
    assert sum(results) == 1
    assert case.entries.filter(kind="reply").count() == 1
    assert Message.objects.filter(kind="case_reply").count() == 1


def test_16_due_jobs_at_once_remind_once(case, program, monkeypatch):
    program.notify_email = "shop@example.org"
    program.save()
    meeting = Meeting(TIMES, inside_transaction=False)
    monkeypatch.setattr(to_staff, "_tell", meeting.before(to_staff._tell))
    results = race([partial(tell_owners, at=case.due_at + timedelta(days=1))] * TIMES)
    assert not refusals(results)
    # New, and late.
    assert sum(results) == 2
    assert sorted(
        Message.objects.filter(kind__startswith="cases_").values_list("kind", flat=True)
    ) == [
        "cases_late",
        "cases_new",
    ]
