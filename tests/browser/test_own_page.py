"""A customer walks through their own page: on a phone and a screen, and without a script."""

import re

import pytest

from tests.referrals.test_board import named
from tests.rewards.buying import buy, issue_all
from wagtail_referrals.events.claim import claim_offer
from wagtail_referrals.messages.models import Message
from wagtail_referrals.people.models import Person
from wagtail_referrals.people.register import find_or_add_person
from wagtail_referrals.programs.models import Program
from wagtail_referrals.referrals.join import join_program
from wagtail_referrals.referrals.own_link import own_page_path
from wagtail_referrals.rewards.models import Reward
from wagtail_referrals.rewards.rule_models import RewardRule, RuleEffect
from wagtail_referrals.rewards.versions import save_rule

from .waiting import follow

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.slow,
    pytest.mark.usefixtures("no_time_trap"),
]


@pytest.fixture
def maria(landing):
    """An advocate in the midst of it: a coupon, friends in every state, a goal."""
    program = landing.program
    goal = RewardRule(
        program=program,
        name="Five friends",
        trigger="friends_milestone",
        trigger_options={"number": 5},
    )
    save_rule(goal, [RuleEffect()])
    maria = join_program(program, find_or_add_person("maria@example.org", name="Maria Meer"))
    buy(maria, "1")
    issue_all()
    buy(maria, "2")
    buy(maria, "3")
    Reward.objects.filter(pk=Reward.objects.latest("pk").pk).update(state="held")
    for number, name in enumerate(("Bodo Blau", "Annette-Charlotte von der Wasserkante", "")):
        friend = claim_offer(maria, email=f"claim{number}@example.org").referral.friend
        Person.objects.filter(pk=friend.pk).update(name=name)
    maria.refresh_from_db()
    return maria


def mailed(kind):
    link = Message.objects.filter(kind=kind).latest("pk").context["link"]
    return re.sub(r"^https?://[^/]+", "", link)


@pytest.mark.parametrize("width", [390, 1280])
def test_it_is_easy_to_read(visit, maria, width):
    visitor = visit("Maria", width=width)
    visitor.open(own_page_path(maria))
    visitor.check("own-page")
    follow(visitor.page.get_by_role("link", name="Show it at the till").first)
    visitor.check("own-coupon")


@pytest.mark.parametrize("width", [390, 1280])
def test_who_has_nothing_yet_sees_what_to_do(visit, landing, width):
    new = join_program(landing.program, find_or_add_person("nora@example.org"))
    visitor = visit("Nora", width=width)
    visitor.open(own_page_path(new))
    visitor.check("own-empty")


def test_it_is_read_in_the_dark(visit, maria):
    visitor = visit("Maria")
    visitor.open(own_page_path(maria))
    dark = "color-scheme: dark; background: #121212; color: #eee"
    visitor.page.evaluate("css => { document.documentElement.style.cssText = css; }", dark)
    visitor.check("own-dark")


def test_it_is_read_from_right_to_left(visit, maria):
    visitor = visit("Maria")
    visitor.open(own_page_path(maria))
    visitor.page.evaluate("document.documentElement.dir = 'rtl'")
    visitor.check("own-rtl")


def test_it_is_read_in_german(visit, maria):
    Person.objects.filter(pk=maria.person_id).update(locale="de")
    visitor = visit("Maria")
    visitor.open(own_page_path(maria))
    visitor.check("own-german", axe=False)


def test_asked_for_joined_named_left_and_forgotten_without_a_script(visit, landing):
    Program.objects.update(audience="everyone")
    nora = visit("Nora", javascript=False)
    page = nora.page
    nora.open("/refer/me/")
    nora.check("own-renew", axe=False)
    page.get_by_label("Your e-mail address").fill("nora@example.org")
    follow(page.get_by_role("button", name="Send me the link"))
    page.get_by_role("heading", name="Look into your inbox").wait_for()

    nora.open(mailed("confirm_address"))
    nora.check("own-join", axe=False)
    page.get_by_label("Your first name").fill("Nora")
    page.get_by_label("I agree to the terms").check()
    follow(page.get_by_role("button", name="Get my link"))
    page.get_by_role("heading", name="Hello Nora").wait_for()
    own = page.url

    page.get_by_text("You are not named. Change it").click()
    page.get_by_label("Name me by another name").check()
    page.locator("#id_alias").fill("nora@example.org")
    follow(page.get_by_role("button", name="Save"))
    nora.check("own-board-error", axe=False)
    page.locator("#id_alias").fill("Seagull")
    follow(page.get_by_role("button", name="Save"))
    page.get_by_text("You are named as Seagull").wait_for()

    page.get_by_text("A copy of your data, leaving, being forgotten").click()
    follow(page.get_by_role("button", name="Leave the program"))
    page.get_by_text("We have mailed you a link to go on with.").wait_for()
    nora.open(mailed("own_confirm"))
    nora.check("own-leave", axe=False)
    follow(page.get_by_role("button", name="Leave"))
    page.get_by_role("heading", name="You have left").wait_for()
    nora.check("own-left", axe=False)
    follow(page.get_by_role("button", name="Come back"))
    page.get_by_role("heading", name="Pass it on").wait_for()

    page.get_by_text("A copy of your data, leaving, being forgotten").click()
    follow(page.get_by_role("button", name="Forget me"))
    nora.open(mailed("own_confirm"))
    nora.check("own-forget", axe=False)
    follow(page.get_by_role("button", name="Erase everything"))
    page.get_by_role("heading", name="You are forgotten").wait_for()
    assert Person.objects.get().email == ""

    nora.open(own)
    page.get_by_role("link", name="Send me a new link").wait_for()


def test_what_is_confirmed_is_easy_to_read(visit, maria):
    visitor = visit("Maria")
    for change, button in (("leave", "Leave the program"), ("erase", "Forget me")):
        visitor.open(own_page_path(maria))
        visitor.page.get_by_text("A copy of your data, leaving, being forgotten").click()
        follow(visitor.page.get_by_role("button", name=button))
        visitor.page.get_by_text("We have mailed you a link").wait_for()
        visitor.open(mailed("own_confirm"))
        visitor.check(f"own-confirm-{change}")


def test_asking_for_the_link_is_easy_to_read(visit, landing):
    visitor = visit("Nora")
    visitor.open("/refer/me/")
    visitor.check("own-renew-axe")


@pytest.mark.parametrize("width", [390, 1280])
def test_the_board_and_the_wall_are_easy_to_read(visit, landing, settings, width):
    settings.ROOT_URLCONF = "tests.browser.block_page"
    for name, friends in (("Ada", 12), ("Bo", 3), ("Cy", 3), ("Maria-Annette", 1)):
        named(landing.program, name, friends)
    visitor = visit("Visitor", width=width)
    visitor.open(f"/names/{landing.program.pk}/")
    visitor.check("own-board")
