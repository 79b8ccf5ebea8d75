"""Every type of question: by keyboard alone, without script, in every direction and length."""

import copy
import gzip
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings

from wagtail_referrals.feedback.heard_models import Mention
from wagtail_referrals.feedback.models import FeedbackResponse
from wagtail_referrals.feedback.ratings import STAR_NUMBERS
from wagtail_referrals.pages.models import FeedbackQuestion

from .waiting import follow

pytestmark = pytest.mark.usefixtures("no_time_trap")

LONG = "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz"
QUESTIONS: list[tuple[str, str, str]] = [
    ("score", "How likely is it that you recommend us to a friend?", ""),
    ("stars", "How do you like our coffee?", "5"),
    ("csat", "How satisfied were you with the service?", ""),
    ("singleline", "In one line?", ""),
    ("multiline", "What did you like?", ""),
    ("ideas", "What could we do better?", ""),
    ("radio", "When were you here?", "In the morning\nAt noon\nIn the evening"),
    ("dropdown", "What did you have?", "Coffee\nTea"),
    ("checkboxes", "What did you like?", "The taste\nThe view\nThe staff"),
    ("multiselect", "And which of these?", "Cake\nBread"),
    ("checkbox", "I have been here before", ""),
    ("number", "How many were you?", ""),
    ("date", "On which day?", ""),
    ("datetime", "And when exactly?", ""),
    ("url", "Do you have a page on the web?", ""),
    ("heard", "How did you hear about us?", ""),
    ("name", "Your name", ""),
    ("email", "Your e-mail address", ""),
    ("phone", "Your telephone", ""),
    ("town", "Your town", ""),
    ("permission", "You may publish my words", ""),
    ("consent", "You may send me a newsletter", ""),
    ("call_me", "Please call me", ""),
    ("publish_as", "May we publish what you say?", ""),
]

EMAIL = next(asked for asked in QUESTIONS if asked[0] == "email")


def ask(page: Any, questions: list[tuple[str, str, str]], **values: Any) -> None:
    """Let the page ask these."""
    page.form_fields.all().delete()
    page.form_fields = [
        FeedbackQuestion(
            clean_name=f"{kind}{number}" if kind == "stars" and number > 1 else kind,
            label=label,
            field_type=kind,
            choices=choices,
            required=kind in ("score", "email"),
            sort_order=number,
            **values,
        )
        for number, (kind, label, choices) in enumerate(questions)
    ]
    page.save()


@pytest.fixture
def every_type(feedback_page: Any) -> Any:
    ask(feedback_page, QUESTIONS, help_text="")
    return feedback_page


@pytest.fixture(params=["ltr", "rtl"])
def direction(request: Any, settings: Any) -> str:
    if request.param == "rtl":
        templates = copy.deepcopy(django_settings.TEMPLATES)
        templates[0]["DIRS"].append(Path(__file__).parent / "templates")
        settings.TEMPLATES = templates
        own = {**django_settings.WAGTAIL_REFERRALS, "BASE_TEMPLATE": "far.html"}
        settings.WAGTAIL_REFERRALS = own
    return str(request.param)


def stored() -> dict[str, Any]:
    return dict(FeedbackResponse.objects.get().form_data)


def test_every_type_is_answered_by_keyboard_alone(visit, every_type):
    ann = visit("Ann")
    ann.open(every_type.url)
    press = ann.page.keyboard.press
    ann.tab_to("[name=score]")
    press("Space")
    for _ in range(9):
        press("ArrowRight")
    ann.tab_to("[name=stars]")
    press("Space")
    for _ in range(3):
        press("ArrowRight")
    ann.tab_to("[name=csat]")
    press("ArrowLeft")
    ann.type_into("[name=singleline]", "A line")
    ann.type_into("[name=multiline]", "The milk")
    ann.type_into("[name=ideas]", "More of it")
    ann.tab_to("[name=radio]")
    press("ArrowDown")
    ann.tab_to("[name=dropdown]")
    ann.page.keyboard.type("Tea")
    ann.tab_to("[name=checkboxes]")
    press("Space")
    ann.tab_to("[name=multiselect]")
    press("ArrowDown")
    ann.tab_to("[name=checkbox]")
    press("Space")
    ann.type_into("[name=number]", "3")
    ann.type_into("[name=date]", "01022003")
    ann.type_into("[name=datetime]", "01022003")
    press("Tab")
    ann.page.keyboard.type("1130AM")
    ann.type_into("[name=url]", "https://example.org/")
    ann.tab_to("[name=heard]")
    press("Space")
    ann.type_into("[name=heard_told-by]", "Bo")
    ann.type_into("[name=heard_reach-at]", "bo@example.org")
    ann.type_into("[name=name]", "Ann")
    ann.type_into("[name=email]", "ann@example.org")
    ann.type_into("[name=phone]", "0431 55555")
    ann.type_into("[name=town]", "Kiel")
    ann.tab_to("[name=permission]")
    press("Space")
    ann.tab_to("[name=consent]")
    press("Space")
    ann.tab_to("[name=call_me]")
    press("Space")
    ann.tab_to("[name=publish_as]")
    press("ArrowDown")
    ann.check("questions-answered", axe=False)
    ann.tab_to("form [type=submit]")
    press("Enter")
    ann.page.wait_for_url("**/thanks/**")
    said = stored()
    assert (said["score"], said["stars"], said["csat"]) == ("9", "4", "5")
    assert (said["radio"], said["dropdown"]) == ("At noon", "Tea")
    assert (said["checkboxes"], said["multiselect"]) == (["The taste"], ["Cake"])
    assert (said["singleline"], said["multiline"]) == ("A line", "The milk")
    assert said["ideas"] == "More of it"
    ticked = ("checkbox", "permission", "consent", "call_me")
    assert [said[name] for name in ticked] == [True] * 4
    assert (said["date"], said["datetime"][:16]) == ("2003-01-02", "2003-01-02T11:30")
    assert said["publish_as"] == "Yes, with my first name and my town"
    assert said["heard"] == "Somebody told me"
    assert str(Mention.objects.get()) == "Bo · bo@example.org"


