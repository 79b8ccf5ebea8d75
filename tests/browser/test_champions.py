"""The four groups in Chromium, and the one question after a claim."""

import random
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from wagtail_referrals.events.claim import claim_offer
from wagtail_referrals.insights.champion_models import CustomerValue, SegmentMove, ValueSettings
from wagtail_referrals.insights.groups import sort_into_groups
from wagtail_referrals.pages.landing import TOKEN
from wagtail_referrals.people.models import Person
from wagtail_referrals.people.register import find_or_add_person
from wagtail_referrals.referrals.join import join_program
from wagtail_referrals.referrals.models import Referral
from wagtail_referrals.tokens import make_token

from .test_nps import look
from .test_rewards import ours
from .waiting import follow

NAMES = ["Ida Novak", "Tom Baker", "Wilhelmina Featherstonehaugh-Cholmondeley", "Li", "Ömer Şahin"]


@pytest.fixture
def customers(program: Any) -> None:
    """Four hundred, most of whom brought nobody."""
    rng = random.Random(5)
    people = Person.objects.bulk_create(
        Person(name=f"{NAMES[number % 5]}", email=f"c{number}@example.org", email_key=f"c{number}")
        for number in range(400)
    )
    values = []
    for person in people:
        friends = max(int(rng.gauss(-1, 2)), 0)
        worth = Decimal(friends * rng.randrange(-500, 6000)) / 100
        values.append(
            CustomerValue(
                program=program,
                person=person,
                currency="EUR",
                purchases=rng.randrange(1, 30),
                lifetime=Decimal(int(rng.lognormvariate(9, 1))) / 100 - 20,
                friends=friends,
                referral_low=worth - abs(worth) / 2,
                referral_value=worth,
                referral_high=worth + abs(worth) / 2,
            )
        )
    CustomerValue.objects.bulk_create(values)
    at = timezone.now()
    settings = ValueSettings.objects.create(program=program, margin_percent=40, run_at=at)
    assert sort_into_groups(settings, at=at, ahead_of_time=1)
    common = {"program": program, "currency": "EUR", "lifetime_from": 1, "referral_from": 1}
    for person in people[:9]:
        SegmentMove.objects.create(person=person, before="misers", after="affluents", **common)


def test_the_four_groups_are_readable_at_a_desk_and_on_a_phone(
    staff: Any,
    customers: Any,
) -> None:
    page, problems = staff()
    page.goto("/admin/referrals/champions/report/")
    page.locator(".referrals-champions__picture circle").first.wait_for()
    look(page, "champions")
    page.set_viewport_size({"width": 1280, "height": 900})
    follow(page.get_by_role("link", name="Champions: all"))
    page.wait_for_url("**/champions/?**")
    assert page.locator("main table tbody tr").count() > 5
    look(page, "champions-list")
    assert ours(problems) == []


def test_on_a_phone_an_address_is_in_one_piece(staff: Any, customers: Any) -> None:
    Person.objects.filter(email="c1@example.org").update(
        name="", email="wilhelmina.featherstone@example.org"
    )
    # The first of the list.
    CustomerValue.objects.filter(person__email_key="c1").update(lifetime=99999)
    page, problems = staff()
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/admin/referrals/champions/")
    address = page.get_by_role("link", name="wilhelmina.featherstone@example.org")
    height = float(address.evaluate("link => parseFloat(getComputedStyle(link).lineHeight)"))
    assert address.bounding_box()["height"] < 1.5 * height
    look(page, "champions-address")
    assert ours(problems) == []


def test_they_are_readable_in_the_dark_too(staff: Any, customers: Any) -> None:
    page, problems = staff()
    page.goto("/admin/referrals/champions/report/")
    page.evaluate("document.documentElement.classList.add('w-theme-dark')")
    page.locator(".referrals-champions__picture circle").first.wait_for()
    look(page, "champions-dark")
    assert ours(problems) == []


def test_without_settings_the_screen_teaches(staff: Any, program: Any) -> None:
    page, problems = staff()
    page.goto("/admin/referrals/champions/report/")
    look(page, "champions-empty")
    page.set_viewport_size({"width": 1280, "height": 900})
    follow(page.locator("main").get_by_role("link", name="Customer value settings"))
    follow(page.get_by_role("link", name="Add").first)
    look(page, "champions-settings")
    assert ours(problems) == []


@pytest.mark.parametrize("javascript", [True, False])
def test_a_friend_answers_with_one_tap(
    visit: Any, program: Any, pages: Any, javascript: bool
) -> None:
    advocate = join_program(program, find_or_add_person("ann@example.org", name="Ann"))
    referral = claim_offer(advocate, email="bo@example.org").referral
    bo = visit("Bo", javascript=javascript)
    bo.open(f"{pages[0].get_url()}thanks/{make_token(TOKEN, referral.pk)}/")
    bo.check(f"came-{javascript}", axe=javascript)
    bo.tab_to("button[name=came][value=no]")
    bo.page.keyboard.press("Enter")
    bo.page.get_by_text("Thank you for your answer.").wait_for()
    assert Referral.objects.get().would_have_come is False
    bo.check(f"came-answered-{javascript}", axe=javascript)
