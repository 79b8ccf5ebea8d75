"""One mailbox is one person, and one person is one advocate of a program."""

from decimal import Decimal
from functools import partial

import pytest

from tests.concurrency.racing import Meeting, race, refusals, successes, without_unique
from wagtail_referrals.api import record_event
from wagtail_referrals.people import register
from wagtail_referrals.people.models import Person
from wagtail_referrals.people.register import find_or_add_person
from wagtail_referrals.referrals import visitors
from wagtail_referrals.referrals.join import join_program
from wagtail_referrals.referrals.models import Advocate, DailySalt
from wagtail_referrals.transactions import retried

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

# 32 ways to write one mailbox: this provider ignores case, dots and what follows a plus.
SPELLINGS = [
    f"{local}{tag}@{domain}"
    for local in ("ann.advocate", "AnnAdvocate", "a.n.n.advocate", "ANN.ADVOCATE")
    for tag in ("", "+shop", "+coffee.club", "+2")
    for domain in ("gmail.com", "GoogleMail.com")
]


@retried
def first_visit(program, email):
    return join_program(program, find_or_add_person(email))


def race_of_first_visits(program, monkeypatch):
    """All look whether the person is known before the first of them is written down."""
    meeting = Meeting(32)
    monkeypatch.setattr(register, "find_person", meeting.after(register.find_person))
    return race([partial(first_visit, program, email) for email in SPELLINGS])


def test_32_concurrent_first_visits_give_one_person_and_one_advocate(program, monkeypatch):
    results = race_of_first_visits(program, monkeypatch)
    assert not refusals(results)
    assert len(set(SPELLINGS)) == len(successes(results)) == 32
    assert {advocate.pk for advocate in results} == {Advocate.objects.get().pk}
    assert Person.objects.count() == 1


@pytest.mark.needs_database("postgresql")
def test_without_its_unique_key_one_mailbox_becomes_many_people(program, monkeypatch):
    with without_unique(Person, "email_key"):
        race_of_first_visits(program, monkeypatch)
        assert Person.objects.count() > 1
        assert Advocate.objects.count() > 1


def test_a_known_person_joins_once_however_many_ask_at_once(program):
    person = find_or_add_person("ann@example.org")
    results = race([partial(join_program, program, person)] * 32)
    assert not refusals(results)
    assert {advocate.pk for advocate in results} == {Advocate.objects.get().pk}


@pytest.mark.needs_database("postgresql")
def test_without_its_unique_key_a_person_joins_often(program, monkeypatch):
    from wagtail_referrals.referrals import join

    person = find_or_add_person("ann@example.org")
    monkeypatch.setattr(join, "add_advocate", Meeting(16).before(join.add_advocate))
    with without_unique(Advocate, "program_id", "person_id"):
        race([partial(join_program, program, person)] * 16)
        assert Advocate.objects.count() > 1


def test_16_orders_at_once_of_somebody_new_add_one_person_and_lose_no_order(program):
    def order(number):
        return record_event(
            program,
            "purchase",
            external_id=f"order-{number}",
            email=SPELLINGS[number],
            amount=Decimal("20.00"),
            currency="EUR",
        )

    results = race([partial(order, number) for number in range(16)])
    assert not refusals(results)
    assert all(result.created for result in results)
    assert {result.event.person_id for result in results} == {Person.objects.get().pk}
    assert Person.objects.get().customer_since


def test_the_first_visitors_of_a_day_share_its_salt():
    visitors._known_salts.clear()
    browser = {"REMOTE_ADDR": "10.0.0.9", "HTTP_USER_AGENT": "Firefox"}
    results = race([partial(visitors.visitor_hash, browser)] * 32)
    assert not refusals(results)
    assert len(set(results)) == DailySalt.objects.count() == 1


def test_a_visit_while_the_salts_are_thrown_away_still_has_its_hash(monkeypatch):
    class ThrownAwayAtOnce(dict):
        """What another thread's ``clear()`` between two lines does."""

        def __setitem__(self, day, salt):
            pass

    monkeypatch.setattr(visitors, "_known_salts", ThrownAwayAtOnce())
    browser = {"REMOTE_ADDR": "10.0.0.9", "HTTP_USER_AGENT": "Firefox"}
    assert len(visitors.visitor_hash(browser)) == 32
