"""Mails as a mailbox shows them, and the screens on which an owner writes them."""

from typing import Any

import pytest
from django.utils import translation

from tests.browser.conftest import HEIGHTS, _axe
from wagtail_referrals.messages.compile import compile_mail
from wagtail_referrals.messages.kinds import mail_kinds
from wagtail_referrals.messages.template_models import MessageTemplate
from wagtail_referrals.messages.templates import begin_words
from wagtail_referrals.messages.values import plain_values

from .test_inbox import look
from .test_rewards import ours, photograph
from .waiting import follow

SEEN = ("reward_issued", "feedback_invitation", "coupon_to_hand_on", "digest", "case_reply")
# A mail is no page: landmarks and headings are the mailbox's.
NO_PAGE = ("landmark", "region", "page-has-heading-one")
COPIED = "words => navigator.clipboard.readText().then(copied => copied === words)"
FOOTER = {"mail_settings": "https://example.org/mail/", "not_me": "https://example.org/not-me/"}


def html_of(key: str, language: str) -> str:
    kind = mail_kinds()[key]
    with translation.override(language):
        mail = compile_mail(kind, subject=kind.subject, body=kind.body)
        return mail.written({**plain_values(kind, kind.samples), **FOOTER})[2]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", sorted(HEIGHTS))
def test_mails_can_be_read_by_everybody(browser: Any, width: int, scheme: Any) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": HEIGHTS[width]}, color_scheme=scheme
    )
    requests: list[str] = []
    context.on("request", lambda request: requests.append(request.url))
    page = context.new_page()
    for key, language in [*((key, "en") for key in SEEN), ("reward_issued", "ar")]:
        page.set_content(html_of(key, language))
        photograph(page, f"mail-{key}-{language}-{scheme}-{width}")
        sizes = page.evaluate(
            "() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]"
        )
        assert sizes[0] <= sizes[1], key
        found = [one for one in _axe(page) if not one.startswith(NO_PAGE)]
        assert not found, key
    assert not requests
    context.close()


def test_an_owner_writes_a_mail_of_their_own(staff: Any, program: Any, pages: Any) -> None:
    page, problems = staff()
    page.goto("/admin/referrals/mails/")
    look(page, "mails")
    follow(page.get_by_role("link", name="Reward issued"))
    follow(page.get_by_role("button", name="Begin"))
    look(page, "mail-edit")
    page.set_viewport_size({"width": 1280, "height": 900})
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="{{ share_link }}").click()
    page.wait_for_function(COPIED, arg="{{ share_link }}")
    page.get_by_role("button", name="Toggle preview").click()
    frame = page.frame_locator("iframe[title='Preview']").last
    frame.get_by_text("You recommended us to Jonas").wait_for()
    photograph(page, "mail-preview-1280")
    page.get_by_role("button", name="Toggle preview").click()
    page.locator("[name='subject']").fill("Here you are, {{ first_name|friend }}")
    page.get_by_role("button", name="More actions").last.click()
    follow(page.get_by_role("button", name="Publish", exact=True))
    template = MessageTemplate.objects.get()
    assert (template.live, template.subject) == (True, "Here you are, {{ first_name|friend }}")
    assert not ours(problems)


def test_what_is_wrong_is_told_next_to_the_field(staff: Any, program: Any, pages: Any) -> None:
    template = begin_words(program, "told_by", "en")
    page, problems = staff()
    page.goto(f"/admin/referrals/mails/edit/{template.pk}/")
    page.locator("[name='subject']").fill("{{ frist_name }}")
    follow(page.get_by_role("button", name="Save draft"))
    page.get_by_text("There is no field “frist_name” in this mail").first.wait_for()
    look(page, "mail-wrong")
