"""The menu's groups in Chromium: with the keyboard alone, at a desk and on a phone."""

import os
from typing import Any

import pytest

from .test_rewards import ours


def press(page: Any, label: str) -> None:
    """Tab to the entry with this label, and open it."""
    for _press in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.innerText").strip() == label:
            page.keyboard.press("Enter")
            return
    raise AssertionError(f"the keyboard does not reach {label}")


def photograph(page: Any, name: str) -> None:
    if folder := os.environ.get("REFERRALS_SCREENSHOTS"):
        page.wait_for_timeout(300)
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
        page.wait_for_timeout(300)
        for entry in entries.all():
            box = entry.bounding_box()
            assert box["x"] >= 0 and box["x"] + box["width"] <= width, (group, box)
            assert box["y"] >= 0 and box["y"] + box["height"] <= 844, (group, box)
        photograph(page, f"menu-{group.lower()}-{width}")
        opener.press("Enter")
    assert ours(problems) == []
