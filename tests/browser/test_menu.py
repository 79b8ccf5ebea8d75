"""The menu's groups in Chromium: with the keyboard alone, at a desk and on a phone."""

import os
from typing import Any

import pytest

from .conftest import SETTLED
from .test_rewards import ours
from .waiting import expect


def press(page: Any, label: str) -> None:
    """Tab to the entry with this label, and open it."""
    page.locator(".sidebar").get_by_text(label, exact=True).first.wait_for()
    for _press in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.innerText").strip() == label:
            page.keyboard.press("Enter")
            return
    raise AssertionError(f"the keyboard does not reach {label}")


def photograph(page: Any, name: str) -> None:
    if folder := os.environ.get("REFERRALS_SCREENSHOTS"):
        page.evaluate(SETTLED)
        page.screenshot(path=f"{folder}/{name}.png")


@pytest.mark.parametrize("width", [1280, 390])
def test_an_entry_of_a_group_is_reached_with_the_keyboard(
    staff: Any, program: Any, width: int
) -> None:
    page, problems = staff()
    page.set_viewport_size({"width": width, "height": 844})
    page.goto("/admin/referrals/offers/")
    if width < 800:
        page.locator(".sidebar-nav-toggle").press("Enter")
    press(page, "Referrals")
    photograph(page, f"menu-{width}")
    press(page, "Rewards")
    coupons = page.get_by_role("link", name="Coupons", exact=True)
    coupons.wait_for()
    photograph(page, f"menu-rewards-{width}")
    press(page, "Coupons")
    page.wait_for_url("**/admin/referrals/coupons/")
    assert ours(problems) == []


@pytest.mark.parametrize("width", [1280, 390])
def test_every_entry_of_every_group_is_within_the_window(
    staff: Any, program: Any, width: int
) -> None:
    page, problems = staff()
    page.set_viewport_size({"width": width, "height": 844})
    page.goto("/admin/referrals/offers/")
    if width < 800:
        page.locator(".sidebar-nav-toggle").click()
    page.get_by_role("button", name="Referrals", exact=True).click()
    for group in (
        "Customers",
        "Rewards",
        "Feedback",
        "Partners",
        "Messages",
        "Numbers",
        "Setup",
    ):
        opener = page.get_by_role("button", name=group, exact=True)
        opener.click()
        entries = opener.locator("xpath=following-sibling::div//li/a")
        entries.first.wait_for()
        for entry in entries.all():
            # All of it, but for what is less than a pixel.
            expect(entry).to_be_in_viewport(ratio=0.99)
        photograph(page, f"menu-{group.lower()}-{width}")
        opener.press("Enter")
    assert ours(problems) == []
