"""Long words and right-to-left on the smallest screen, and the pages that end a way."""

from typing import Any

import pytest

from wagtail_referrals.events.claim import claim_offer
from wagtail_referrals.feedback.submit import submit_feedback
from wagtail_referrals.referrals.models import Referral
from wagtail_referrals.tokens import make_token

from .waiting import follow

pytestmark = pytest.mark.usefixtures("no_time_trap")

REFUSED = "policy violation: style-src"
FORBIDDEN = """() => document.head.append(
    Object.assign(document.createElement("style"), {textContent: "p{}"})
)"""
LONG = "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetzentwurfsverfasserin"


@pytest.fixture
def long_words(landing: Any, feedback_page: Any) -> None:
    """Every text an editor can change holds a word that does not fit."""
    for page in (landing, feedback_page):
        page.title = page.thanks_heading = LONG
        page.introduction = f"<p>{LONG}</p><ul><li>{LONG}</li></ul>"
        page.thanks_text = LONG
        page.button_label = LONG[:40]
    landing.friend_heading = LONG
    feedback_page.reviews_heading = feedback_page.reviews_text = LONG
    feedback_page.review_links = [("link", {"label": LONG, "url": "https://example.org/"})]
    for question in feedback_page.form_fields.all():
        question.label = question.help_text = LONG
        question.choices = question.choices and f"{LONG}\n{LONG[::-1]}"
        question.save()
    landing.save()
    feedback_page.refresh_from_db(fields=["title"])
    feedback_page.title = LONG
    feedback_page.save()
    program = landing.program
    program.terms = f"<p>{LONG}</p>"
    program.save()
    for offer in (program.friend_offer, program.advocate_offer):
        offer.wording = offer.fine_print = LONG
        offer.save()


def test_nothing_is_wider_than_a_phone(
    visit, no_time_trap, direction, landing, feedback_page, advocate, long_words
):
    advocate.person.name = LONG
    advocate.person.save()
    claimed = claim_offer(advocate, email="bo@example.org")
    answers = {"better": LONG, "email": "ann@example.org", "score": "9", "name": LONG}
    response = submit_feedback(feedback_page, landing.program, answered(feedback_page, answers))
    thanks = f"{feedback_page.url}thanks/{make_token('feedback', response.response.pk)}/"
    friend = f"{landing.url}with/{advocate.display_code}/"
    reader = visit("Reader", width=390)
    addresses = {
        "feedback": feedback_page.url,
        "feedback-thanks": thanks,
        "feedback-reviews": f"{thanks}reviews/",
        "friend": friend,
        "friend-thanks": f"{landing.url}thanks/{make_token('claim', claimed.referral.pk)}/",
        "no-code": landing.url,
    }
    for name, address in addresses.items():
        reader.open(address)
        open_details(reader.page)
        reader.check(f"long-{direction}-{name}")
    for name in ("feedback", "friend"):
        reader.open(addresses[name])
        follow(reader.page.locator("form[method=post] [type=submit]"))
        reader.page.locator("[data-referrals-errors]").wait_for()
        reader.check(f"long-{direction}-{name}-errors")


def answered(page: Any, answers: dict[str, str]) -> Any:
    form = page.get_form({**page.get_form().initial, **answers})
    form.is_valid()
    return form.answers()


def open_details(page: Any) -> None:
    for details in page.locator("details summary").all():
        details.click()


@pytest.mark.parametrize("width", [390, 1280])
def test_the_pages_that_end_a_way(visit, landing, feedback_page, advocate, width):
    reader = visit("Reader", width=width)
    reasons = ("unknown", "self-referral", "already-customer", "already-referred", "closed", "sent")
    for reason in reasons:
        reader.open(f"{landing.url}sorry/{reason}/")
        assert reader.page.locator("h1").count() == 1
        reader.check(f"sorry-{reason}")
    reader.open(f"{landing.url}thanks/forged/")
    reader.check("too-old")
    reader.open(f"{feedback_page.url}answered/")
    reader.check("answered")
    reader.open(landing.url)
    reader.check("no-code")
    reader.page.locator("[name=code]").fill("nobody knows")
    follow(reader.page.locator("form [type=submit]"))
    reader.page.locator("[data-referrals-errors]").wait_for()
    reader.check("no-code-errors")
    reader.page.locator("[name=code]").fill(advocate.display_code.lower())
    follow(reader.page.locator("form [type=submit]"))
    reader.page.wait_for_url("**/with/**")
    assert not Referral.objects.exists()


def test_what_the_policy_forbids_is_heard(visit, landing):
    reader = visit("Reader")
    reader.open(landing.url)
    assert not reader.problems
    with reader.page.expect_console_message(lambda told: REFUSED in told.text):
        reader.page.evaluate(FORBIDDEN)
    assert any(REFUSED in problem for problem in reader.problems)
    reader.problems.clear()
