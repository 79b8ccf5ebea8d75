"""A friend has one advocate in a program, however many recommend at once."""

from functools import partial

import pytest

from tests.concurrency.racing import Meeting, race, refusals, successes, without_unique
from wagtail_referrals.coupons.models import Coupon
from wagtail_referrals.events import claim
from wagtail_referrals.events.claim import claim_offer
from wagtail_referrals.events.models import Event
from wagtail_referrals.messages.models import Message
from wagtail_referrals.people.models import Consent, Person
from wagtail_referrals.people.register import find_or_add_person
from wagtail_referrals.programs.models import TermsVersion, current_terms
from wagtail_referrals.referrals import refer
from wagtail_referrals.referrals.join import join_program
from wagtail_referrals.referrals.models import Referral

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def advocates(program):
    addresses = ("ann@example.org", "ben@example.org")
    return [join_program(program, find_or_add_person(address)) for address in addresses]


@pytest.fixture
def known(program):
    """Friend and terms are on file, so that only the referral is left to be raced for."""
    current_terms(program)
    return find_or_add_person("bo@example.org")


def claims(advocates, monkeypatch):
    """16 claims of one known friend, half by each advocate; all find the friend free."""
    find = Meeting(16).after(refer._referral_of)
    monkeypatch.setattr(refer, "_referral_of", find)
    return claims_at_once(advocates)


def claims_at_once(advocates):
    return race([partial(claim_offer, each, email="bo@example.org") for each in advocates * 8])


def test_a_friend_claimed_by_two_advocates_at_once_has_one_referral(advocates, known, monkeypatch):
    results = claims(advocates, monkeypatch)
    assert refusals(results) == {"already_referred": 8}
    (winner,) = {result.referral.advocate_id for result in successes(results)}
    assert Referral.objects.get().advocate_id == winner
    assert sum(result.created for result in successes(results)) == 1
    assert len({result.coupon.pk for result in successes(results)}) == 1
    # One mail for the friend, one for whoever brought them.
    assert Message.objects.count() == 2
    made = (Coupon, Event, Consent, TermsVersion)
    assert {kind.__name__: kind.objects.count() for kind in made} == {
        kind.__name__: 1 for kind in made
    }


def test_a_new_friend_claimed_by_two_advocates_at_once_is_one_person_with_one_consent(advocates):
    results = claims_at_once(advocates)
    assert refusals(results) == {"already_referred": 8}
    assert Referral.objects.count() == Coupon.objects.count() == Consent.objects.count() == 1
    assert Person.objects.count() == 3


def test_one_friend_who_claims_16_times_at_once_agrees_once(advocates, known, monkeypatch):
    find = Meeting(16).before(claim.refer)
    monkeypatch.setattr(claim, "refer", find)
    results = claims_at_once([advocates[0]] * 2)
    assert not refusals(results)
    assert sum(result.created for result in results) == 1
    assert Referral.objects.count() == Coupon.objects.count() == Consent.objects.count() == 1


def test_a_claim_that_the_same_claim_overtook_does_not_agree_again(advocates, known, monkeypatch):
    original = claim.refer

    def overtaken(*args, **kwargs):
        monkeypatch.setattr(claim, "refer", original)
        claim_offer(advocates[0], email="bo@example.org")
        return original(*args, **kwargs)

    monkeypatch.setattr(claim, "refer", overtaken)
    assert not claim_offer(advocates[0], email="bo@example.org").created
    assert Consent.objects.count() == Coupon.objects.count() == 1


def test_where_the_last_recommendation_counts_there_is_one_referral_too(
    advocates, known, program, monkeypatch
):
    program.attribution_model = "last"
    program.save()
    for advocate in advocates:
        advocate.program.refresh_from_db()
    results = claims(advocates, monkeypatch)
    assert set(refusals(results)) <= {"already_referred"}
    assert Referral.objects.count() == 1
    # A message and a coupon for each of the two claims at most, never for each call.
    coupons = Message.objects.filter(kind="friend_coupon")
    assert 1 <= Coupon.objects.count() == coupons.count() == Event.objects.count() <= 2


@pytest.mark.needs_database("postgresql")
def test_without_its_unique_key_a_friend_has_several_advocates(advocates, known, monkeypatch):
    with without_unique(Referral, "program_id", "friend_id"):
        claims(advocates, monkeypatch)
        assert Referral.objects.count() > 1
        assert Coupon.objects.count() > 1
