"""What nobody needs any more goes by itself, what is needed stays; a failure stops nothing."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.checks import run_checks
from django.utils import timezone

from tests.rewards.buying import buy
from wagtail_referrals import retention
from wagtail_referrals.events.models import Event
from wagtail_referrals.feedback.guests import Guest
from wagtail_referrals.feedback.invitation_models import Invitation
from wagtail_referrals.feedback.invitations import invite
from wagtail_referrals.insights.rollups import update_rollups
from wagtail_referrals.messages.models import Message, Quota
from wagtail_referrals.messages.queue import queue_message
from wagtail_referrals.people.identity import email_key
from wagtail_referrals.people.models import Person
from wagtail_referrals.people.register import find_or_add_person
from wagtail_referrals.referrals.clicks import record_click
from wagtail_referrals.referrals.models import Click, Share
from wagtail_referrals.retention import KEPT, Kept, purge

DAY = timedelta(days=1)


@pytest.fixture
def now(db: None) -> datetime:
    return timezone.now()


def keep(settings: Any, **days: int | None) -> None:
    settings.WAGTAIL_REFERRALS = {"RETENTION_DAYS": days}


def test_clicks_and_shares_go_after_thirteen_months(advocate, now):
    for number, days in enumerate((394, 396)):
        at = now - days * DAY
        record_click(advocate.pk, str(number), at=at)
        Share.objects.create(advocate=advocate, channel="qr", visitor=str(number), occurred_at=at)
    assert purge(at=now) == 0, "they are in no rollup yet"
    update_rollups(at=now)
    assert purge(at=now) == 2
    assert Click.objects.get().visitor == Share.objects.get().visitor == "0"


def send(program: Any, at: datetime, state: str = "sent") -> Message:
    person = find_or_add_person("ann@example.org")
    context = {"words": "Dear Ann"}
    queue_message("test", about=at, person=person, program=program, context=context, at=at)
    message = Message.objects.get(key=f"test:{at}")
    Message.objects.filter(pk=message.pk).update(state=state)
    return message


def test_mails_are_emptied_after_a_year_and_stay_counted(program, now):
    message = send(program, now - 366 * DAY)
    young = send(program, now - 364 * DAY)
    assert purge(at=now) == 1
    message.refresh_from_db()
    assert (message.context, message.person) == ({}, None)
    young.refresh_from_db()
    assert young.context and young.person
    assert purge(at=now) == 0


def test_a_mail_that_still_waits_is_not_emptied(program, now):
    message = send(program, now - 366 * DAY, "queued")
    purge(at=now)
    message.refresh_from_db()
    assert message.context


def test_what_was_emptied_is_not_queued_again(program, now):
    at = now - 366 * DAY
    send(program, at)
    purge(at=now)
    person = find_or_add_person("ann@example.org")
    queue_message("test", about=at, person=person, program=program, context={}, at=now)
    assert Message.objects.count() == 1


def test_invitations_nobody_answered_go_a_year_after_their_end(program, feedback_page, now):
    email = "ann@example.org"
    invite(feedback_page, program, [Guest(email, email_key(email))])
    Invitation.objects.update(expires_at=now - 364 * DAY)
    assert purge(at=now) == 0
    Invitation.objects.update(expires_at=now - 366 * DAY)
    assert purge(at=now) == 1 and not Invitation.objects.exists()


def test_an_invitation_with_an_answer_stays(program, feedback_page, now):
    email = "ann@example.org"
    invite(feedback_page, program, [Guest(email, email_key(email))])
    Invitation.objects.update(expires_at=now - 366 * DAY, answered_at=now - 370 * DAY)
    assert purge(at=now) == 0


def test_details_of_orders_stay_unless_the_owner_sets_a_time(advocate, now, settings):
    buy(advocate)
    Event.objects.update(metadata={"ship_to": "Quay 1"}, occurred_at=now - 1000 * DAY)
    assert purge(at=now) == 0
    keep(settings, events_metadata=900)
    assert purge(at=now) == 1
    event = Event.objects.get()
    assert (event.metadata, event.amount) == ({}, 50)


def test_counts_for_limits_go_when_their_time_is_over(now):
    Quota.objects.create(key="old", ends_at=now - 3 * DAY)
    Quota.objects.create(key="new", ends_at=now)
    assert purge(at=now) == 1
    assert Quota.objects.get().key == "new"


def test_a_time_of_none_keeps_for_ever(advocate, now, settings):
    keep(settings, clicks=None)
    record_click(advocate.pk, "1", at=now - 4000 * DAY)
    assert purge(at=now) == 0


def test_people_of_whom_nothing_is_heard_are_erased_only_if_the_owner_says_so(now, settings):
    find_or_add_person("old@example.org", at=now - 1000 * DAY)
    assert purge(at=now) == 0
    keep(settings, people=900)
    assert purge(at=now) == 1
    assert Person.objects.get().erased_at
    assert purge(at=now) == 0


def test_who_has_something_to_come_or_did_something_is_not_erased(advocate, now, settings):
    buy(advocate)
    Person.objects.update(created_at=now - 1000 * DAY)
    Message.objects.all().delete()
    Event.objects.update(occurred_at=now - 950 * DAY)
    keep(settings, people=900)
    purge(at=now)
    assert not Person.objects.get(pk=advocate.person_id).erased_at


def test_a_purge_is_done_in_batches_and_goes_on_the_next_time(advocate, now, monkeypatch):
    for number in range(5):
        record_click(advocate.pk, str(number), at=now - 400 * DAY)
    update_rollups(at=now)
    small = Kept(**{**vars(KEPT["clicks"]), "batch": 1})
    monkeypatch.setitem(KEPT, "clicks", small)
    monkeypatch.setattr(retention, "BATCHES", 3)
    assert (purge(at=now), purge(at=now), purge(at=now)) == (3, 2, 0)


def test_one_kind_that_fails_does_not_keep_the_others(advocate, now, monkeypatch):
    def fail(rows: Any) -> None:
        raise RuntimeError("out of order")

    record_click(advocate.pk, "1", at=now - 400 * DAY)
    Quota.objects.create(key="old", ends_at=now - 3 * DAY)
    update_rollups(at=now)
    monkeypatch.setitem(KEPT, "clicks", Kept(**{**vars(KEPT["clicks"]), "purge": fail}))
    with pytest.raises(ExceptionGroup):
        purge(at=now)
    assert not Quota.objects.exists() and Click.objects.exists()


@pytest.mark.parametrize(
    "days", [{"klicks": 30}, {"clicks": 0}, {"clicks": "30"}, {"clicks": True}]
)
def test_a_wrong_setting_is_said_at_the_start(days, settings):
    keep(settings, **days)
    assert "wagtail_referrals.E008" in {one.id for one in run_checks(tags=["wagtail_referrals"])}
