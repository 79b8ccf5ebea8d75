"""A review request from the rating to the review site, and what is published, in a browser."""

from typing import Any

import pytest

from tests.browser.test_layout import LONG
from wagtail_referrals.feedback.submit import Answers, submit_feedback
from wagtail_referrals.feedback.testimonial_models import Testimonial, public
from wagtail_referrals.feedback.testimonials import withdraw_path
from wagtail_referrals.pages.models import ReviewRequestPage
from wagtail_referrals.pages.review_request import fill_in_questions

from .waiting import follow

pytestmark = pytest.mark.usefixtures("no_time_trap")

WORDS = "what_did_you_come_for_and_what_did_you_get"
SUBMIT = "form[method=post] [type=submit]"


@pytest.fixture
def request_page(program: Any) -> ReviewRequestPage:
    page = ReviewRequestPage(title="How was your visit?", slug="review", program=program)
    fill_in_questions(page)
    page.review_links = [
        ("link", {"site": "google", "url": "https://g.page/r/abc/review"}),
        ("link", {"site": "facebook", "url": "harbour.coffee"}),
    ]
    program.site.root_page.add_child(instance=page)
    return page


@pytest.mark.parametrize(
    ("width", "javascript"), [(390, True), (1280, True), (390, False)], ids=str
)
def test_from_the_rating_to_the_review_site(visit, request_page, width, javascript):
    ann = visit("Ann", width=width, javascript=javascript)
    page = ann.page
    name = "review" if javascript else "review-without-script"
    ann.open(request_page.url)
    ann.check(f"{name}-request", axe=javascript)
    ann.tab_to("[name=how_was_it]")
    for _step in range(4):
        page.keyboard.press("ArrowRight")
    page.locator(f"[name={WORDS}]").fill("Beans, and good advice with them.")
    page.locator("[name=your_name]").fill("Ann Advocate")
    page.locator("[name=your_town]").fill("Lindhaven")
    page.locator("[name=your_e_mail]").fill("ann@example.org")
    page.locator("[name=may_we_publish_your_words][value=town]").check()
    ann.tab_to(SUBMIT)
    page.keyboard.press("Enter")
    page.wait_for_url("**/thanks/**")
    ann.check(f"{name}-thanks", axe=javascript)
    coupon = ann.coupon
    assert not page.get_by_role("link", name="Google").count()

    follow(page.get_by_role("link", name="Show me where"))
    page.wait_for_url("**/reviews/")
    ann.check(f"{name}-sites", axe=javascript)
    assert page.locator("#referrals-words").inner_text() == "Beans, and good advice with them."
    assert coupon not in page.content()
    assert page.get_by_role("link", name="Write a review on Google").is_visible()
    copy = page.get_by_role("button", name="Copy my words")
    assert copy.is_visible() == javascript
    if javascript:
        copy.click()
        page.get_by_text("Words copied").wait_for()
        words = page.evaluate("navigator.clipboard.readText()")
        assert words == "Beans, and good advice with them."


@pytest.mark.parametrize("javascript", [True, False])
def test_taking_words_back(visit, request_page, javascript):
    testimonial = say(request_page, 0)
    testimonial.save_revision().publish()
    ann = visit("Ann", javascript=javascript)
    ann.open(withdraw_path(testimonial))
    ann.check("withdraw", axe=javascript)
    ann.tab_to(SUBMIT)
    ann.page.keyboard.press("Enter")
    ann.page.get_by_text("off our pages").wait_for()
    ann.check("withdrawn", axe=javascript)
    assert not public().exists()


def say(
    page: Any, number: int, words: str = "Good beans, good people.", name: str = "Nora Example"
):
    answers = Answers(
        f"p{number}@example.org",
        name=name,
        town="Lindhaven",
        words=words,
        stars=5 - number % 2,
        stars_of=5,
        publish="Yes",
        scope="town",
    )
    response = submit_feedback(page, page.program, answers).response
    return Testimonial.objects.get(response=response)


@pytest.mark.parametrize("width", [390, 1280])
def test_the_blocks_on_somebodys_page(visit, request_page, settings, direction, width):
    settings.ROOT_URLCONF = "tests.browser.block_page"
    texts = [
        "Good beans, good people.",
        f"{LONG} and back again.",
        "We came for one bag and left with three. The advice alone was worth the way, and the "
        "cup by the window too.",
        "Short.",
    ]
    for number, words in enumerate(texts):
        say(request_page, number, words, name=LONG if number == 1 else "Nora Example")
    for testimonial in Testimonial.objects.order_by("pk"):
        testimonial.save_revision().publish()
    reader = visit("Reader", width=width)
    reader.open(f"/blocks/{request_page.pk}/")
    assert reader.page.locator(".referrals-quote").count() == 9
    reader.check(f"quotes-{direction}")
    slider = reader.page.locator(".referrals-quotes--slider")
    reader.tab_to(".referrals-quotes--slider")
    before = slider.evaluate("one => one.scrollLeft")
    for _press in range(6):
        reader.page.keyboard.press("ArrowLeft" if direction == "rtl" else "ArrowRight")
    reader.page.wait_for_function("one => one.scrollLeft !== 0", arg=slider.element_handle())
    assert slider.evaluate("one => one.scrollLeft") != before
