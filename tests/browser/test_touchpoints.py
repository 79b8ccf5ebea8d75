"""The owner draws the map, is kept from asking at the till, and tries it before it asks anybody."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone
from wagtail.users.models import UserProfile

from wagtail_referrals.api import record_event
from wagtail_referrals.asks.models import Touchpoint

from .test_introductions import look
from .test_rewards import ours
from .waiting import follow

HERE = "/admin/referrals/touchpoints/"


@pytest.fixture
def sold(program: Any, pages: Any) -> None:
    """Twelve people bought within the last month."""
    program.starts_at = timezone.now() - timedelta(days=90)
    program.save()
    for number in range(12):
        record_event(
            program,
            "purchase",
            external_id=str(number),
            email=f"p{number}@example.org",
            amount=Decimal("20.00"),
            currency="EUR",
            occurred_at=timezone.now() - timedelta(days=8 + number),
        )


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no script"])
def test_the_owner_draws_the_map_and_tries_it(
    staff: Any,
    sold: None,
    javascript: bool,
) -> None:
    page, problems = staff(javascript=javascript)
    page.goto(HERE)
    follow(page.get_by_role("link", name="Begin with the usual touchpoints"))
    seen(page, "touchpoints-usual", javascript)
    follow(page.get_by_role("button", name="Put them on the map"))
    page.get_by_role("heading", name="The way of a customer").wait_for()
    seen(page, "touchpoints-map", javascript)
    follow(page.get_by_role("link", name="Add a touchpoint at “buy”"))
    page.locator("[name=name]").fill("They get the bill")
    page.locator("[name=event_kind]").fill("purchase")
    page.locator("[name=is_paying]").check()
    page.locator("[name=asks_for]").select_option("feedback")
    follow(page.get_by_role("button", name="Save"))
    page.get_by_role("button", name="Ask three days later").scroll_into_view_if_needed()
    seen(page, "touchpoints-till", javascript)
    follow(page.get_by_role("button", name="Ask three days later"))
    assert page.locator("[name=delay_hours]").input_value() == "72"
    follow(page.get_by_role("button", name="What would it have sent last month?"))
    page.get_by_role("heading", name="It would have sent").wait_for()
    seen(page, "touchpoints-tried", javascript)
    follow(page.get_by_role("button", name="Go on editing"))
    assert page.locator("[name=name]").input_value() == "They get the bill"
    assert not Touchpoint.objects.filter(name="They get the bill").exists()
    follow(page.get_by_role("button", name="Save"))
    page.get_by_role("heading", name="The way of a customer").wait_for()
    assert Touchpoint.objects.get(name="They get the bill").delay_hours == 72
    assert ours(problems) == []


def test_no_german_word_is_wider_than_its_column(staff: Any, sold: None) -> None:
    page, problems = staff()
    profile = UserProfile.get_for_user(get_user_model().objects.get(username="owner"))
    profile.preferred_language = "de"
    profile.save()
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(HERE)
    page.get_by_role("link", name="Mit den üblichen Berührungspunkten anfangen").click()
    page.locator("main form [type=submit]").last.click()
    stages = page.locator(".referrals-way__stage")
    stages.first.wait_for()
    assert stages.count() == 7
    wide = stages.evaluate_all("all => all.map(one => one.scrollWidth - one.clientWidth)")
    assert max(wide[:-1]) <= 13 and wide[-1] <= 0, wide
    assert ours(problems) == []


def seen(page: Any, name: str, javascript: bool) -> None:
    if javascript:
        look(page, name)
