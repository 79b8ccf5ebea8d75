"""NPS report, starters and an invitation in Chromium, at a desk and on a phone."""

import os
import random
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.browser.conftest import SETTLED, _axe
from wagtail_referrals.feedback.guests import read_guests
from wagtail_referrals.feedback.invitations import invitation_link, invite
from wagtail_referrals.feedback.models import FeedbackResponse
from wagtail_referrals.insights.tallies import update_tallies

from .test_rewards import ours
from .waiting import PATIENCE, follow


@pytest.fixture
def answers(program: Any, pages: Any) -> None:
    """A year of made-up answers, more in the end than in the beginning."""
    rng = random.Random(3)
    for _number in range(260):
        FeedbackResponse.objects.create(
            page_id=pages[1].pk,
            program=program,
            form_data={},
            words=rng.choice(["More seats when it rains", "Open on Sundays"]),
            score=rng.choice([10, 10, 9, 9, 8, 7, 6, 3]),
            source=rng.choice(["mail", "card", "", "a-source-with-a-very-long-name-indeed-yes"]),
            regular=rng.random() < 0.4,
            locale=rng.choice(["en", "de"]),
            submit_time=timezone.now() - timedelta(days=rng.triangular(0, 364, 0)),
        )
    update_tallies()


def _until_drawn(page: Any) -> int:
    """By how much the page is too wide, once its charts had time to take their new size."""
    page.wait_for_load_state()
    for _attempt in range(PATIENCE // 300):
        page.wait_for_timeout(300)
        wide = page.locator("main").evaluate("main => main.scrollWidth - main.clientWidth")
        if wide <= 0:
            break
    return int(wide)


def look(page: Any, name: str) -> None:
    """Nothing is wider than the screen, and nothing of ours keeps anybody out."""
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        _until_drawn(page)
        if folder := os.environ.get("REFERRALS_SCREENSHOTS"):
            # The admin scrolls inside of its window: a long one shows all of it.
            page.set_viewport_size({"width": width, "height": 3600})
            page.screenshot(path=f"{folder}/{name}-{width}.png")
        wide = _until_drawn(page)
        assert wide <= 0, (name, width, wide)
    page.evaluate(SETTLED)
    found = [problem for problem in _axe(page) if "referrals-" in problem or "nps-" in problem]
    assert not found


def test_the_report_is_readable_at_a_desk_and_on_a_phone(
    staff: Any,
    answers: Any,
) -> None:
    page, problems = staff()
    page.goto("/admin/referrals/nps/?one=regular:True&other=regular:False")
    page.locator(".referrals-nps__score").wait_for()
    assert page.locator(".referrals-nps__gauge title").count() == 1
    compared = page.locator("section", has=page.locator("#nps-compared"))
    assert "chance" in compared.inner_text().lower()
    look(page, "nps")
    assert ours(problems) == []


def test_a_form_is_started_by_one_button(staff: Any, program: Any) -> None:
    page, problems = staff()
    page.goto("/admin/referrals/starters/")
    look(page, "starters")
    page.set_viewport_size({"width": 1280, "height": 900})
    follow(page.get_by_role("button", name="Start with this").first)
    page.wait_for_url("**/edit/")
    assert page.get_by_text("The draft “How was your first order?” is made.").count()
    assert ours(problems) == []


def test_an_invitation_is_answered_on_a_phone(visit: Any, program: Any, pages: Any) -> None:
    one = invite(pages[1], program, read_guests(b"ann@example.org,Ann Advocate")).made[0]
    ann = visit("Ann")
    ann.open(invitation_link(pages[1], one) + "?score=9")
    assert ann.page.locator("input[name=score][value='9']").is_checked()
    ann.check("invited")
    ann.page.wait_for_timeout(2100)
    follow(ann.page.get_by_role("button", name="Send"))
    code = ann.coupon
    ann.open(invitation_link(pages[1], one))
    assert ann.coupon == code
    ann.check("invited-answered")