def test_every_type_is_answered_without_script(visit, every_type):
    bo = visit("Bo", javascript=False)
    bo.open(every_type.url)
    for name, value in (("score", "0"), ("stars", "1"), ("csat", "1"), ("radio", "At noon")):
        bo.page.locator(f"[name={name}][value='{value}']").check(force=True)
    assert not bo.page.locator("[name=heard_told-by]").is_visible()
    bo.page.locator("[name=heard][data-referrals-told]").check()
    bo.page.locator("[name=heard_told-by]").fill("Ann")
    bo.page.locator("[name=email]").fill("not an address")
    follow(bo.page.locator("form[method=post] [type=submit]"))
    bo.page.locator("[role=alert]").wait_for()
    # What was answered is still there.
    assert bo.page.locator("[name=stars][value='1']").is_checked()
    assert bo.page.locator("[name=heard_told-by]").input_value() == "Ann"
    bo.page.locator("[name=email]").fill("bo@example.org")
    follow(bo.page.locator("form[method=post] [type=submit]"))
    bo.page.wait_for_url("**/thanks/**")
    assert (stored()["score"], stored()["stars"]) == ("0", "1")


@pytest.mark.parametrize("width", [390, 1280])
def test_every_type_keeps_nobody_out(visit, every_type, direction, width):
    reader = visit("Reader", width=width)
    reader.open(every_type.url)
    reader.check(f"questions-{direction}")
    reader.page.locator("[name=stars][value='4']").check(force=True)
    reader.page.locator("[name=csat][value='4']").check(force=True)
    reader.page.locator("[name=score][value='9']").check(force=True)
    reader.page.locator("[name=heard][data-referrals-told]").check()
    reader.check(f"questions-{direction}-chosen")
    reader.page.locator("[name=email]").fill("x")
    reader.page.locator("[name=phone]").fill("x")
    follow(reader.page.locator("form[method=post] [type=submit]"))
    reader.page.locator("[data-referrals-errors]").wait_for()
    reader.check(f"questions-{direction}-errors")


def test_long_words_fit_on_a_phone(visit, feedback_page, direction):
    own = {"csat": "\n".join(f"{n}{LONG}" for n in range(5)), "stars": "7"}
    questions = [
        (kind, LONG, own.get(kind, f"{LONG}\n{LONG[::-1]}" if choices else ""))
        for kind, _label, choices in QUESTIONS
    ]
    ask(feedback_page, questions, help_text=LONG)
    reader = visit("Reader")
    reader.open(feedback_page.url)
    reader.page.locator("[name=heard][data-referrals-told]").check()
    reader.check(f"questions-{direction}-long")


def test_a_rating_is_large_enough_to_tap(visit, feedback_page):
    stars = [("stars", f"{most} stars", str(most)) for most in STAR_NUMBERS]
    ask(feedback_page, [("score", "Score", ""), *stars, ("csat", "Faces", ""), EMAIL])
    reader = visit("Reader")
    reader.open(feedback_page.url)
    labels = ".referrals-scale__item label, .referrals-stars__item label"
    boxes = [label.bounding_box() for label in reader.page.locator(labels).all()]
    assert len(boxes) == 11 + sum(STAR_NUMBERS) + 5
    assert min(min(box["width"], box["height"]) for box in boxes) >= 44
    for field in reader.page.locator("fieldset").all():
        assert field.bounding_box()["width"] <= 390
    reader.check("questions-stars")


def test_a_screen_reader_hears_what_each_choice_means(visit, every_type):
    reader = visit("Reader")
    reader.open(every_type.url)

    def heard(name: str) -> Any:
        return reader.page.get_by_role("radio", name=name, exact=True)

    assert heard("4 of 5 stars").count() == 1
    assert heard("Very good").count() == 1
    assert heard("0 not at all likely").count() == 1
    assert heard("10 very likely").count() == 1
    for name, _label, _choices in QUESTIONS[:3]:
        group = reader.page.locator(f"fieldset:has([name={name}])")
        assert group.get_attribute("role") == "radiogroup"


def test_an_error_leads_to_the_first_choice(visit, feedback_page):
    ask(feedback_page, [("heard", "How did you hear?", ""), EMAIL])
    feedback_page.form_fields.update(required=True)
    reader = visit("Reader")
    reader.open(feedback_page.url)
    follow(reader.page.locator("form[method=post] [type=submit]"))
    reader.page.locator("[data-referrals-errors] a").first.click()
    assert reader.page.evaluate("document.activeElement.name") == "heard"


def test_styles_and_scripts_of_the_page_are_small():
    folder = Path(__file__).parents[2] / "wagtail_referrals/static/wagtail_referrals"
    files = [path for path in folder.glob("*") if path.suffix in (".css", ".js")]
    assert sum(len(gzip.compress(path.read_bytes())) for path in files) <= 30_000
