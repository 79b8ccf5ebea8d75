"""Many at once: one mail to a friend, caps to the mail, one reminder."""

from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from tests.concurrency.racing import Meeting, race, refusals, successes, without_unique
from wagtail_referrals.messages.models import Message, Quota
from wagtail_referrals.people.register import find_or_add_person
from wagtail_referrals.referrals import friend_mail
from wagtail_referrals.referrals.friend_mail import remind_friends, write_to_friend
from wagtail_referrals.referrals.friend_mail_models import FriendMail
from wagtail_referrals.referrals.join import join_program

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

TIMES = 100
MANY = 30


@pytest.fixture
def program(program):
    program.mails_to_friends = True
    program.save()
    return program


def advocates(program, count):
    people = [find_or_add_person(f"a{number}@example.org", name="Ann") for number in range(count)]
    return [join_program(program, person) for person in people]


def test_a_friend_whom_100_write_to_at_once_gets_one_mail(program):
    find_or_add_person("bo@example.org")
    callers = [
        partial(write_to_friend, one, email="bo@example.org") for one in advocates(program, TIMES)
    ]
    results = race(callers)
    assert not refusals(results)
    assert sum(result is not None for result in results) == 1
    assert FriendMail.objects.count() == Message.objects.count() == 1


@pytest.mark.needs_database("postgresql")
def test_without_its_unique_key_the_friend_gets_many(program, monkeypatch):
    find_or_add_person("bo@example.org")
    meeting = Meeting(10)
    monkeypatch.setattr(friend_mail, "_take_of_hour", lambda program, at: True)
    asked = friend_mail._may_be_written_to
    monkeypatch.setattr(friend_mail, "_may_be_written_to", meeting.after(asked))
    with without_unique(FriendMail, "program_id", "email_key"):
        callers = [
            partial(write_to_friend, one, email="bo@example.org") for one in advocates(program, 10)
        ]
        race(callers)
        assert FriendMail.objects.count() > 1


def test_an_advocate_at_once_sends_as_many_as_a_day_allows(program):
    (advocate,) = advocates(program, 1)
    results = race(
        [partial(write_to_friend, advocate, email=f"f{n}@example.org") for n in range(MANY)]
    )
    assert len(successes(results)) == 10
    assert refusals(results) == {"friend_mails_used_up": MANY - 10}
    assert Message.objects.count() == 10


def test_a_site_at_once_sends_as_many_as_an_hour_allows(program, settings):
    settings.WAGTAIL_REFERRALS = {"FRIEND_MAILS_PER_HOUR": 12}
    callers = [
        partial(write_to_friend, one, email=f"f{n}@example.org")
        for n, one in enumerate(advocates(program, MANY))
    ]
    results = race(callers)
    assert len(successes(results)) == Message.objects.count() == 12
    assert refusals(results) == {"friend_mails_used_up": MANY - 12}


def _counted_before(key, *, most, ends_at, wanted=1):
    """The cap as a look and then a write."""
    row, _new = Quota.objects.get_or_create(key=key, defaults={"ends_at": ends_at})
    if row.used + wanted > most:
        return False
    _meeting.wait()
    Quota.objects.filter(pk=row.pk).update(used=row.used + wanted)
    return True


_meeting: Meeting


@pytest.mark.needs_database("postgresql", "mysql")
def test_without_the_conditional_update_more_are_sent(program, settings, monkeypatch):
    global _meeting
    settings.WAGTAIL_REFERRALS = {"FRIEND_MAILS_PER_HOUR": 2}
    _meeting = Meeting(10)
    monkeypatch.setattr(friend_mail, "take", _counted_before)
    people = advocates(program, 10)
    for one in people:
        day = timezone.localtime().date()
        Quota.objects.create(key=f"friend_mail:{one.person_id}:{day}", ends_at=timezone.now())
    race([partial(write_to_friend, one, email=f"f{n}@example.org") for n, one in enumerate(people)])
    assert Message.objects.count() > 2


def test_16_due_jobs_at_once_remind_once(program):
    (advocate,) = advocates(program, 1)
    write_to_friend(advocate, email="bo@example.org")
    later = timezone.now() + timedelta(days=6)
    results = race([partial(remind_friends, at=later)] * 16)
    assert not refusals(results)
    assert sum(results) == 1
    assert Message.objects.filter(kind="friend_reminder").count() == 1
