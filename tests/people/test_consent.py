"""Permissions: kept in their words, taken back once, and with them what they allowed."""

from typing import Any

import pytest

from tests.people.rich_story import tell_all
from wagtail_referrals.events.claim import claim_offer
from wagtail_referrals.exceptions import ReferralsError
from wagtail_referrals.feedback.testimonial_models import Testimonial
from wagtail_referrals.people.consent import version_of, withdraw, withdraw_by_staff
from wagtail_referrals.people.models import Consent, Person
from wagtail_referrals.referrals.models import Advocate


@pytest.fixture
def ann(db: None, django_user_model: Any) -> Person:
    clerk = django_user_model.objects.create_user("clerk", "clerk@example.org", "x")
    return tell_all(clerk).advocate.person


def test_every_permission_has_the_version_of_its_wording(advocate):
    claim_offer(advocate, email="bo@example.org", place="Welcome")
    consent = Consent.objects.get()
    assert (consent.version, consent.place) == (version_of(consent.wording), "Welcome")
    assert version_of(consent.wording) != version_of(consent.wording + " ")


def test_words_are_off_the_pages_when_the_permission_is_withdrawn(ann):
    assert Testimonial.objects.get().live
    assert withdraw(ann.consents.get(kind="publish"))
    assert not Testimonial.objects.get().live


def test_a_name_is_off_the_board_when_the_permission_is_withdrawn(ann):
    assert withdraw(ann.consents.get(kind="listed"))
    advocate = Advocate.objects.get(person=ann)
    assert (advocate.shown_as, advocate.alias) == ("", "")


def test_another_permission_leaves_the_board_alone(ann):
    withdraw(ann.consents.get(kind="publish"))
    assert Advocate.objects.get(person=ann).alias


def test_it_is_withdrawn_once_and_the_row_stays(ann):
    consent = ann.consents.get(kind="publish")
    assert withdraw(consent) and not withdraw(consent)
    consent.refresh_from_db()
    assert consent.withdrawn_at and consent.wording


def test_staff_say_why_and_only_once(ann):
    consent = ann.consents.get(kind="publish")
    withdraw_by_staff(consent, reason="By telephone")
    with pytest.raises(ReferralsError):
        withdraw_by_staff(consent, reason="By telephone")
