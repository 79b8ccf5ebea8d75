"""The share kit in a browser: words chosen, each button's draft, QR code, counting; without JS."""

from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from wagtail_referrals.people.register import find_or_add_person
from wagtail_referrals.programs.share_models import ShareText
from wagtail_referrals.referrals.join import join_program
from wagtail_referrals.referrals.models import Share
from wagtail_referrals.referrals.own_link import own_page_path
from wagtail_referrals.referrals.share import share_kit
from wagtail_referrals.tokens import make_token

from .waiting import expect, follow, wait_until

pytestmark = pytest.mark.usefixtures("no_time_trap", "landing")


@pytest.fixture
def landing(pages: Any) -> Any:
    return pages[0]


@pytest.fixture
def advocate(program: Any) -> Any:
    for position, words in enumerate(["I buy my coffee here.", "Mornings are better with it."]):
        ShareText.objects.create(
            program=program, text=words, disclosure="I get a gift, too.", position=position
        )
    return join_program(program, find_or_add_person("ann@example.org", name="Ann"))


@pytest.fixture
def kit(pages: Any, advocate: Any) -> str:
    """Where the kit stands: after feedback."""
    from wagtail_referrals.feedback.submit import Answers, submit_feedback

    page = pages[1]
    answers = Answers("ann@example.org", {"score": "9", "email": "ann@example.org"}, "Ann", score=9)
    response = submit_feedback(page, page.program, answers).response
    return f"{page.url}thanks/{make_token('feedback', response.pk)}/"


def wait_for_share(page: Any, channel: str) -> None:
    wait_until(page, Share.objects.filter(channel=channel).exists)


@pytest.mark.parametrize("width", [390, 1280])
def test_the_kit_at_both_widths(visit: Any, kit: str, width: int, direction: str) -> None:
    visitor = visit("Ann", width=width)
    visitor.open(kit)
    for summary in visitor.page.locator(".referrals-share summary").all():
        summary.click()
    visitor.page.locator(".referrals-qr").scroll_into_view_if_needed()
    # It is loaded when it comes into sight. A function: an expression is refused by the policy.
    visitor.page.wait_for_function("() => document.querySelector('.referrals-qr').naturalWidth > 0")
    visitor.check(f"share-kit-{direction}")


def test_other_words_go_along_with_every_way(visit: Any, kit: str) -> None:
    visitor = visit("Ann")
    visitor.open(kit)
    page = visitor.page
    page.locator("summary", has_text="Mornings").click()
    page.get_by_role("button", name="Use these words").click()
    assert page.locator("#referrals-text").input_value().startswith("Mornings")
    for name in ("whatsapp", "email", "sms", "bluesky"):
        href = unquote(page.locator(f"a[data-referrals-channel={name}]").get_attribute("href"))
        assert "Mornings" in href, name
        assert f"via={name}" in href, name
        assert "via=copy" not in href, name
    for name in ("x", "telegram"):
        href = page.locator(f"a[data-referrals-channel={name}]").get_attribute("href")
        values = parse_qs(urlsplit(href).query)
        assert "://" not in values["text"][0], name
        assert values["url"][0].endswith(f"via={name}"), name


def test_a_press_is_counted_once_and_asks_nobody_before(visit: Any, kit: str) -> None:
    visitor = visit("Ann")
    visitor.open(kit)
    page = visitor.page
    page.wait_for_load_state("networkidle")
    assert not Share.objects.exists()
    page.get_by_role("button", name="Copy link").click()
    wait_for_share(page, "copy")
    page.locator("summary", has_text="QR code").click()
    wait_for_share(page, "qr")
    assert Share.objects.count() == 2


def test_without_javascript_every_way_is_there(visit: Any, kit: str) -> None:
    visitor = visit("Ann", javascript=False)
    visitor.open(kit)
    page = visitor.page
    assert page.get_by_role("link", name="WhatsApp").first.is_visible()
    page.locator("summary", has_text="Mornings").click()
    other = page.locator("details", has_text="Mornings").get_by_role("link", name="WhatsApp")
    assert "Mornings" in unquote(other.get_attribute("href"))
    assert not page.get_by_role("button", name="Copy link").is_visible()
    visitor.check("share-kit-without-script", axe=False)


def test_the_cards_are_a_sheet_of_paper(visit: Any, advocate: Any) -> None:
    visitor = visit("Ann", width=1280)
    visitor.open(share_kit(advocate).files["cards"])
    visitor.check("share-cards")
    visitor.page.set_viewport_size({"width": 390, "height": 844})
    visitor.check("share-cards-phone")
    visitor.page.emulate_media(media="print")
    fine = visitor.page.locator(".card .fine").first
    for text in ("gets a thank-you, too", "Valid for 90 days"):
        expect(fine).to_contain_text(text)
    cut = "fine => [fine.scrollWidth - fine.clientWidth, fine.scrollHeight - fine.clientHeight]"
    assert max(fine.evaluate(cut)) <= 1, "all of it is there to read"
    card = visitor.page.locator(".card").first
    around = card.bounding_box()
    for text in ("gets a thank-you, too", "Valid for 90 days"):
        told = card.get_by_text(text).bounding_box()
        assert told["x"] + told["width"] <= around["x"] + around["width"] + 1, text
        assert told["y"] + told["height"] <= around["y"] + around["height"] + 1, text
    box = visitor.page.locator(".sheet").bounding_box()
    assert (round(box["width"] / 96 * 25.4), round(box["height"] / 96 * 25.4)) == (210, 297)


# How much of a line is in sight at the lower edge of what is cut.
HALF_A_LINE = """box => {
    const edge = box.getBoundingClientRect().bottom;
    const range = document.createRange();
    range.selectNodeContents(box);
    return [...range.getClientRects()]
        .filter(line => line.top < edge - 1 && line.bottom > edge + 1).length;
}"""


def test_a_card_with_many_conditions_has_whole_lines_and_its_code(
    visit: Any, program: Any, advocate: Any
) -> None:
    offer = program.friend_offer
    offer.wording = "Ten percent off whatever you take home from our shop by the harbour"
    offer.fine_print = "Not with other offers, not on what is reduced already. " * 4
    offer.save()
    visitor = visit("Ann", width=1280)
    visitor.open(share_kit(advocate).files["cards"])
    visitor.page.emulate_media(media="print")
    card = visitor.page.locator(".card").first
    for part in (".words h2", ".fine"):
        assert card.locator(part).evaluate(HALF_A_LINE) == 0, part
    assert "gets a thank-you, too" in card.locator(".fine").inner_text()
    box, code = card.bounding_box(), card.locator(".code").bounding_box()
    assert code["y"] + code["height"] <= box["y"] + box["height"]


@pytest.mark.parametrize("width", [390, 1280])
def test_writing_to_a_friend(visit: Any, program: Any, advocate: Any, width: int) -> None:
    program.mails_to_friends = True
    program.save()
    visitor = visit("Ann", width=width)
    visitor.open(f"{own_page_path(advocate)}friend/")
    visitor.check("friend-mail")
    page = visitor.page
    page.get_by_label("Your friend's e-mail address").fill("bo@example.org")
    page.get_by_label("A few words from you").fill("see www.example.org")
    follow(page.get_by_role("button", name="Send the mail"))
    page.locator("[data-referrals-errors]").wait_for()
    visitor.check("friend-mail-errors")
    page.get_by_label("A few words from you").fill("You asked me where I get my coffee.")
    follow(page.get_by_role("button", name="Send the mail"))
    page.get_by_role("status").filter(has_text="Thank you").wait_for()
    visitor.check("friend-mail-sent")
