"""Every type of question: what it takes, what it refuses, and what it says to us."""

from types import SimpleNamespace

import pytest
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.template import engines
from wagtail import hooks

from wagtail_referrals.feedback.forms import FeedbackFormBuilder
from wagtail_referrals.feedback.heard_field import Heard
from wagtail_referrals.feedback.questions import (
    QuestionType,
    listed,
    question_choices,
    question_types,
    type_of,
)
from wagtail_referrals.feedback.ratings import STAR_NUMBERS

pytestmark = pytest.mark.usefixtures("no_time_trap")

PERMISSIONS = ("permission", "consent", "call_me", "publish_as")
HOSTILE = [
    "<script>",
    "\x00",
    "a" * 100_000,
    "٣",
    "-1",
    "1e9",
    "🙂",
    "'; DROP",
    "0x1",
    " 3 ",
    "\ud800",
]


def question(field_type, name="q", **values):
    row = {"label": "Q", "help_text": "", "required": True, "choices": "", "default_value": ""}
    flow = {"step_title": "", "conditions": [], "whole_step": False, "other_words": []}
    row = {**row, **flow, "clean_name": name, "field_type": field_type, **values}
    return SimpleNamespace(**row, get_field_clean_name=lambda: name)


def field(field_type, **values):
    return FeedbackFormBuilder([question(field_type, **values)]).formfields["q"]


def answered(*questions, **data):
    email = question("email", "email")
    form = FeedbackFormBuilder([*questions, email]).get_form_class()(
        {"email": "bo@example.org", **data}
    )
    form.data["referrals-shown"] = form["referrals-shown"].initial
    assert form.is_valid(), form.errors
    return form.answers()


def test_every_key_fits_its_column_and_every_type_can_be_chosen():
    keys = [key for _group, types in question_choices() for key, _label in types]
    assert sorted(keys) == sorted(question_types.all())
    assert all(len(key) <= 16 for key in keys)


@pytest.mark.parametrize("key", sorted(question_types.all()))
@pytest.mark.parametrize("hostile", HOSTILE)
def test_no_text_breaks_a_question_or_becomes_an_answer_too_long(key, hostile):
    form_class = FeedbackFormBuilder([question(key)]).get_form_class()
    data = QueryDict(mutable=True)
    for name in ("q", "q_told-by", "q_reach-at"):
        data.setlist(name, [hostile, hostile])
    form = form_class(data)
    form.is_valid()
    clean = str(form.cleaned_data.get("q", ""))
    assert len(clean) <= 5000
    assert "\x00" not in clean
    assert form.as_p()


@pytest.mark.parametrize("key", sorted(question_types.all()))
def test_every_type_shows_itself_when_the_editor_has_written_a_label_only(key):
    form = FeedbackFormBuilder([question(key)]).get_form_class()()
    assert str(form["q"])


@pytest.mark.parametrize("most", STAR_NUMBERS)
def test_stars_are_as_many_as_the_editor_says(most):
    asked = field("stars", choices=str(most))
    assert [value for value, _ in asked.choices] == [str(n) for n in range(1, most + 1)]
    assert asked.clean(str(most)) == str(most)
    with pytest.raises(ValidationError):
        asked.clean(str(most + 1))
    assert dict(asked.choices)["2"] == f"2 of {most} stars"


@pytest.mark.parametrize("choices", ["6", "0", "five", "3, 4", "-5", "5.0", "９"])
def test_another_number_of_stars_is_refused_next_to_the_field(choices):
    asked = question("stars", choices=choices)
    assert "3, 4, 5, 7 or 10" in str(type_of(asked).problems(asked)["choices"])
    # A preview of it has five all the same.
    assert len(field("stars", choices=choices).choices) == 5


def test_faces_have_the_editors_words_or_ours():
    ours = [words for _, words in field("csat").choices]
    own = [words for _, words in field("csat", choices="a\nb\nc\nd\ne").choices]
    assert (ours[0], ours[-1], own) == ("Very bad", "Very good", list("abcde"))
    three = question("csat", choices="a\nb\nc")
    assert "five words" in str(type_of(three).problems(three)["choices"])


