"""A form in steps: forwards, backwards, changed under way, tampered with."""

import pytest
from django.test import Client

from tests.fixtures import BROWSER
from wagtail_referrals.feedback.models import FeedbackResponse
from wagtail_referrals.pages.models import FeedbackPage, FeedbackQuestion

pytestmark = pytest.mark.usefixtures("no_time_trap")


def only_if(question, test, value=""):
    return [("condition", {"question": question, "test": test, "value": value})]


QUESTIONS = [
    {"clean_name": "score", "label": "Would you recommend us?", "field_type": "score"},
    {
        "clean_name": "why",
        "label": "What went wrong?",
        "field_type": "multiline",
        "conditions": only_if("Would you recommend us?", "at_most", "6"),
    },
    {
        "clean_name": "call",
        "label": "Shall we call you?",
        "field_type": "radio",
        "choices": "yes\nno",
        "step_title": "Making it good",
        "conditions": only_if("Would you recommend us?", "at_most", "6"),
        "whole_step": True,
    },
    {
        "clean_name": "phone",
        "label": "Your number",
        "field_type": "phone",
        "conditions": only_if("Shall we call you?", "is", "yes"),
    },
    {
        "clean_name": "better",
        "label": "What could be better?",
        "field_type": "multiline",
        "required": False,
        "default_value": "Nothing",
        "step_title": "Your ideas",
        "other_words": [("words", {"audience": "promoters", "words": "What did you like most?"})],
    },
    {
        "clean_name": "name",
        "label": "Your name",
        "field_type": "name",
        "required": False,
    },
    {
        "clean_name": "email",
        "label": "{{ first_name|Friend }}, what is your e-mail?",
        "field_type": "email",
        "step_title": "Where to send the coupon, {{ first_name|friend }}?",
    },
]


@pytest.fixture
def page(feedback_page) -> FeedbackPage:
    feedback_page.form_fields = [
        FeedbackQuestion(sort_order=number, **values)
        for number, values in enumerate(QUESTIONS, start=1)
    ]
    feedback_page.save()
    return feedback_page


class Visitor:
    """Somebody filling in a form without a script: sends what the form they see holds."""

    def __init__(self, client: Client, page: FeedbackPage) -> None:
        self.client = client
        self.response = client.get(page.url)
        self.given: dict[str, str] = {}

    @property
    def form(self):
        return self.response.context["form"]

    @property
    def text(self) -> str:
        return self.response.content.decode()

    @property
    def labels(self) -> list[str]:
        return [str(self.form[name].label) for name in self.form.step.names]

    def hidden(self) -> dict[str, list[str]]:
        """The hidden inputs of the page."""
        from bs4 import BeautifulSoup

        found: dict[str, list[str]] = {}
        for field in BeautifulSoup(self.text, "html.parser").select("form input[type=hidden]"):
            found.setdefault(field["name"], []).append(field.get("value", ""))
        return found

    def send(self, **answers):
        shown = {name: self.form[name].value() or "" for name in self.form.step.names}
        data = {**self.hidden(), **shown, **answers}
        action = self.response.context["form_action"]
        self.response = self.client.post(action, data, HTTP_USER_AGENT=BROWSER)
        return self


@pytest.fixture
def visitor(client, page):
    return Visitor(client, page)


def stored():
    return FeedbackResponse.objects.get().form_data


def test_only_the_questions_of_the_step_are_shown(visitor):
    assert visitor.labels == ["Would you recommend us?", "What went wrong?"]
    assert "Step 1 of 4" in visitor.text
    assert "Your ideas" not in visitor.text


def test_somebody_content_is_led_past_what_went_wrong(visitor):
    visitor.send(score="9")
    assert "Step 2 of 3" in visitor.text
    assert visitor.labels == ["What did you like most?", "Your name"]
    visitor.send(name="Bo <b>Friend", better="The coffee")
    assert visitor.labels == ["Bo, what is your e-mail?"]
    assert visitor.send(email="bo@example.org").response.status_code == 303
    assert stored() == {
        "score": "9",
        "better": "The coffee",
        "name": "Bo <b>Friend",
        "email": "bo@example.org",
    }


