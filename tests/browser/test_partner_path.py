"""The hub's main job in Chromium: invited, published, found, introduced, won, commission due."""

from decimal import Decimal
from typing import Any

import pytest
from django.core import mail

from tests.partner_fixtures import make_hub, make_topic
from wagtail_referrals.due import run_due
from wagtail_referrals.messages.models import Message
from wagtail_referrals.pages.models import PartnerPage
from wagtail_referrals.partners.introduction_models import Introduction
from wagtail_referrals.partners.mail import own_page_path
from wagtail_referrals.partners.models import Partner
from wagtail_referrals.rewards.models import Reward, RewardState
from wagtail_referrals.rewards.rule_models import RewardRule, RuleEffect
from wagtail_referrals.rewards.versions import save_rule

from .test_rules import staff  # noqa: F401 - a fixture

pytestmark = pytest.mark.usefixtures("no_time_trap")

SUBMIT = "form[method=post] [type=submit]"
ANSWERS = {
    "summary": "Bread before the first coffee.",
    "serves": "Cafés and offices near the fish market.",
    "phrases": "Our bread comes frozen.\nWho does breakfast for thirty?",
    "works": "A tasting box first, then a standing order.",
    "contact": "Maren Brigg",
}


@pytest.fixture
def hub(program: Any) -> Any:
    rule = RewardRule(
        program=program, name="Commission", trigger="introduction.won", hold_days=14, priority=20
    )
    effect = RuleEffect(
        beneficiary="advocate", formula="percent", formula_options={"percent": "10"}, kind="cash"
    )
    save_rule(rule, [effect])
    return make_hub(program)


def test_from_the_invitation_to_the_commission(visit: Any, staff: Any, hub: Any) -> None:  # noqa: F811
    owner = staff()
    invite(owner)
    answer_on_a_phone(visit("Maren"))
    publish(owner)
    customer = visit("Ann", width=1280)
    find(customer, hub)
    introduce(customer)
    win(owner)
    both_sides_see_it(owner, visit("Maren at her desk", width=1280))
    reward = Reward.objects.get()
    assert (reward.amount, reward.currency, reward.state) == (
        Decimal("48.00"),
        "EUR",
        RewardState.PENDING,
    )
    assert reward.person.email == "ann@example.org"


def invite(owner: Any) -> None:
    owner.open("/admin/referrals/partners/new/")
    owner.page.get_by_label("Name of the business").fill("Brigg Bakery")
    owner.page.get_by_label("E-mail").fill("maren@brigg.example")
    owner.page.locator("main form [type=submit]").click()
    owner.page.get_by_text("Brigg Bakery").first.wait_for()
    assert Partner.objects.get().state == "invited"


def answer_on_a_phone(maren: Any) -> None:
    maren.open(Message.objects.get(kind="partner_invitation").context["join_link"])
    maren.check("join")
    for name, text in ANSWERS.items():
        maren.page.locator(f"[name={name}]").fill(text)
    maren.page.locator(SUBMIT).click()
    maren.page.get_by_role("heading", level=1).wait_for()
    maren.check("joined")
    assert Partner.objects.get().state == "applied"


def publish(owner: Any) -> None:
    """As a list of drafts is published; the page editor is Wagtail's own."""
    page = PartnerPage.objects.get()
    assert not page.live
    draft = page.get_latest_revision_as_object()
    draft.topics = [make_topic("Bread")]
    draft.save_revision()
    owner.open(f"/admin/bulk/wagtailcore/page/publish/?id={page.pk}&next=/admin/")
    owner.page.get_by_role("button", name="Yes, publish").click()
    owner.page.wait_for_url("**/admin/")
    assert Partner.objects.get().state == "active"


def find(ann: Any, hub: Any) -> None:
    ann.open(hub.url)
    ann.check("hub-with-one")
    ann.page.get_by_role("searchbox").first.fill("breakfast")
    ann.page.keyboard.press("Enter")
    ann.page.wait_for_url("**/directory/**")
    assert ann.page.get_by_role("link", name="Brigg Bakery").is_visible()
    ann.open(f"{hub.url}directory/")
    ann.page.get_by_text("Service", exact=True).click()
    ann.page.get_by_role("link", name="Bread").click()
    ann.page.get_by_role("link", name="Brigg Bakery").click()
    ann.page.get_by_role("heading", name="Brigg Bakery").wait_for()


def introduce(ann: Any) -> None:
    page = ann.page
    page.get_by_role("link", name="Introduce").first.click()
    page.locator("[name=name]").fill("Bo Friend")
    page.locator("[name=need]").fill("Rolls for thirty, every Monday.")
    page.locator("[name=known][value=well]").check(force=True)
    page.locator("[name=way][value=mail]").check(force=True)
    page.locator("[name=agreed][value=yes]").check(force=True)
    page.locator("[name=email]").fill("bo@example.org")
    page.locator("[name=giver_name]").fill("Ann Advocate")
    page.locator("[name=giver_email]").fill("ann@example.org")
    ann.check("introduce")
    page.locator(SUBMIT).click()
    page.wait_for_url(lambda url: not url.endswith("/introduce/"))
    ann.check("introduced")
    assert Introduction.objects.get().partner.name == "Brigg Bakery"


def win(owner: Any) -> None:
    """From stage to stage on the board, and the amount at the end."""
    board = "/admin/referrals/introductions/board/"
    for stage in ("accepted", "contacted", "meeting", "offer made"):
        owner.open(board)
        owner.page.get_by_role("button", name=f"“{stage}”").click()
        owner.page.wait_for_load_state()
    owner.open(f"/admin/referrals/introductions/move/{Introduction.objects.get().pk}/")
    owner.page.locator("[name=stage]").select_option("won")
    owner.page.locator("[name=amount]").fill("480")
    owner.page.locator("main form [type=submit]").click()
    owner.page.get_by_text("won").first.wait_for()
    assert Introduction.objects.get().stage == "won"


def both_sides_see_it(owner: Any, maren: Any) -> None:
    owner.open("/admin/referrals/introductions/report/")
    assert owner.page.get_by_role("link", name="Brigg Bakery").first.is_visible()
    maren.open(own_page_path(Partner.objects.get()))
    maren.check("partner-own")
    assert maren.page.get_by_text("Bo Friend").is_visible()
    assert maren.page.get_by_text("won").first.is_visible()
    run_due()
    told = [one for one in mail.outbox if one.to == ["ann@example.org"]]
    assert told