@pytest.mark.parametrize("key", ["radio", "dropdown", "checkboxes", "multiselect"])
def test_a_choice_without_choices_is_refused_next_to_the_field(key):
    for choices in ("", " \n , \n"):
        asked = question(key, choices=choices)
        assert type_of(asked).problems(asked) == {"choices": "Enter the choices, one per line."}
    asked = question(key, choices="a, b")
    assert not type_of(asked).problems(asked)


def test_a_list_is_one_per_line_or_with_commas_in_one_line():
    assert listed("a, b,, a ,") == ["a", "b"]
    assert listed("a, b\nc\n\n") == ["a, b", "c"]
    assert listed("") == []


def test_a_dropdown_answers_nothing_by_itself():
    asked = field("dropdown", choices="a\nb", required=False)
    assert next(iter(asked.choices))[0] == ""
    assert asked.clean("") == ""


@pytest.mark.parametrize(
    ("typed", "taken"),
    [
        ("+44 20 7946 0123", True),
        ("(030) 123-456", True),
        ("030/123456", True),
        ("tel:+1-201-555-0123", False),
        ("12", False),
        ("call me", False),
        ("12345\n", True),
        ("12345<b>", False),
    ],
)
def test_a_telephone_number_is_one(typed, taken):
    asked = field("phone")
    if taken:
        assert asked.clean(typed) == typed.strip()
    else:
        with pytest.raises(ValidationError, match="telephone number"):
            asked.clean(typed)


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "ftp://example.org/", "data:text/html,x"]
)
def test_a_web_address_is_safe_to_follow(address):
    with pytest.raises(ValidationError):
        field("url").clean(address)
    assert field("url").clean("https://example.org/") == "https://example.org/"


def test_permissions_are_never_required_and_never_given_beforehand():
    for key in PERMISSIONS:
        asked = field(key, required=True, default_value="on")
        assert (asked.required, bool(asked.initial)) == (False, False)
        assert not asked.clean("" if key == "publish_as" else None)


def test_who_somebody_is_and_what_they_permit_is_never_taken_from_an_address():
    for key in ("name", "email", "phone", "town", "heard", *PERMISSIONS):
        assert not question_types.get(key).from_address, key


def test_a_permission_is_kept_in_all_the_words_that_were_shown():
    asked = question("consent", label="Call me", help_text="Once, by Ada & <Bo>")
    assert answered(asked, q="on").consents == ("Call me\nOnce, by Ada & <Bo>",)
    assert answered(asked).consents == ()


def test_every_permission_is_kept_by_itself():
    one, two = (question("consent", name, label=name) for name in ("one", "two"))
    assert answered(one, two, one="on", two="on").consents == ("one", "two")
    assert answered(one, two, two="on").consents == ("two",)


def test_a_wish_to_be_called_is_one_and_is_kept_in_its_words():
    asked = [question("call_me", label="Please call me"), question("phone", "n", required=False)]
    wished = answered(*asked, q="on", n="0431 55555")
    assert (wished.wants_call, wished.consents) == (True, ("Please call me",))
    assert not answered(*asked, n="0431 55555").wants_call


def test_a_permission_to_publish_says_under_which_name():
    asked = question("publish_as", label="May we publish it?")
    answers = answered(asked, q="town")
    assert answers.scope == "town"
    assert answers.publish == "May we publish it?\nYes, with my first name and my town"
    assert answers.data["q"] == "Yes, with my first name and my town"
    assert (answered(asked, q="no").publish, answered(asked, q="no").scope) == ("", "")


def test_numbers_and_contact_reach_the_answers_by_what_they_mean():
    answers = answered(
        question("score", "a"),
        question("stars", "b", choices="7"),
        question("csat", "c"),
        question("town", "d"),
        question("phone", "e"),
        question("hidden", "f"),
        a="0",
        b="6",
        c="2",
        d="Kiel",
        e="0431 55555",
        f="x" * 300,
    )
    assert (answers.score, answers.stars, answers.stars_of, answers.csat) == (0, 6, 7, 2)
    assert (answers.town, answers.phone, answers.source) == ("Kiel", "0431 55555", "x" * 60)


def test_own_words_are_all_that_was_written_and_what_was_said_at_length_may_be_published():
    asked = [question("multiline", name, required=False) for name in ("one", "two", "three")]
    line, way = question("singleline", "line"), question("radio", "way", choices="By bus\nBy car")
    others = (line, way, question("ideas", "ideas"))
    chosen = {"line": "C", "way": "By bus", "ideas": "D"}
    given = answered(*asked, *others, one="A", two="", three=" B ", **chosen)
    assert given.words == "A\n\nB\n\nC\n\nD"
    assert given.quotable == "A\n\nB"


