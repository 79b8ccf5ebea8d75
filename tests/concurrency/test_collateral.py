"""Two of the staff at once: one new version of a piece; two runs at once: one reminder."""

from copy import copy
from functools import partial

import pytest
from django.db.models import QuerySet
from django.utils import timezone

from tests.concurrency.racing import Meeting, race, refusals, successes
from wagtail_referrals.messages import to_staff
from wagtail_referrals.messages.models import Message
from wagtail_referrals.partners.collateral import add_version, put_on_shelf
from wagtail_referrals.partners.collateral_models import Collateral
from wagtail_referrals.partners.contact_reminders import remind_of_contacts
from wagtail_referrals.partners.models import Partner
from wagtail_referrals.people.register import find_or_add_person
from wagtail_referrals.referrals.join import join_program

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

TIMES = 16


@pytest.fixture
def piece(program):
    piece = Collateral(program=program, title="Prices", kind="price_list", url="https://x.org/1")
    put_on_shelf(piece)
    return piece


def test_one_of_16_new_versions_takes_the_place_of_what_they_all_saw(piece):
    calls = [
        partial(add_version, copy(piece), url=f"https://x.org/{number}") for number in range(TIMES)
    ]
    results = race(calls)
    assert len(successes(results)) == 1
    assert refusals(results) == {"edited_meanwhile": TIMES - 1}
    assert sorted(piece.versions.values_list("number", flat=True)) == [1, 2]


@pytest.fixture
def partner(program, django_user_model):
    person = find_or_add_person("mia@example.org", name="Mia")
    return Partner.objects.create(
        program=program,
        advocate=join_program(program, person),
        name="Mill",
        state="active",
        next_contact_on=timezone.localdate(),
        owner=django_user_model.objects.create_user("kim", "kim@example.org"),
    )


def remind_many(monkeypatch):
    meeting = Meeting(TIMES)
    recipient = meeting.after(to_staff.recipient)
    monkeypatch.setattr(to_staff, "recipient", recipient)
    return race([remind_of_contacts] * TIMES)


def test_16_runs_at_once_tell_of_a_partner_once(partner, monkeypatch):
    results = remind_many(monkeypatch)
    assert not refusals(results)
    assert sum(results) == 1
    assert Message.objects.filter(kind="partners_due").count() == 1


@pytest.mark.needs_database("postgresql")
def test_without_the_mark_in_the_update_they_tell_of_it_often(partner, monkeypatch):
    """The negative control: every run takes the partner it saw for its own."""
    update = QuerySet.update

    def always(rows, **values):
        return update(rows, **values) or (1 if "reminded_on" in values else 0)

    monkeypatch.setattr(QuerySet, "update", always)
    assert sum(remind_many(monkeypatch)) > 1
