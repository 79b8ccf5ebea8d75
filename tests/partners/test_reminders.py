"""Who keeps in touch with a partner is told that it is time to, once for each day chosen."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from wagtail_referrals.due import run_due
from wagtail_referrals.messages.compose import compose
from wagtail_referrals.messages.models import Message
from wagtail_referrals.partners.contact_reminders import remind_of_contacts
from wagtail_referrals.partners.models import Partner
from wagtail_referrals.people.register import find_or_add_person
from wagtail_referrals.programs.models import Program
from wagtail_referrals.referrals.join import join_program


def due(program: Program, name: str, **values: Any) -> Partner:
    person = find_or_add_person(f"{name.lower()}@example.org", name=name)
    values = {"next_contact_on": timezone.localdate(), "state": "active", **values}
    return Partner.objects.create(
        program=program, advocate=join_program(program, person), name=name, **values
    )


@pytest.fixture
def kim(django_user_model: Any) -> Any:
    return django_user_model.objects.create_user("kim", "kim@example.org", "x")


def test_its_owner_gets_one_mail_for_all_that_is_due(program: Program, kim: Any) -> None:
    due(program, "Mill", owner=kim)
    due(program, "Forge", owner=kim)
    assert remind_of_contacts() == 2
    message = Message.objects.get(kind="partners_due")
    mail = compose(message)
    assert mail.to == ["kim@example.org"]
    assert "Mill" in mail.body
    assert "/admin/referrals/partners/inspect/" in mail.body


def test_a_partner_of_nobody_s_is_told_of_to_the_program(program: Program) -> None:
    program.notify_email = "owner@example.org"
    program.save()
    due(program, "Mill")
    remind_of_contacts()
    assert compose(Message.objects.get()).to == ["owner@example.org"]


def test_each_day_chosen_is_told_once(program: Program, kim: Any) -> None:
    mill = due(program, "Mill", owner=kim)
    now = timezone.now()
    assert [remind_of_contacts(at=now) for _ in range(2)] == [1, 0]
    Partner.objects.filter(pk=mill.pk).update(next_contact_on=timezone.localdate() + timedelta(9))
    assert remind_of_contacts(at=now + timedelta(days=8)) == 0
    assert remind_of_contacts(at=now + timedelta(days=9)) == 1


@pytest.mark.parametrize(
    "values",
    [{"state": "ended"}, {"next_contact_on": None}, {"next_contact_on": "2999-01-01"}],
)
def test_nobody_is_told_of_what_is_not_due(program: Program, kim: Any, values: Any) -> None:
    due(program, "Mill", owner=kim, **values)
    assert remind_of_contacts() == 0


def test_it_is_part_of_what_is_done_when_due(program: Program, kim: Any) -> None:
    due(program, "Mill", owner=kim)
    assert run_due()["partners_told"] == 1
