"""Somebody chooses which mails they get, behind the links at the end of one."""

from typing import Any

import pytest

from wagtail_referrals.messages.addresses import mail_settings_url
from wagtail_referrals.messages.preferences import declined_by
from wagtail_referrals.people.register import find_or_add_person
from wagtail_referrals.people.suppression import is_suppressed

from .waiting import follow


@pytest.fixture
def person(program: Any) -> Any:
    return find_or_add_person("ann@example.org", name="Ann")


@pytest.mark.parametrize(("width", "javascript"), [(390, True), (1280, False)])
def test_somebody_declines_a_kind_then_all_and_comes_back(
    visit: Any, program: Any, person: Any, width: int, javascript: bool
) -> None:
    ann = visit("Ann", width=width, javascript=javascript)
    ann.open(mail_settings_url(person, program))
    ann.check("mail-settings", axe=javascript)
    page = ann.page
    page.get_by_label("thank-you notes").uncheck()
    follow(page.get_by_role("button", name="Save"))
    page.get_by_role("status").get_by_text("This is noted.").wait_for()
    assert declined_by(person) == {"thanks"}
    assert not page.get_by_label("thank-you notes").is_checked()
    follow(page.get_by_role("button", name="Stop all mails"))
    page.get_by_role("button", name="Write to me again").wait_for()
    ann.check("mail-settings-off", axe=javascript)
    assert is_suppressed(person.email)
    follow(page.get_by_role("button", name="Write to me again"))
    page.get_by_role("button", name="Save").wait_for()
    assert not is_suppressed(person.email)


@pytest.mark.parametrize("width", [390, 1280])
def test_somebody_says_that_it_is_not_them(
    visit: Any, program: Any, person: Any, width: int
) -> None:
    stranger = visit("Stranger", width=width)
    stranger.open(mail_settings_url(person, program))
    follow(stranger.page.get_by_role("link", name="by mistake"))
    stranger.page.get_by_role("button", name="That's not me").wait_for()
    stranger.check("mail-not-me")
    follow(stranger.page.get_by_role("button", name="That's not me"))
    stranger.page.get_by_role("heading", name="You get no mails any more").wait_for()
    assert is_suppressed(person.email)
    stranger.open(mail_settings_url(person, program) + "off/")
    stranger.check("mail-off")
