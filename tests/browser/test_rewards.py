"""Staff in Chromium: many rewards approved at once, with and without JavaScript."""

import os
from typing import Any

import pytest

from tests.rewards.buying import buy, give_by
from wagtail_referrals.admin import rewards_bulk
from wagtail_referrals.people.register import find_or_add_person
from wagtail_referrals.referrals.join import join_program
from wagtail_referrals.rewards.models import Reward

from .waiting import expect, follow

REWARDS = 12
QUEUE = "/admin/referrals/rewards/?state=held&ordering=created_at"


@pytest.fixture
def held(program: Any, monkeypatch: Any) -> None:
    program.rules.update(approval="always")
    advocate = join_program(program, find_or_add_person("ann@example.org", name="Ann"))
    for number in range(REWARDS):
        buy(advocate, str(number))
    monkeypatch.setattr(rewards_bulk.ApproveRewards, "slice_size", 5)


def approved() -> int:
    return Reward.objects.filter(state="approved").count()


def ours(problems: list[str]) -> list[str]:
    """Wagtail's own screens have inline scripts, which the strict server's policy forbids."""
    theirs = ("Content Security Policy", "policy violation")
    return [text for text in problems if not any(words in text for words in theirs)]


def photograph(page: Any, name: str) -> None:
    if folder := os.environ.get("REFERRALS_SCREENSHOTS"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def test_all_that_is_held_is_approved_with_one_reason(
    staff: Any,
    held: None,
) -> None:
    page, problems = staff()
    page.goto(QUEUE)
    page.locator("[data-bulk-action-select-all-checkbox]").first.check()
    photograph(page, "rewards-queue")
    follow(page.locator("[data-bulk-action-footer]").get_by_text("Approve", exact=True))
    page.get_by_label("Reason").fill("We know them")
    photograph(page, "rewards-approve")
    page.get_by_role("button", name="Approve").click()
    page.get_by_text(f"{REWARDS} rewards are approved.").wait_for()
    assert approved() == REWARDS
    assert ours(problems) == []


def test_without_javascript_a_button_goes_on(staff: Any, held: None) -> None:
    page, _problems = staff(javascript=False)
    page.goto("/admin/bulk/wagtail_referrals/reward/approve/?state=held&id=all&next=/admin/")
    page.get_by_label("Reason").fill("We know them")
    follow(page.get_by_role("button", name="Approve"))
    assert "5 of 12 are done." in page.content()
    photograph(page, "rewards-going-on")
    assert approved() == 5
    follow(page.get_by_role("button", name="Continue"))
    follow(page.get_by_role("button", name="Continue"))
    assert approved() == REWARDS


def test_an_offer_shows_the_fields_of_its_way_only(staff: Any, program: Any) -> None:
    page, problems = staff()
    give_by(program, "pool")
    page.goto(f"/admin/referrals/offers/edit/{program.advocate_offer_id}/")
    page.locator("[name=pool-pool]").wait_for()
    photograph(page, "offer-pool")
    page.get_by_label("Given by").select_option("")
    expect(page.locator("[name=pool-pool]")).to_be_hidden()
    assert ours(problems) == []
