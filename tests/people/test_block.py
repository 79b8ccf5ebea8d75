"""The block list: who is on it gets nothing, and hears nothing about anybody."""

from decimal import Decimal

import pytest
from django.test import Client

from wagtail_referrals.coupons.issue import issue_coupon
from wagtail_referrals.coupons.redeem import quote_coupon
from wagtail_referrals.events.claim import claim_offer
from wagtail_referrals.events.record import record_event
from wagtail_referrals.exceptions import ClaimRefused, InvalidInput, ReferralsError
from wagtail_referrals.people.block import block_person, unblock_person
from wagtail_referrals.people.register import find_or_add_person, find_person
from wagtail_referrals.referrals.models import Advocate
from wagtail_referrals.rewards.issue import issue_due_rewards
from wagtail_referrals.rewards.models import Decision, Reward, RewardState


def buy(advocate: Advocate, email: str, order: str = "1001") -> None:
    record_event(
        advocate.program,
        "purchase",
        external_id=order,
        email=email,
        amount=Decimal("49.90"),
        currency="EUR",
    )


def test_a_blocked_friend_is_refused(advocate: Advocate) -> None:
    block_person("bo@example.org", reason="Returned ten orders")
    with pytest.raises(ClaimRefused) as refused:
        claim_offer(advocate, email="BO@example.org")
    assert refused.value.code == "blocked"


def test_a_blocked_advocate_brings_nobody(advocate: Advocate) -> None:
    block_person(advocate.person, reason="Sold the code")
    with pytest.raises(ClaimRefused) as refused:
        claim_offer(advocate, email="bo@example.org")
    assert refused.value.code == "blocked"


def test_who_claims_again_after_a_block_is_not_shown_the_coupon(advocate: Advocate) -> None:
    claim_offer(advocate, email="bo@example.org")
    block_person("bo@example.org", reason="x")
    with pytest.raises(ClaimRefused):
        claim_offer(advocate, email="bo@example.org")


def test_what_happens_meanwhile_is_decided_with_the_reason(advocate: Advocate) -> None:
    claim_offer(advocate, email="bo@example.org")
    block_person(advocate.person, reason="x")
    buy(advocate, "bo@example.org")
    decision = Decision.objects.get(rule__trigger="first_purchase")
    assert (decision.granted, decision.reason) == (False, "blocked")


def test_what_waits_is_held_and_not_given_when_due(advocate: Advocate) -> None:
    claim_offer(advocate, email="bo@example.org")
    buy(advocate, "bo@example.org")
    reward = Reward.objects.get(beneficiary="advocate")
    block_person(advocate.person, reason="Sold the code")
    issue_due_rewards(at=reward.hold_until)
    reward.refresh_from_db()
    assert reward.state == RewardState.HELD
    entry = reward.entries.last()
    assert entry and entry.reason == "Sold the code"


def test_a_blocked_holder_s_coupon_is_refused_until_the_block_ends(advocate: Advocate) -> None:
    person = find_or_add_person("bo@example.org")
    program = advocate.program
    coupon = issue_coupon(program, program.friend_offer, amount=Decimal(10), holder=person)
    order = {"email": "bo@example.org", "order_total": Decimal(50), "currency": "EUR"}

    def reason(**client: str) -> str:
        return quote_coupon(coupon.display_code, **order, **client).reason  # type: ignore[arg-type]

    block_person(person, reason="x")
    assert reason() == "blocked"
    # Whoever tries codes hears no more than of any other code.
    assert reason(client="192.0.2.1") == "not_valid"
    unblock_person(person, reason="A mistake")
    assert reason() == ""


def test_an_address_nobody_has_used_can_be_blocked(db: None) -> None:
    person = block_person("new@example.org", reason="Known from elsewhere")
    assert find_person("NEW@example.org") == person
    assert person.blocked_reason == "Known from elsewhere"


def test_a_block_is_made_once_and_ended_once(advocate: Advocate) -> None:
    with pytest.raises(ReferralsError):
        unblock_person(advocate.person, reason="x")
    block_person(advocate.person, reason="x")
    with pytest.raises(ReferralsError) as refused:
        block_person(advocate.person, reason="y")
    assert refused.value.code == "not_possible"
    unblock_person(advocate.person, reason="x")
    assert claim_offer(advocate, email="bo@example.org").created


@pytest.mark.parametrize("reason", ["", "  ", "\x00"])
def test_a_block_needs_a_reason_and_an_address(db: None, reason: str) -> None:
    with pytest.raises(InvalidInput):
        block_person("bo@example.org", reason=reason)
    assert find_person("bo@example.org") is None
    with pytest.raises(InvalidInput):
        block_person("nobody", reason="x")


def test_the_page_says_so_kindly(
    advocate: Advocate, landing: object, client: Client, no_time_trap: None
) -> None:
    advocate.refresh_from_db()
    block_person("bo@example.org", reason="Returned ten orders")
    page = client.get(f"/welcome/with/{advocate.display_code}/")
    form = page.context["form"]
    data = {name: form[name].value() or "" for name in form.fields}
    data |= {"email": "bo@example.org", "terms": "on"}
    answer = client.post(page.context["form_action"], data, follow=True)
    text = answer.content.decode()
    assert "We cannot give you this offer" in text
    assert "block" not in text.lower() and "ten orders" not in text