def test_a_value_from_the_address_is_bound_and_never_an_error():
    asked = field("hidden", required=True)
    assert asked.clean(None) == ""
    assert asked.clean("a\x00b\n") == "a b"
    assert len(asked.clean("x" * 1000)) == 255


def test_somebody_told_me_is_always_among_the_ways():
    assert field("heard", choices="Radio\nA flyer").ways == ["Somebody told me", "Radio", "A flyer"]
    assert field("heard", choices="Radio\nsomebody told me").ways == ["Radio", "somebody told me"]
    assert len(field("heard").ways) == 6


def test_heard_is_stored_as_the_way_and_keeps_the_other_person_apart():
    heard = field("heard").clean(["Somebody told me", " Ann \n", "ann@example.org"])
    assert heard == "Somebody told me"
    assert (heard.told, heard.who, heard.reach) == (True, "Ann", "ann@example.org")


def test_names_without_a_way_mean_that_somebody_told_them():
    assert field("heard").clean(["", "Ann", ""]).told


def test_names_with_another_way_are_not_kept():
    heard = field("heard").clean(["Social media", "Ann", "ann@example.org"])
    assert isinstance(heard, Heard)
    assert (heard.told, heard.who, heard.reach) == (False, "", "")


def test_heard_is_answered_when_it_has_to_be():
    with pytest.raises(ValidationError, match="Choose one of these"):
        field("heard").clean(["", "", ""])
    assert field("heard", required=False).clean([]) == ""
    with pytest.raises(ValidationError, match="Choose one of these"):
        field("heard").clean(["A ghost", "", ""])


def test_heard_can_be_carried_along_in_hidden_fields():
    form = FeedbackFormBuilder([question("heard")]).get_form_class()(
        {"q": "Somebody told me", "q_told-by": "<Ann>", "q_reach-at": "ann@example.org"}
    )
    html = form["q"].as_hidden()
    assert html.count('type="hidden"') == 3
    assert 'name="q_told-by" value="&lt;Ann&gt;"' in html


def test_a_question_whose_type_a_site_took_away_is_a_line_of_text():
    assert field("gone").clean("words") == "words"


@pytest.mark.django_db
def test_a_sites_own_type_can_be_chosen_answered_and_makes_no_migration():
    from django.core.management import call_command

    class Colour(QuestionType):
        key = "colour"
        label = "Colour"
        group = "Paint"

        def form_field(self, question, options):
            from django import forms

            return forms.RegexField("#[0-9a-f]{6}", **options)

    with hooks.register_temporarily("register_referrals_question_type", lambda: Colour):
        assert ("Paint", [("colour", "Colour")]) in question_choices()
        assert answered(question("colour"), q="#00ff00").data["q"] == "#00ff00"
        call_command("makemigrations", "wagtail_referrals_pages", check=True, dry_run=True)


@pytest.mark.parametrize("pack", ["referrals", "bootstrap5", "tailwind"])
@pytest.mark.parametrize("key", sorted(question_types.all()))
def test_every_type_shows_itself_in_every_template_pack(settings, pack, key):
    settings.WAGTAIL_REFERRALS = {**settings.WAGTAIL_REFERRALS, "TEMPLATE_PACK": pack}
    form = FeedbackFormBuilder([question(key, choices="5")]).get_form_class()()
    html = engines["django"].from_string("{% load referrals_tags %}{% referrals_form form %}")
    assert 'name="q' in html.render({"form": form})


def test_who_told_them_is_carried_to_the_next_step():
    heard = question("heard", "heard")
    later = question("email", "email", step_title="You")
    form_class = FeedbackFormBuilder([heard, later]).get_form_class()
    form = form_class(
        {
            "heard": "Somebody told me",
            "heard_told-by": "<Ann>",
            "heard_reach-at": "ann@example.org",
            "referrals-step": "0",
        }
    )
    assert not form.is_finished()
    assert form.is_going_on()
    for carried in ('"heard"', '"heard_told-by" value="&lt;Ann&gt;"', '"ann@example.org"'):
        assert carried in form.step.carried
