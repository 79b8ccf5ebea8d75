"""«Why did I get nothing?» in a browser: wide and narrow, nothing in anybody's way."""

from decimal import Decimal
from typing import Any

import pytest

from wagtail_referrals.api import record_event
from wagtail_referrals.events.claim import claim_offer
from wagtail_referrals.people.block import block_person
from wagtail_referrals.referrals.models import Advocate


@pytest.fixture
def ann(advocate: Advocate) -> Advocate:
    """An advocate whose friend bought twice, and who is blocked since."""
    claim_offer(advocate, email="bo@example.org")
    for number in (1, 2):
        record_event(
            advocate.program,
            "purchase",
            external_id=f"order-100{number}",
            email="bo@example.org",
            amount=Decimal("49.90"),
            currency="EUR",
        )
    block_person(advocate.person, reason="Sold the code")
    return advocate


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("width", [390, 1280])
def test_staff_find_the_answer_and_copy_it(width: int, ann: Advocate, signed_in: Any) -> None:
    clerk = signed_in(width)
    clerk.open("/admin/referrals/why/")
    clerk.check("why-empty")
    clerk.page.fill("#why-term", "ann@example.org")
    with clerk.page.expect_navigation():
        clerk.page.keyboard.press("Enter")
    clerk.page.wait_for_selector("#section-events")
    words = clerk.page.get_by_label("Words for the customer").first
    assert words.input_value() == "The offer is for another occasion."
    clerk.check("why-story")
    clerk.open(f"/admin/referrals/people/inspect/{ann.person_id}/")
    clerk.check("why-person")
    clerk.open(f"/admin/referrals/people/erase/{ann.person_id}/")
    clerk.check("why-erase")
