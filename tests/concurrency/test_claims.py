"""A friend has one advocate in a program, however many recommend at once."""

from functools import partial

import pytest

from tests.concurrency.racing import Meeting, race, refusals, successes, without_unique
from wagtail_referrals.coupons.models import Coupon
from wagtail_referrals.events.claim import claim_offer
from wagtail_referrals.events.models import Event
from wagtail_referrals.messages.models import Message
from wagtail_referrals.people.models import Consent, Person
from wagtail_referrals.people.register import find_or_add_person
from wagtail_referrals.programs.models import TermsVersion
from wagtail_referrals.referrals import refer
from wagtail_referrals.referrals.join import join_program
from wagtail_referrals.referrals.models import Referral

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def advocates(program):
    addresses = ("ann@example.org", "ben@example.org")
    return [join_program(program, find_or_add_person(address)) for address in addresses]


def claims(advocates, monkeypatch):
    """16 claims of one friend, half by each advocate; all find the friend free."""
    find = Meeting(16).after(refer._referral_of)
    monkeypatch.setattr(refer, "_referral_of", find)
    return race([partial(claim_offer, each, email="bo@example.org") for each in advocates * 8])


def test_a_friend_claimed_by_two_advocates_at_once_has_one_referral(advocates, monkeypatch):
    find_or_add_person("bo@example.org")
    results = claims(advocates, monkeypatch)
    assert refusals(results) == {"already_referred": 8}
    (winner,) = {result.referral.advocate_id for result in successes(results)}
    assert Referral.objects.get().advocate_id == winner
    assert sum(result.created for result in successes(results)) == 1
    assert len({result.coupon.pk for result in successes(results)}) == 1
    made = (Coupon, Event, Message, Consent, TermsVersion)
    assert {kind.__name__: kind.objects.count() for kind in made} == {
        kind.__name__: 1 for kind in made
    }


def test_a_new_friend_claimed_by_two_advocates_at_once_is_one_person(advocates, monkeypatch):
    results = claims(advocates, monkeypatch)
    assert refusals(results) == {"already_referred": 8}
    assert Referral.objects.count() == Coupon.objects.count() == 1
    assert Person.objects.count() == 3


def test_where_the_last_recommendation_counts_there_is_one_referral_too(
    advocates, program, monkeypatch
):
    program.attribution_model = "last"
    program.save()
    for advocate in advocates:
        advocate.program.refresh_from_db()
    results = claims(advocates, monkeypatch)
    assert set(refusals(results)) <= {"already_referred"}
    assert Referral.objects.count() == 1
    # A message and a coupon for each of the two claims at most, never for each call.
    assert 1 <= Coupon.objects.count() == Message.objects.count() == Event.objects.count() <= 2


@pytest.mark.needs_database("postgresql")
def test_without_its_unique_key_a_friend_has_several_advocates(advocates, monkeypatch):
    find_or_add_person("bo@example.org")
    with without_unique(Referral, "program_id", "friend_id"):
        claims(advocates, monkeypatch)
        assert Referral.objects.count() > 1
        assert Coupon.objects.count() > 1
