"""Staff in Chromium: an answer is found, followed up and closed, on a desk and on a phone."""

from typing import Any

import pytest

from tests.browser.conftest import HEIGHTS, SETTLED, _axe
from wagtail_referrals.feedback.case_models import Case, CaseRule
from wagtail_referrals.feedback.cases import open_case
from wagtail_referrals.feedback.notes import add_note, add_tags
from wagtail_referrals.feedback.submit import Answers, submit_feedback
from wagtail_referrals.messages.models import Message

from .test_batches import LONG
from .test_rewards import ours, photograph
from .waiting import follow

INBOX = "/admin/referrals/feedback/"


@pytest.fixture
def answers(program: Any, pages: Any) -> list[Any]:
    rule = CaseRule(program=program, name="Low scores", occasion="detractor", hours=8)
    rule.save()
    texts = [
        (3, "The waiter was rude and the coffee cold. I had to ask twice for the bill."),
        (10, "Lovely coffee, and such friendly people!"),
        (8, f"Good, but {LONG} is nothing one says at breakfast."),
        (None, ""),
    ]
    made = []
    for number, (score, text) in enumerate(texts):
        values = Answers(
            f"guest{number}@example.org",
            {"score": str(score), "better": text},
            f"Guest {number}",
            words=text,
            score=score,
            source="qr" if number % 2 else "",
        )
        made.append(submit_feedback(pages[1], program, values).response)
    add_tags(made[:2], ["Service"])
    add_note(made[0], "Comes every Tuesday")
    return made


def look(page: Any, name: str) -> None:
    """Photographed at both widths; nothing keeps anybody out of our own part of the screen."""
    page.wait_for_load_state()
    for width, height in HEIGHTS.items():
        page.set_viewport_size({"width": width, "height": height})
        page.evaluate(SETTLED)
        photograph(page, f"{name}-{width}")
        size = page.evaluate(
            "() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]"
        )
        assert size[0] <= size[1], f"{name} scrolls sideways at {width}: {size}"


def test_an_unhappy_guest_is_found_answered_and_the_case_closed(
    staff: Any,
    answers: list[Any],
) -> None:
    page, problems = staff()
    page.goto(INBOX)
    page.get_by_text("Guest 3").wait_for()
    look(page, "inbox")
    page.goto(f"{INBOX}?q=rude+waiter")
    look(page, "inbox-search")
    follow(page.get_by_role("link", name="Keep this search …"))
    page.get_by_label("Name").fill("Rude waiters")
    look(page, "inbox-keep")
    follow(page.get_by_role("button", name="Keep it"))
    page.get_by_role("link", name="Rude waiters").wait_for()
    follow(page.get_by_role("link", name="Guest 0").first)
    page.get_by_text("Comes every Tuesday").wait_for()
    look(page, "inbox-answer")
    case = Case.objects.get()
    page.goto(f"/admin/referrals/cases/inspect/{case.pk}/")
    follow(page.get_by_role("link", name="Reply by mail"))
    page.get_by_label("Words").fill("We are very sorry. Please come again: the next one is on us.")
    look(page, "case-reply")
    follow(page.get_by_role("button", name="Reply by mail"))
    page.get_by_text("The mail is in the outbox.").wait_for()
    look(page, "case")
    follow(page.get_by_role("link", name="Close the case"))
    page.get_by_label("Why is it closed?").fill("Came back, happy")
    follow(page.get_by_role("button", name="Close the case"))
    page.get_by_text("The case is closed.").wait_for()
    assert Message.objects.filter(kind="case_reply").count() == 1
    assert Case.objects.get().closing_reason == "Came back, happy"
    assert ours(problems) == []


def test_what_is_late_and_how_it_goes_is_seen(
    staff: Any,
    answers: list[Any],
    settings: Any,
) -> None:
    # Its home page asks Wagtail's own site for a newer release.
    settings.WAGTAIL_ENABLE_UPDATE_CHECK = False
    open_case(answers[2], reason="Say thank you")
    Case.objects.update(due_at=answers[0].submit_time)
    page, problems = staff()
    page.goto("/admin/")
    page.get_by_text("Follow-up that is late").wait_for()
    look(page, "home-late")
    follow(page.get_by_role("link", name="See all that is late"))
    page.locator("td").get_by_text("by hand").first.wait_for()
    look(page, "cases")
    follow(page.get_by_role("link", name="How it goes"))
    page.get_by_role("heading", name="How following up goes", level=2).wait_for()
    look(page, "case-report")
    assert not [line for line in _axe(page) if "referrals-" in line]
    page.goto("/admin/referrals/followup/create/")
    look(page, "case-rule")
    assert ours(problems) == []
