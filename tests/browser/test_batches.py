"""Staff in Chromium: cards on paper, and codes that are made while one watches."""

import os
import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from wagtail_referrals.admin import batches as screens
from wagtail_referrals.coupons.batches import make_codes
from wagtail_referrals.coupons.models import CouponBatch
from wagtail_referrals.coupons.upload import upload_codes

from .waiting import follow

LONG = "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz"
MILLIMETRE = 96 / 25.4


def new_batch(program: Any, **values: Any) -> CouponBatch:
    values = {"name": "Spring", "kind": "percent", "amount": Decimal(10), "wanted": 1, **values}
    return CouponBatch(program=program, **values)


@pytest.mark.parametrize("words", [LONG, "خصم على القهوة " * 8], ids=["long", "right to left"])
def test_cards_are_ten_to_a_sheet_of_a4_with_the_whole_code_on_each(
    staff: Any, program: Any, words: str
) -> None:
    batch = new_batch(
        program,
        wording=words[:120],
        fine_print=(words * 9)[:255],
        expires_at=timezone.now() + timedelta(days=9),
        minimum_order=Decimal(20),
        currency="EUR",
        new_customers_only=True,
    )
    codes = [f"{number:02}-" + "W" * 61 for number in range(24)]
    upload_codes(batch, "\n".join(codes).encode())
    page, problems = staff()
    page.goto(f"/admin/referrals/batches/cards/{batch.pk}/")
    page.emulate_media(media="print")
    cards = page.locator(".card")
    assert cards.count() == 24
    for card in (cards.nth(0), cards.nth(9), cards.nth(23)):
        box, code = card.bounding_box(), card.locator(".code")
        assert abs(box["width"] - 85 * MILLIMETRE) < 1
        assert abs(box["height"] - 54 * MILLIMETRE) < 1
        below = code.bounding_box()
        assert code.inner_text() in codes
        assert below["y"] + below["height"] <= box["y"] + box["height"] - 4 * MILLIMETRE
        qr = card.locator(".qr svg").bounding_box()
        assert abs(qr["width"] - 28 * MILLIMETRE) < 1 and abs(qr["height"] - qr["width"]) < 1
    if folder := os.environ.get("REFERRALS_SCREENSHOTS"):
        page.screenshot(path=f"{folder}/cards-{words[0]}.png", full_page=True)
    printed = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", printed)) == 3
    assert not problems


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no script"])
def test_the_codes_of_a_batch_are_made_while_one_watches(
    staff: Any, program: Any, monkeypatch: pytest.MonkeyPatch, javascript: bool
) -> None:
    monkeypatch.setattr(screens, "SLICE", 50)
    batch = new_batch(program, wanted=200)
    batch.save()
    make_codes(batch, 50)
    page, _problems = staff(javascript=javascript)
    # With a script it goes on by itself: there is no end of its loading to wait for.
    page.goto(f"/admin/referrals/batches/make/{batch.pk}/", wait_until="commit")
    for _press in range(0 if javascript else 3):
        follow(page.get_by_role("button", name="Go on"))
    page.wait_for_url(f"**/batches/inspect/{batch.pk}/")
    assert "200 of 200" in page.content()
    assert batch.coupons.count() == 200
