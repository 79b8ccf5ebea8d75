"""A form in steps that asks what the answers make it ask, on a phone: with and without script."""

from typing import Any

import pytest

from wagtail_referrals.feedback.models import FeedbackResponse
from wagtail_referrals.pages.models import FeedbackQuestion

from .waiting import follow

pytestmark = pytest.mark.usefixtures("no_time_trap")

NEXT = "form[method=post] [type=submit]:not([name])"
BACK = "[name=referrals-back]"


def only_if(question: str, test: str, value: str = "") -> list[Any]:
    return [("condition", {"question": question, "test": test, "value": value})]


QUESTIONS: list[dict[str, Any]] = [
    {
        "clean_name": "score",
        "label": "How likely are you to recommend us?",
        "field_type": "score",
        "step_title": "Your opinion",
    },
    {
        "clean_name": "why",
        "label": "Why?",
        "field_type": "multiline",
        "other_words": [
            ("words", {"audience": "promoters", "words": "What did you like most?"}),
            ("words", {"audience": "detractors", "words": "What went wrong?"}),
        ],
    },
    {
        "clean_name": "call",
        "label": "Shall we call you about it?",
        "field_type": "radio",
        "choices": "yes\nno",
        "conditions": only_if("How likely are you to recommend us?", "at_most", "6"),
    },
    {
        "clean_name": "phone",
        "label": "Your number",
        "help_text": "With the area code.",
        "field_type": "phone",
        "conditions": only_if("Shall we call you about it?", "is", "yes"),
    },
    {
        "clean_name": "better",
        "label": "One idea, if you could change anything",
        "field_type": "singleline",
        "required": False,
        "step_title": "Your ideas",
        "conditions": only_if("How likely are you to recommend us?", "at_least", "7"),
        "whole_step": True,
    },
    {"clean_name": "name", "label": "Your name", "field_type": "name", "step_title": "About you"},
    {
        "clean_name": "email",
        "label": "Where shall we send the coupon, {{ first_name|friend }}?",
        "field_type": "email",
        "step_title": "Your coupon",
    },
]


@pytest.fixture
def page(feedback_page: Any) -> Any:
    feedback_page.form_fields = [
        FeedbackQuestion(sort_order=number, **values) for number, values in enumerate(QUESTIONS)
    ]
    feedback_page.save()
    return feedback_page


def choose(page: Any, name: str, value: str) -> None:
    page.locator(f"[name={name}][value='{value}']").check()


def press(page: Any, button: str = NEXT) -> None:
    follow(page.locator(button))


def is_seen(page: Any, name: str) -> bool:
    return bool(page.locator(f"#div_id_{name}").is_visible())


@pytest.mark.parametrize("width", [390, 1280])
def test_somebody_unhappy_with_script(visit, page, width):
    ann = visit("Ann", width=width)
    ann.open(page.url)
    assert not is_seen(ann.page, "call")
    assert not ann.page.get_by_text("Only if").first.is_visible()
    ann.check("steps-1")
    choose(ann.page, "score", "3")
    assert is_seen(ann.page, "call")
    assert ann.page.get_by_text("What went wrong?").is_visible()
    assert not is_seen(ann.page, "phone")
    choose(ann.page, "call", "yes")
    assert is_seen(ann.page, "phone")
    ann.check("steps-1-unhappy")
    choose(ann.page, "score", "9")
    assert ann.page.get_by_text("What did you like most?").is_visible()
    assert not is_seen(ann.page, "phone")
    choose(ann.page, "score", "3")
    press(ann.page)
    assert ann.page.evaluate("document.activeElement.matches('[data-referrals-errors]')")
    assert is_seen(ann.page, "phone")
    ann.check("steps-1-errors")
    ann.page.locator("[name=why]").fill("Cold")
    ann.page.locator("[name=phone]").fill("+44 20 7946 0123")
    press(ann.page)
    finish(ann, total=3, axe=True)
    stored = FeedbackResponse.objects.get()
    assert (stored.score, stored.form_data["phone"]) == (3, "+44 20 7946 0123")


def finish(visitor: Any, *, total: int, axe: bool) -> None:
    """From the step about the visitor to the coupon, once back and forth."""
    page, name = visitor.page, "steps" if axe else "steps-without-script"
    assert page.get_by_text(f"Step {total - 1} of {total}").is_visible()
    page.locator("[name=name]").fill("Ann Advocate")
    visitor.check(f"{name}-name", axe=axe)
    press(page)
    assert page.get_by_text("send the coupon, Ann?").is_visible()
    press(page, BACK)
    assert page.locator("[name=name]").input_value() == "Ann Advocate"
    press(page)
    page.locator("[name=email]").fill("ann@example.org")
    visitor.check(f"{name}-email", axe=axe)
    page.keyboard.press("Enter")
    page.wait_for_url("**/thanks/**")
    assert visitor.coupon


def test_somebody_content_without_script(visit, page):
    bo = visit("Bo", javascript=False)
    bo.open(page.url)
    assert bo.page.get_by_text("Only if “How likely").is_visible()
    assert is_seen(bo.page, "phone")
    bo.check("steps-without-script-1", axe=False)
    choose(bo.page, "score", "9")
    bo.page.locator("[name=why]").fill("The coffee")
    press(bo.page)
    assert bo.page.get_by_text("Step 2 of 4").is_visible()
    bo.page.locator("[name=better]").fill("Tea")
    press(bo.page)
    finish(bo, total=4, axe=False)
    assert FeedbackResponse.objects.get().form_data.keys() == {
        "score",
        "why",
        "better",
        "name",
        "email",
    }


def test_by_keyboard_alone_from_a_mail_with_the_score_in_its_address(visit, page):
    cy = visit("Cy")
    cy.open(f"{page.url}?score=9")
    assert cy.page.get_by_text("What did you like most?").is_visible()
    cy.type_into("[name=why]", "All of it")
    cy.tab_to(NEXT)
    with cy.page.expect_navigation():
        cy.page.keyboard.press("Enter")
    cy.type_into("[name=better]", "Nothing")
    with cy.page.expect_navigation():
        cy.page.keyboard.press("Enter")
    cy.type_into("[name=name]", "Cy")
    with cy.page.expect_navigation():
        cy.page.keyboard.press("Enter")
    cy.type_into("[name=email]", "cy@example.org")
    cy.page.keyboard.press("Enter")
    cy.page.wait_for_url("**/thanks/**")
    assert FeedbackResponse.objects.get().score == 9
