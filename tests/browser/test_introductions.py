"""A customer introduces a friend to a partner; staff move it on the board until it is won."""

from typing import Any

import pytest

from tests.browser.conftest import HEIGHTS, SETTLED, _axe
from tests.partners.meeting import introduced, make_partner
from wagtail_referrals.pages.models import PartnerHubPage, PartnerPage
from wagtail_referrals.partners.introduction_mails import introduction_path
from wagtail_referrals.partners.introduction_models import Introduction
from wagtail_referrals.rewards.models import Reward
from wagtail_referrals.rewards.rule_models import RewardRule, RuleEffect
from wagtail_referrals.rewards.versions import save_rule

from .test_rewards import ours, photograph
from .waiting import follow

HERE = "/admin/referrals/introductions/"


@pytest.fixture
def partner(program: Any) -> Any:
    rule = RewardRule(program=program, name="Commission", trigger="introduction.won")
    percent = {"percent": "10"}
    save_rule(
        rule, [RuleEffect(beneficiary="advocate", formula="percent", formula_options=percent)]
    )
    hub = PartnerHubPage(title="Guide", slug="guide", program=program)
    program.site.root_page.add_child(instance=hub)
    partner = make_partner(program)
    hub.add_child(instance=PartnerPage(title="Kiln", slug="kiln", partner=partner))
    return partner


def fill_in(page: Any) -> None:
    page.get_by_label("To whom?").select_option("Kiln")
    page.get_by_label("Whom do you introduce?").fill("Dora Keen")
    page.get_by_label("What do they need?").fill("A new shop window")
    page.get_by_label("well", exact=True).check()
    page.get_by_label("a mail with both in copy").check()
    page.locator("[name=giver_name]").fill("Ann Advocate")


@pytest.mark.parametrize(("width", "javascript"), [(390, True), (1280, False)])
def test_a_customer_introduces_a_friend_and_the_partner_takes_it(
    visit: Any, no_time_trap: None, partner: Any, width: int, javascript: bool
) -> None:
    ann = visit("Ann", width=width, javascript=javascript)
    ann.open("/guide/introduce/")
    ann.check("introduce", axe=javascript)
    page = ann.page
    follow(page.get_by_role("button", name="Send"))
    page.locator("[data-referrals-errors]").wait_for()
    ann.check("introduce-errors", axe=javascript)
    fill_in(page)
    page.get_by_label("Not yet").check()
    follow(page.get_by_role("button", name="Send"))
    page.get_by_role("heading", name="Ask them first").wait_for()
    ann.check("introduction-draft", axe=javascript)
    assert not Introduction.objects.exists()
    ann.open("/guide/introduce/")
    fill_in(page)
    page.get_by_label("Yes.").check()
    page.get_by_label("Their e-mail address").fill("dora@example.org")
    page.get_by_label("Your e-mail address").fill("ann@example.org")
    follow(page.get_by_role("button", name="Send"))
    page.get_by_role("heading", name="Thank you for the introduction").wait_for()
    ann.check("introduced", axe=javascript)
    kiln = visit("Kiln", width=width, javascript=javascript)
    kiln.open(introduction_path(Introduction.objects.get()))
    kiln.check("introduction", axe=javascript)
    follow(kiln.page.get_by_role("button", name="Accepted"))
    kiln.page.get_by_role("button", name="Contacted").wait_for()
    assert Introduction.objects.get().stage == "accepted"


def test_staff_move_it_on_the_board_until_it_is_won(
    staff: Any,
    program: Any,
    partner: Any,
) -> None:
    introduced(program, partner)
    page, problems = staff()
    page.goto(f"{HERE}board/")
    follow(page.get_by_role("button", name="to “accepted”"))
    page.get_by_role("button", name="to “contacted”").wait_for()
    look(page, "board")
    follow(page.get_by_role("link", name="Move Dora Keen"))
    page.get_by_label("won").check()
    page.get_by_label("Amount").fill("1200")
    look(page, "move")
    follow(page.get_by_role("button", name="Move", exact=True))
    page.get_by_text("The introduction is moved.").wait_for()
    look(page, "introduction-won")
    reward = Reward.objects.get()
    assert (str(reward.amount), reward.state) == ("120.00", "pending")
    page.goto(f"{HERE}report/")
    look(page, "partner-report")
    follow(page.get_by_role("link", name="Kiln"))
    page.get_by_text("Month by month").wait_for()
    look(page, "partner-months")
    assert ours(problems) == []


def look(page: Any, name: str) -> None:
    """Photographed at both widths; nothing of ours keeps anybody out."""
    page.wait_for_load_state()
    for width, height in HEIGHTS.items():
        page.set_viewport_size({"width": width, "height": height})
        page.evaluate(SETTLED)
        photograph(page, f"{name}-{width}")
        size = page.evaluate(
            "() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]"
        )
        assert size[0] <= size[1], f"{name} scrolls sideways at {width}: {size}"
    assert not [line for line in _axe(page) if "referrals-" in line]