def test_somebody_unhappy_is_asked_everything(visitor):
    visitor.send(score="3", why="Cold")
    assert "Step 2 of 4" in visitor.text
    visitor.send(call="yes", phone="+44 20 7946 0123")
    visitor.send(better="Warmer", name="Bo")
    visitor.send(email="bo@example.org")
    assert stored()["phone"] == "+44 20 7946 0123"
    assert FeedbackResponse.objects.get().score == 3


def test_a_hidden_required_question_is_not_required_and_its_answer_not_kept(visitor):
    visitor.send(score="9", why="Never asked", call="yes", phone="+44 20 7946 0123")
    visitor.send(better="").send(email="bo@example.org")
    assert stored().keys() == {"score", "better", "name", "email"}


def test_a_visible_required_question_is_required(visitor):
    visitor.send(score="3", why="")
    assert "why" in visitor.form.errors
    visitor.send(score="3", why="Cold").send(call="yes", phone="")
    assert list(visitor.form.errors) == ["phone"]


def test_back_keeps_the_answers_of_both_steps_and_says_nothing_is_wrong(visitor):
    visitor.send(score="9").send(**{"name": "Bo", "referrals-back": "1"})
    assert visitor.form["score"].value() == "9"
    assert not visitor.form.errors
    visitor.send(score="10")
    assert visitor.form["name"].value() == "Bo"
    visitor.send().send(email="not an address", **{"referrals-back": "1"})
    assert visitor.labels == ["What did you like most?", "Your name"]
    assert visitor.form["name"].value() == "Bo"


def test_a_later_step_comes_with_what_the_editor_filled_in(visitor):
    assert visitor.send(score="9").form["better"].value() == "Nothing"


def test_what_was_emptied_stays_empty(visitor):
    visitor.send(score="9").send(better="").send(**{"referrals-back": "1", "email": ""})
    assert not visitor.form["better"].value()


@pytest.mark.parametrize("step", ["3", "99", "-1", "", "x", "٣", "1" * 5000])
def test_whoever_skips_a_step_is_led_back_to_it(visitor, step):
    visitor.send(**{"referrals-step": step, "email": "bo@example.org"})
    assert visitor.response.status_code == 200
    assert "score" in visitor.form.errors
    assert visitor.form.shown == 0
    assert not FeedbackResponse.objects.exists()


def test_without_a_step_all_at_once_is_taken(visitor):
    visitor.send(**{"referrals-step": [], "score": "9", "email": "bo@example.org"})
    assert visitor.response.status_code == 303


def test_an_error_of_an_earlier_step_leads_there(visitor):
    visitor.send(score="9").send().send(score="11", email="bo@example.org")
    assert visitor.form.shown == 0
    assert list(visitor.form.errors) == ["score"]
    assert visitor.hidden()["email"] == ["bo@example.org"]


def test_an_address_nobody_can_have_is_said_where_it_is_asked(visitor):
    visitor.send(score="9").send().send(email="bo@-example-.org")
    assert visitor.form.shown == 3
    assert "email" in visitor.form.errors


def test_a_fast_step_is_no_machine_but_a_fast_form_is(visitor, settings):
    settings.WAGTAIL_REFERRALS = {"FORM_MIN_SECONDS": 2, "FORM_RATE": None}
    visitor.send(score="9").send()
    assert not visitor.form.errors
    visitor.send(email="bo@example.org")
    assert "machine" in visitor.text
    assert visitor.form.shown == 3


def test_the_steps_of_a_form_count_as_one_post(visitor, settings):
    settings.WAGTAIL_REFERRALS = {"FORM_MIN_SECONDS": 0, "FORM_RATE": "1/h"}
    visitor.send(score="9").send().send(email="bo@example.org")
    assert visitor.response.status_code == 303


def test_too_many_says_so_in_the_step_that_was_sent(visitor, settings):
    settings.WAGTAIL_REFERRALS = {"FORM_MIN_SECONDS": 0, "FORM_RATE": "0/h"}
    visitor.send(score="9").send().send(email="bo@example.org")
    assert visitor.response.status_code == 429
    assert visitor.form.shown == 3


# An editor changes the form while somebody fills it in.


def change(page, name, **values):
    page.form_fields.filter(clean_name=name).update(**values)


def test_a_renamed_question_keeps_its_answer(visitor, page):
    visitor.send(score="9")
    change(page, "better", label="Ideas?")
    visitor.send(better="Tea").send(email="bo@example.org")
    assert stored()["better"] == "Tea"


