"""The main job, walked in Chromium: feedback, coupon, link, claim, coupon, purchase, reward."""

from decimal import Decimal
from typing import Any

import pytest

from wagtail_referrals.api import quote_coupon, record_event, redeem_coupon
from wagtail_referrals.coupons.models import Coupon
from wagtail_referrals.feedback.models import FeedbackResponse
from wagtail_referrals.messages.models import Message
from wagtail_referrals.referrals.models import Click, Referral
from wagtail_referrals.rewards.models import RewardState

from .waiting import follow

pytestmark = pytest.mark.usefixtures("no_time_trap")

ERRORS = "[data-referrals-errors]"
SUBMIT = "form[method=post] [type=submit]"


@pytest.mark.parametrize("width", [390, 1280])
def test_with_javascript(visit, feedback_page, landing, width):
    ann = visit("Ann", width=width)
    link = give_feedback(ann, feedback_page, javascript=True)
    copy_and_share(ann)
    look_at_reviews(ann, javascript=True)
    bo = visit("Bo", width=width, cookies=False)
    code = claim(bo, link, javascript=True)
    buy(code)


def test_without_javascript(visit, feedback_page, landing):
    ann = visit("Ann", javascript=False)
    link = give_feedback(ann, feedback_page, javascript=False)
    assert not ann.page.get_by_role("button", name="Copy code").is_visible()
    look_at_reviews(ann, javascript=False)
    bo = visit("Bo", javascript=False)
    code = claim(bo, link, javascript=False)
    buy(code)


def give_feedback(visitor: Any, feedback_page: Any, *, javascript: bool) -> str:
    """The form, by keyboard, first empty; returns the link to share."""
    page, name = visitor.page, "feedback" if javascript else "feedback-without-script"
    visitor.open(feedback_page.url)
    visitor.check(name, axe=javascript)
    visitor.type_into("[name=better]", "Longer opening hours, please")
    visitor.tab_to(SUBMIT)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    see_errors(visitor, f"{name}-errors", javascript)
    assert page.locator("[name=better]").input_value() == "Longer opening hours, please"

    visitor.open(page.url.partition("#")[0])  # where the form is sent to leads back to the form
    assert page.url.endswith(feedback_page.url)
    visitor.tab_to("[name=score]")
    for _step in range(9):
        page.keyboard.press("ArrowRight")
    assert page.locator("[name=score]:checked").input_value() == "9"
    visitor.type_into("[name=name]", "Ann Advocate")
    visitor.type_into("[name=email]", "ann@example.org")
    visitor.tab_to("[name=publish]")
    page.keyboard.press("Space")
    visitor.tab_to(SUBMIT)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.wait_for_url("**/thanks/**")
    visitor.check(f"{name}-thanks", axe=javascript)
    coupon, thanks = visitor.coupon, page.url
    link = page.locator("#referrals-link").input_value()

    page.reload()
    assert visitor.coupon == coupon
    page.go_back()
    fill(page, score="9", email="ann@example.org")
    page.locator(SUBMIT).dblclick()
    page.wait_for_url("**/thanks/**")
    assert visitor.coupon == coupon
    visitor.open(thanks)
    assert visitor.coupon == coupon
    assert FeedbackResponse.objects.count() == Coupon.objects.count() == 1
    assert Message.objects.count() == 1
    return str(link)


def fill(page: Any, *, score: str, email: str) -> None:
    page.locator(f"[name=score][value='{score}']").check(force=True)
    page.locator("[name=email]").fill(email)


def see_errors(visitor: Any, name: str, javascript: bool) -> None:
    """A summary that has the focus, whose links lead to what is to be mended."""
    page = visitor.page
    summary = page.locator(ERRORS)
    summary.wait_for()
    visitor.check(name, axe=javascript)
    if javascript:
        assert page.evaluate("s => document.activeElement.matches(s)", ERRORS)
    assert page.title().startswith("Error:")
    summary.get_by_role("link").first.click()
    target = summary.get_by_role("link").first.get_attribute("href")
    if javascript:
        assert page.evaluate("s => document.activeElement.matches(s)", target)


def copy_and_share(visitor: Any) -> None:
    page = visitor.page
    page.get_by_role("button", name="Copy code").click()
    page.get_by_text("Code copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == visitor.coupon
    page.get_by_role("button", name="Copy link").click()
    page.get_by_text("Link copied").wait_for()
    link = page.locator("#referrals-link").input_value()
    assert page.evaluate("navigator.clipboard.readText()") == link
    page.locator("#referrals-text").fill("Try this")
    page.get_by_role("button", name="Copy text").click()
    page.get_by_text("Text copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == "Try this"


def look_at_reviews(visitor: Any, *, javascript: bool) -> None:
    page, coupon = visitor.page, visitor.coupon
    follow(page.get_by_role("link", name="Show me where"))
    page.wait_for_url("**/reviews/")
    assert page.get_by_role("link", name="Google").is_visible()
    assert coupon not in page.content()
    assert not page.locator(".referrals-coupon").count()
    visitor.check("reviews", axe=javascript)


def claim(visitor: Any, link: str, *, javascript: bool) -> str:
    """The link, the friend's view, errors first, then the coupon; returns its code."""
    page, name = visitor.page, "friend" if javascript else "friend-without-script"
    visitor.open(f"{link}?via=whatsapp")
    assert "/with/" in page.url
    assert page.get_by_text("Ann recommends us").is_visible()
    assert page.get_by_text("10% off").is_visible()
    visitor.check(name, axe=javascript)
    assert Click.objects.get().channel == "whatsapp"

    follow(page.locator(SUBMIT))
    see_errors(visitor, f"{name}-errors", javascript)
    page.locator("[name=email]").fill("bo@example")
    follow(page.locator(SUBMIT))
    page.locator(ERRORS).get_by_text("like name@example.org").or_(
        page.locator(ERRORS).get_by_text("valid email")
    ).first.wait_for()
    assert page.locator("[name=email]").input_value() == "bo@example"

    page.locator("[name=email]").fill("bo@example.org")
    page.locator("[name=terms]").check()
    page.locator(SUBMIT).dblclick()
    page.wait_for_url("**/thanks/**")
    visitor.check(f"{name}-thanks", axe=javascript)
    code, thanks = visitor.coupon, page.url
    page.reload()
    assert visitor.coupon == code

    visitor.open(f"{link}?via=whatsapp")
    page.locator("[name=email]").fill("bo@example.org")
    page.locator("[name=terms]").check()
    follow(page.locator(SUBMIT))
    page.wait_for_url("**/thanks/**")
    assert (visitor.coupon, page.url.split("/thanks/")[0]) == (code, thanks.split("/thanks/")[0])
    assert Referral.objects.get().channel == "whatsapp"
    assert Click.objects.count() == 1
    assert Coupon.objects.count() == 2
    return str(code)


def buy(code: str) -> None:
    """At the till: what the friend was shown is what the shop takes."""
    order = {"email": "bo@example.org", "currency": "EUR"}
    quote = quote_coupon(code, order_total=Decimal(50), **order)
    assert (quote.valid, quote.discount) == (True, Decimal("5.00"))
    redeem_coupon(code, order_id="1001", order_total=Decimal(50), **order)
    result = record_event(
        "friends", "purchase", external_id="1001", amount=Decimal(45), coupon_code=code, **order
    )
    assert [reward.state for reward in result.rewards] == [RewardState.PENDING]
