from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from wagtail_referrals.api import record_event
from wagtail_referrals.coupons.models import Coupon
from wagtail_referrals.events.claim import claim_offer
from wagtail_referrals.exceptions import ClaimRefused, InvalidInput
from wagtail_referrals.messages.models import Message
from wagtail_referrals.people.models import Consent, Person
from wagtail_referrals.people.register import find_or_add_person
from wagtail_referrals.programs.models import AttributionModel
from wagtail_referrals.referrals.join import join_program
from wagtail_referrals.referrals.models import AttributionChange, Referral


@pytest.fixture
def other_advocate(program):
    return join_program(program, find_or_add_person("eve@example.org", name="Eve"))


def refusal(call):
    with pytest.raises(ClaimRefused) as refused:
        call()
    return refused.value.code


def test_a_claim_makes_referral_coupon_message_and_consent(advocate):
    claim = claim_offer(advocate, email="bo@example.org")
    assert claim.created
    assert claim.coupon.holder == claim.referral.friend
    kinds = set(Message.objects.values_list("kind", flat=True))
    assert kinds == {"friend_coupon", "friend_claimed"}
    assert Consent.objects.get().wording == advocate.program.terms


def test_claiming_again_changes_nothing(advocate):
    first = claim_offer(advocate, email="bo@example.org")
    again = claim_offer(advocate, email="BO@example.org")
    assert (again.referral, again.coupon, again.created) == (first.referral, first.coupon, False)
    assert Coupon.objects.count() == 1
    assert Message.objects.filter(kind="friend_coupon").count() == 1


def test_the_first_recommendation_wins(advocate, other_advocate):
    claim_offer(advocate, email="bo@example.org")
    call = lambda: claim_offer(other_advocate, email="bo@example.org")  # noqa: E731
    assert refusal(call) == "already_referred"
    assert Referral.objects.get().advocate == advocate


def test_the_last_recommendation_wins_where_the_program_says_so(program, advocate, other_advocate):
    program.attribution_model = AttributionModel.LAST
    program.save()
    other_advocate.program.refresh_from_db()
    claim_offer(advocate, email="bo@example.org")
    claim_offer(other_advocate, email="bo@example.org")
    assert Referral.objects.get().advocate == other_advocate
    assert AttributionChange.objects.get().from_advocate == advocate


def test_a_friend_who_bought_stays_with_who_brought_them(program, advocate, other_advocate):
    program.attribution_model = AttributionModel.LAST
    program.save()
    claim_offer(advocate, email="bo@example.org")
    record_event(
        "friends", "purchase", external_id="1", email="bo@example.org", amount=1, currency="EUR"
    )
    with pytest.raises(ClaimRefused):
        claim_offer(other_advocate, email="bo@example.org")
    assert Referral.objects.get().advocate == advocate


def test_who_was_attributed_before_still_gets_the_coupon_on_claiming(advocate):
    record_event(
        "friends",
        "signup",
        external_id="1",
        email="bo@example.org",
        referral_code=advocate.display_code,
    )
    assert claim_offer(advocate, email="bo@example.org").coupon is not None


def test_two_cannot_bring_each_other(program, advocate):
    claim = claim_offer(advocate, email="bo@example.org")
    bo = join_program(program, claim.referral.friend)
    assert refusal(lambda: claim_offer(bo, email="ann@example.org")) == "self_referral"


def test_a_friend_gets_one_coupon_however_many_recommend(program, advocate, other_advocate):
    program.attribution_model = AttributionModel.LAST
    program.save()
    other_advocate.program.refresh_from_db()
    first = claim_offer(advocate, email="bo@example.org")
    second = claim_offer(other_advocate, email="bo@example.org")
    assert second.coupon == first.coupon
    assert Coupon.objects.count() == 1
    assert Message.objects.filter(kind="friend_coupon").count() == 1


def test_without_terms_no_consent_is_made_up(program, advocate):
    program.terms = ""
    program.save()
    advocate.program.refresh_from_db()
    assert claim_offer(advocate, email="bo@example.org").referral.terms is None
    assert not Consent.objects.exists()


def test_the_window_begins_anew_when_the_same_advocate_recommends_after_its_end(advocate):
    referral = claim_offer(advocate, email="bo@example.org").referral
    later = timezone.now() + timedelta(days=91)
    claim_offer(advocate, email="bo@example.org", at=later)
    referral.refresh_from_db()
    assert referral.claimed_at == later


@pytest.mark.parametrize("email", ["ann@example.org", "ANN@EXAMPLE.ORG"])
def test_nobody_refers_themselves(advocate, email):
    assert refusal(lambda: claim_offer(advocate, email=email)) == "self_referral"


def test_nobody_refers_themselves_signed_in(advocate, django_user_model):
    user = django_user_model.objects.create_user("ann")
    advocate.person.user = user
    advocate.person.save()
    call = lambda: claim_offer(advocate, email="new@example.org", user_id=user.pk)  # noqa: E731
    assert refusal(call) == "self_referral"
    assert not Person.objects.filter(email="new@example.org").exists()


def test_a_customer_is_told_so(advocate):
    record_event(
        "friends", "purchase", external_id="1", email="bo@example.org", amount=1, currency="EUR"
    )
    call = lambda: claim_offer(advocate, email="bo@example.org")  # noqa: E731
    assert refusal(call) == "already_customer"


def test_a_program_that_is_over_is_closed(program, advocate):
    program.ends_at = timezone.now() + timedelta(days=1)
    program.save()
    advocate.program.refresh_from_db()
    late = timezone.now() + timedelta(days=2)
    call = lambda: claim_offer(advocate, email="bo@example.org", at=late)  # noqa: E731
    assert refusal(call) == "closed"


def test_a_bad_address_is_refused(advocate):
    with pytest.raises(InvalidInput):
        claim_offer(advocate, email="nobody")


def test_terms_and_offer_are_those_of_the_day_of_the_claim(program, advocate):
    claim = claim_offer(advocate, email="bo@example.org")
    program.terms = "<p>Nothing for anybody.</p>"
    program.save()
    program.friend_offer.amount = Decimal(1)
    program.friend_offer.save()
    claim.referral.refresh_from_db()
    claim.coupon.refresh_from_db()
    assert claim.referral.terms.body == "<p>One coupon for each friend.</p>"
    assert claim.coupon.amount == 10
