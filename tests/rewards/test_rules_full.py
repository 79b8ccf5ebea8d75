"""A program with nothing left to give says so, and promises nothing."""

from decimal import Decimal
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from wagtail_referrals.blocks import ReferralOfferBlock
from wagtail_referrals.events.claim import claim_offer
from wagtail_referrals.exceptions import ClaimRefused
from wagtail_referrals.messages.deliver import deliver_due
from wagtail_referrals.programs.models import Program
from wagtail_referrals.rewards.running_dry import reopen_what_has_room


@pytest.fixture
def full(program: Program, advocate: Any) -> Program:
    """A budget of one reward, which somebody has."""
    program.budget_rewards = 1
    program.notify_email = "owner@example.org"
    program.save()
    advocate.program = program
    assert claim_offer(advocate, email="bo@example.org").coupon
    program.refresh_from_db()
    assert program.full_since
    return program


def test_a_claim_is_refused_and_the_page_says_so(
    full: Program, landing: Any, advocate: Any, client: Client
) -> None:
    with pytest.raises(ClaimRefused) as refusal:
        claim_offer(advocate.__class__.objects.get(pk=advocate.pk), email="cy@example.org")
    assert refusal.value.code == "full"
    for path in ("", f"with/{advocate.display_code}/"):
        page = client.get(landing.url + path).content.decode()
        assert "All gifts are taken" in page and "10% off" not in page


def test_who_has_claimed_before_gets_the_same_coupon_again(full: Program, advocate: Any) -> None:
    again = claim_offer(
        advocate.__class__.objects.select_related("program").get(pk=advocate.pk),
        email="bo@example.org",
    )
    assert again.coupon and not again.created


def test_a_block_on_any_page_promises_nothing(full: Program, landing: Any) -> None:
    block = ReferralOfferBlock()
    html = block.render(block.to_python({"page": landing.pk, "heading": "", "text": ""}))
    assert "All gifts are taken" in html and "10% off" not in html


def test_the_owner_is_told_once(full: Program) -> None:
    deliver_due()
    told = [message for message in mail.outbox if message.to == ["owner@example.org"]]
    assert len(told) == 1
    assert told[0].subject == "Nothing left to give: the budget is used up"
    assert "as much as its budget allows" in told[0].body


def test_with_more_budget_it_promises_again(
    full: Program, landing: Any, advocate: Any, client: Client
) -> None:
    Program.objects.update(budget_rewards=2)
    assert reopen_what_has_room(at=timezone.now()) == 1
    page = client.get(f"{landing.url}with/{advocate.display_code}/").content.decode()
    assert "10% off" in page


def test_a_budget_in_money_of_nothing_but_percentages_is_never_used(
    program: Program, advocate: Any
) -> None:
    program.budget_amount = Decimal("0.01")
    program.save()
    claim_offer(advocate, email="bo@example.org")
    program.refresh_from_db()
    assert program.full_since is None
