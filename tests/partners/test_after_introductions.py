"""What follows of introductions by itself: reminders, and what is left when somebody is erased."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.partners.meeting import introduced, make_partner
from wagtail_referrals.due import run_due
from wagtail_referrals.messages.models import Message
from wagtail_referrals.partners.introduction_models import Introduction
from wagtail_referrals.partners.introduction_reminders import remind_of_steps
from wagtail_referrals.partners.stages import change_introduction, move, note_introduction
from wagtail_referrals.people.erase import erase_person


@pytest.fixture
def mine(program, admin_user):
    """Dora's, whose next step is due today."""
    introduction = introduced(program)
    today = timezone.localdate()
    return change_introduction(
        introduction, owner=admin_user, next_step="Call Dora Keen", next_step_on=today, grade="B"
    )


def mails(kind="introductions_due"):
    return Message.objects.filter(kind=kind)


def test_its_owner_is_reminded_once_of_a_next_step_that_is_due(mine, admin_user):
    assert remind_of_steps() == 1
    assert remind_of_steps() == remind_of_steps(at=timezone.now() + timedelta(days=2)) == 0
    mail = mails().get()
    assert mail.person.email == admin_user.email
    assert "Dora" not in str(mail.context)


def test_another_day_is_another_reminder(mine, admin_user):
    remind_of_steps()
    day = timezone.localdate() + timedelta(days=2)
    mine.refresh_from_db()
    change_introduction(mine, owner=admin_user, next_step="Call", next_step_on=day, grade="B")
    assert remind_of_steps() == 0
    assert remind_of_steps(at=timezone.now() + timedelta(days=2)) == 1


def test_what_is_nobodys_the_program_is_reminded_of(mine, program):
    Introduction.objects.update(owner=None)
    assert remind_of_steps() == 0
    Introduction.objects.update(reminded_on=None)
    program.notify_email = "shop@example.org"
    program.save()
    assert run_due()["introductions_told"] == 1
    assert mails().get().person.email == "shop@example.org"


def test_nobody_is_reminded_of_what_is_over(mine):
    move(mine, "lost", reason="No budget")
    assert remind_of_steps() == 0


def test_of_who_is_erased_what_they_need_and_how_to_reach_them_is_gone(program):
    introduction = introduced(
        program, make_partner(program), phone="+49 30 5550147", best_time="Mondays"
    )
    note_introduction(introduction, "Dora Keen has a cold")
    move(introduction, "lost", reason="Dora Keen moved away")
    erase_person(introduction.introduced, reason="asked")
    introduction.refresh_from_db()
    row = [str(value) for value in Introduction.objects.values_list().get()]
    lines = list(introduction.entries.values_list("text", flat=True))
    mailed = [str(context) for context in Message.objects.values_list("context", flat=True)]
    for text in (*row, *lines, *mailed):
        for word in ("Dora", "5550147", "Mondays", "window", "cold"):
            assert word not in text
    assert introduction.stage == "lost"
    assert introduction.consent.withdrawn_at


def test_who_introduced_is_erased_and_the_introduction_stays(program):
    introduction = introduced(program, need="Ann Advocate says: a new shop window")
    erase_person(introduction.giver, reason="asked")
    introduction.refresh_from_db()
    assert introduction.need == "– says: a new shop window"
    assert introduction.giver_name == ""
    assert introduction.introduced.email == "dora@example.org"