def test_a_deleted_question_takes_no_other_answer_with_it(visitor, page):
    visitor.send(score="9").send(name="Bo", better="Tea")
    FeedbackQuestion.objects.filter(clean_name="name").delete()
    visitor.send(email="bo@example.org")
    assert stored() == {"score": "9", "better": "Tea", "email": "bo@example.org"}


def test_a_new_required_question_is_named_as_new(visitor, page):
    visitor.send(score="9").send(name="Bo")
    question = FeedbackQuestion(
        page=page, label="Which shop?", clean_name="shop", field_type="singleline", sort_order=0
    )
    question.save()
    visitor.send(email="bo@example.org")
    assert visitor.form.shown == 0
    assert "new since you opened the form" in str(visitor.form.errors["shop"])
    assert visitor.form["score"].value() == "9"
    visitor.send(shop="Harbour").send().send(email="bo@example.org")
    assert stored()["shop"] == "Harbour"


def test_a_step_that_is_gone_is_no_error(visitor, page):
    visitor.send(score="9").send(name="Bo")
    FeedbackQuestion.objects.exclude(clean_name="email").delete()
    assert visitor.send(email="bo@example.org").response.status_code == 303


def test_two_tabs_do_not_meet(client, page):
    one, other = Visitor(client, page), Visitor(client, page)
    one.send(score="9")
    other.send(score="3", why="Cold")
    one.send(better="Tea").send(email="one@example.org")
    other.send(call="no").send(better="Sun").send(email="other@example.org")
    assert sorted(r.form_data["better"] for r in FeedbackResponse.objects.all()) == ["Sun", "Tea"]


# Filled in beforehand.


def test_an_address_can_choose_an_answer_and_stores_nothing(client, page):
    response = client.get(page.url + "?score=9&utm_source=mail")
    assert response.context["form"]["score"].value() == "9"
    assert b"checked" in response.content
    assert not response.cookies
    assert not FeedbackResponse.objects.exists()


@pytest.mark.parametrize(
    "query",
    [
        "score=11",
        "score=%3Cscript%3E",
        "score=" + "9" * 2000,
        "score=%00",
        "better=Call+this+number",
        "email=ann%40example.org",
        "name=Ann",
        "referrals-step=3",
        "score=&score=&call=yes&phone=12345",
        "%FF=%FF",
    ],
)
def test_what_does_not_fit_or_says_who_it_is_is_ignored(client, page, query):
    response = client.get(f"{page.url}?{query}")
    assert response.status_code == 200
    form = response.context["form"]
    assert form.shown == 0
    assert not form.initial.keys() - {"call"}


def test_an_answer_of_a_later_step_can_be_chosen_beforehand(client, page):
    visitor = Visitor(client, page)
    visitor.response = client.get(page.url + "?call=no")
    visitor.send(score="3", why="Cold")
    assert visitor.form["call"].value() == "no"


# Words.


HOSTILE = "<script>alert(1)</script> {{ email }} \u202egpj"


def test_a_name_is_quoted_as_text(visitor):
    visitor.send(score="9").send(name=f"{HOSTILE}")
    assert "<script>alert" not in visitor.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;, what is your e-mail?" in visitor.text


def test_without_a_name_the_fallback_is_said(visitor):
    visitor.send(score="9").send()
    assert visitor.labels == ["Friend, what is your e-mail?"]
    assert "Where to send the coupon, friend?" in visitor.text


def test_an_address_is_never_quoted(client, page):
    page.form_fields = [
        *page.form_fields.all()[:6],
        FeedbackQuestion(label="Which {{ call|one }}?", clean_name="x", field_type="hidden"),
    ]
    text = client.get(page.url + "?call=no").content.decode()
    assert "Which no" not in text


@pytest.mark.parametrize("score", range(11))
def test_every_score_gets_the_same_coupon_and_the_same_links(client, page, score):
    page.other_words = [
        (
            "words",
            {"audience": who, "text": "thanks_heading", "words": f"For {who}, {{{{ name|x }}}}"},
        )
        for who in ("promoters", "passives", "detractors")
    ]
    page.save()
    visitor = Visitor(client, page).send(score=str(score), why="So")
    if score < 7:
        visitor.send(call="no")
    visitor.send(name=HOSTILE).send(email="bo@example.org")
    thanks = client.get(visitor.response.url)
    coupon = FeedbackResponse.objects.get().coupon
    terms = (coupon.kind, coupon.amount, coupon.max_uses, coupon.first_order_only)
    assert terms == ("percent", 10, 1, True)
    who = "promoters" if score > 8 else "passives" if score > 6 else "detractors"
    assert f"For {who}, &lt;script&gt;" in thanks.content.decode()
    reviews = client.get(thanks.context["reviews_url"])
    assert [link["url"] for link in reviews.context["review_links"]] == [
        "https://example.org/review"
    ]


