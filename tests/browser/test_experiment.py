"""An offer put to the test: 2,000 visitors, a difference that is known, and the winner kept.

The test is set up, read and decided in Chromium. The visitors come through a shared page cache,
each from an address of their own, and go by what the page in front of them says.
"""

import random
import re
from collections import Counter
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from wagtail_referrals.people.register import find_or_add_person
from wagtail_referrals.programs.experiment_models import Experiment
from wagtail_referrals.programs.models import Offer
from wagtail_referrals.referrals.join import join_program

from .conftest import AGENT
from .test_rewards import ours, photograph
from .waiting import follow

CODES, VISITORS = 40, 2000
# Of those who see an offer of so many percent, so many claim it.
CLAIM = {"10%": 0.1, "20%": 0.2}


@pytest.fixture
def page_cache(settings: Any) -> None:
    """For Django's test client, the site stands behind a shared cache and tells visitors apart."""
    settings.WAGTAIL_REFERRALS = {
        "FORM_MIN_SECONDS": 0,
        "FORM_RATE": None,
        "CLIENT_IP_META": "HTTP_X_REAL_IP",
    }
    settings.MIDDLEWARE = [
        "django.middleware.cache.UpdateCacheMiddleware",
        *settings.MIDDLEWARE,
        "django.middleware.cache.FetchFromCacheMiddleware",
    ]


class Crowd:
    """Visitors one after the other, each from an address of their own."""

    def __init__(self) -> None:
        self._client = Client(headers={"user-agent": AGENT.format(name="Crowd")})
        self._chance = random.Random(7)  # noqa: S311 - not a secret
        self.saw: Counter[str] = Counter()
        self.claimed: Counter[str] = Counter()

    def come(self, number: int, link: str) -> None:
        """Open a link, look at the offer, and claim it or not."""
        where = {"x-real-ip": f"10.0.{number >> 8}.{number & 255}"}
        landing = self._client.get(link, headers=where).headers["Location"]
        page = self._client.get(landing, headers=where).content.decode()
        offers = [offer for offer in CLAIM if offer in page]
        assert len(offers) == 1, "one promise on a page"
        self.saw[offers[0]] += 1
        if self._chance.random() < CLAIM[offers[0]]:
            self.claimed[offers[0]] += 1
            self._claim(number, page, where)

    def _claim(self, number: int, page: str, where: dict[str, str]) -> None:
        action = re.search(r'action="(/refer/post/[^"]+)"', page)
        stamp = re.search(r'name="referrals-shown" value="([^"]+)"', page)
        assert action
        assert stamp
        form = {"email": f"friend-{number}@example.org", "terms": "on"}
        form |= {"referrals-website": "", "referrals-shown": unescape(stamp[1])}
        answer = self._client.post(action[1], form, headers=where)
        assert "/thanks/" in answer.headers["Location"]


def set_up(page: Any, big: Offer) -> None:
    """Plan the test and begin it, as the owner does."""
    page.goto("/admin/referrals/experiments/create/")
    page.get_by_label("Name").first.fill("Ten or twenty")
    page.get_by_label("how many do so now").fill("10")
    page.get_by_label("smallest difference").fill("5")
    page.locator("[name=control-name]").fill("Ten percent")
    page.locator("[name=variants-0-name]").fill("Twenty percent")
    page.locator("[name=variants-0-offer]").select_option(str(big.pk))
    follow(page.get_by_role("button", name="Save the plan"))
    page.get_by_text("You need 686 visitors in each variant").first.wait_for()
    follow(page.get_by_role("link", name="Begin"))
    follow(page.get_by_role("button", name="Begin"))
    page.get_by_text("It has begun.").first.wait_for()


def read_row(page: Any, variant: str) -> list[str]:
    """A line of the table of what came of it, without its name."""
    row = page.locator("table.listing").first.get_by_role("row").filter(has_text=variant)
    return [" ".join(cell.split()) for cell in row.locator("td").all_inner_texts()]


def test_an_offer_is_put_to_the_test_and_the_winner_kept(
    program: Any,
    pages: Any,
    page_cache: None,
    staff: Any,
) -> None:
    people = (find_or_add_person(f"ann-{number}@example.org") for number in range(CODES))
    links = [f"/refer/r/{join_program(program, one).display_code}/" for one in people]
    big = Offer.objects.create(name="Twenty", kind="percent", amount=Decimal(20))
    page, problems = staff()
    set_up(page, big)
    # The same codes see the same in every run of this test.
    Experiment.objects.update(salt="sea")
    crowd = Crowd()
    for number in range(VISITORS):
        crowd.come(number, links[number % CODES])

    # The weeks of the plan have passed.
    Experiment.objects.update(ends_at=timezone.now())
    page.reload()
    for variant, offer in (("Ten percent", "10%"), ("Twenty percent", "20%")):
        _advocates, visitors, claimed, rate, *_more = read_row(page, variant)
        assert [visitors, claimed] == [str(crowd.saw[offer]), str(crowd.claimed[offer])]
        assert abs(float(rate.rstrip("% ")) / 100 - CLAIM[offer]) < 0.05
    assert page.locator("tr", has_text="Twenty percent").get_by_text("better").is_visible()
    photograph(page, "experiment-result")
    follow(page.get_by_role("link", name="Keep one of them"))
    assert page.get_by_label("Twenty percent").is_checked()
    follow(page.get_by_role("button", name="Keep it"))
    page.get_by_text("from now on everybody gets it").first.wait_for()
    assert not ours(problems)

    program.refresh_from_db()
    assert program.friend_offer == big
    # The minutes have passed that a shared cache keeps a page.
    cache.clear()
    for link in links:
        shown = Client().get(link, follow=True).content.decode()
        assert "20%" in shown
        assert "10%" not in shown