@pytest.mark.parametrize("pack", ["bootstrap5", "tailwind"])
def test_other_packs_show_the_same_steps(client, page, settings, pack):
    settings.WAGTAIL_REFERRALS = {
        "FORM_MIN_SECONDS": 0,
        "FORM_RATE": None,
        "TEMPLATE_PACK": pack,
    }
    visitor = Visitor(client, page)
    assert "Step 1 of 4" in visitor.text
    assert visitor.text.count("referrals-waits") == 1
    assert 'id="div_id_why"' in visitor.text
    visitor.send(score="3")
    assert "why" in visitor.form.errors
    assert "Your ideas" not in visitor.text


def test_an_editor_can_look_at_every_step(page):
    modes = [mode for mode, _label in page.preview_modes if mode.startswith("step")]
    assert modes == ["step-2", "step-3", "step-4"]
    shown = page.make_preview_request(preview_mode="step-2").content.decode()
    assert "Making it good" in shown
    assert "Shall we call you?" in shown
    assert "Step 2 of 4" in shown


def test_words_for_regulars_are_for_who_is_known_to_be_one(client, page):
    page.other_words = [
        ("words", {"audience": "regulars", "text": "thanks_text", "words": "Again!"}),
        ("words", {"audience": "first_timers", "text": "thanks_text", "words": "Welcome!"}),
        ("words", {"audience": "regulars", "text": "title", "words": "Seen you before"}),
    ]
    page.save()
    visitor = Visitor(client, page)
    visitor.send(score="9").send(name="Bo").send(email="bo@example.org")
    shown = client.get(visitor.response.url).content.decode()
    assert "Welcome!" in shown
    assert "Again!" not in shown
    assert "Seen you before" not in client.get(page.url).content.decode()


def test_a_question_may_have_any_name(client, feedback_page):
    names = ["plan", "special", "meanings", "step", "helper", "fields", "data", "errors"]
    feedback_page.form_fields = [
        FeedbackQuestion(sort_order=number, clean_name=name, label=name, field_type="singleline")
        for number, name in enumerate(names)
    ] + [FeedbackQuestion(sort_order=9, clean_name="email", label="E-mail", field_type="email")]
    feedback_page.save()
    visitor = Visitor(client, feedback_page)
    visitor.send(**dict.fromkeys(names, "x"), email="bo@example.org")
    assert stored() == {**dict.fromkeys(names, "x"), "email": "bo@example.org"}


@pytest.mark.parametrize("pack", ["referrals", "bootstrap5", "tailwind"])
def test_what_a_label_quotes_is_text_with_every_template_pack(client, page, settings, pack):
    settings.WAGTAIL_REFERRALS = {**settings.WAGTAIL_REFERRALS, "TEMPLATE_PACK": pack}
    page.save()
    visitor = Visitor(client, page).send(score="9").send(name="<img/src=x/onerror=alert(1)>")
    assert "<img" not in visitor.text
    assert "&lt;img/src=x/onerror=alert(1)&gt;, what is your e-mail?" in visitor.text
    assert "&amp;lt;" not in visitor.text


def test_a_hint_names_a_question_as_it_is_asked(client, feedback_page):
    score, why = QUESTIONS[:2]
    feedback_page.form_fields = [
        FeedbackQuestion(sort_order=1, **{**score, "label": "{{ first_name|Friend }}, would you?"}),
        FeedbackQuestion(
            sort_order=2,
            **{**why, "conditions": only_if("{{ first_name|Friend }}, would you?", "at_most", "6")},
        ),
        FeedbackQuestion(sort_order=3, clean_name="email", label="E-mail", field_type="email"),
    ]
    feedback_page.save()
    shown = client.get(feedback_page.url).content.decode()
    assert "Only if “Friend, would you?” is at most 6." in shown
    assert "{{" not in shown
