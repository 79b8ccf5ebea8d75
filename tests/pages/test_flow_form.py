"""What an editor sets about the flow: kept with its question, or refused next to the field."""

import pytest
from django.urls import reverse
from wagtail.test.utils.form_data import inline_formset, nested_form_data, rich_text, streamfield

from wagtail_referrals.pages.models import FeedbackQuestion

SCORE = {"label": "Recommend us?", "field_type": "score"}
WHY = {"label": "Why?", "field_type": "multiline"}
HEARD = {"label": "Heard where?", "field_type": "radio", "choices": "a search\na friend"}
EMAIL = {"label": "E-mail", "field_type": "email"}


def when(question, test="answered", value="", match="all", **more):
    condition = {"question": question, "test": test, "value": value}
    return {"conditions": [("condition", condition)], "conditions_match": match, **more}


@pytest.fixture
def page(feedback_page):
    feedback_page.form_fields = []
    feedback_page.save()
    return feedback_page


@pytest.fixture
def edit(admin_client, page):
    """Send the editor's form with these questions; those with an id exist already."""

    def stream(blocks):
        data = streamfield([block[:2] for block in blocks])
        for number, block in enumerate(blocks):
            data[str(number)]["id"] = block[2] if len(block) > 2 else ""
        return data

    def question(values):
        streams = {name: stream(values.get(name, [])) for name in ("conditions", "other_words")}
        return {"conditions_match": "all", "required": "on", **values, **streams}

    def edit(*questions, action="publish"):
        rows = [question(values) for values in questions]
        data = {
            "title": "Your opinion",
            "slug": "opinion",
            "program": page.program_id,
            "introduction": rich_text("<p>Hello</p>"),
            "again_after_days": 30,
            "review_links": streamfield([]),
            "other_words": streamfield([]),
            "comments": inline_formset([]),
            "form_fields": inline_formset(rows, initial=sum("id" in row for row in rows)),
            f"action-{action}": "1",
        }
        url = reverse("wagtailadmin_pages:edit", args=[page.pk])
        return admin_client.post(url, nested_form_data(data))

    return edit


def problem(response, number=1):
    """The field of a question that was refused, and why."""
    assert response.status_code == 200
    forms = response.context["form"].formsets["form_fields"].forms
    assert not [n for n, form in enumerate(forms) if form.errors and n != number]
    ((field, errors),) = forms[number].errors.as_data().items()
    found = errors[0].as_json_data() if hasattr(errors[0], "as_json_data") else errors[0].message
    return field, str(found)


def conditions(label):
    question = FeedbackQuestion.objects.get(label=label)
    return [block.value["question"] for block in question.conditions]


def test_a_condition_on_an_earlier_question_is_kept(edit):
    response = edit(SCORE, {**WHY, **when("recommend us? ", "at_most", "6")}, EMAIL)
    assert response.status_code == 302
    assert conditions("Why?") == ["recommend us?"]


@pytest.mark.parametrize(
    "condition, words",
    [
        (when("Nobody asks this"), "no question with this label"),
        (when("Why?"), "its own answer"),
        (when("E-mail"), "comes later"),
        (when("Recommend us?", "is", "11"), "no such answer"),
        (when("Recommend us?", "is", ""), "compared with"),
        (when("Recommend us?", "at_least", "nine"), "Enter a number"),
        (when("Recommend us?", whole_step="on"), "begins a step"),
    ],
)
def test_what_can_never_be_is_said_next_to_the_field(edit, condition, words):
    _field, said = problem(edit(SCORE, {**WHY, **condition}, EMAIL))
    assert words in said


def test_a_circle_is_refused_where_it_looks_ahead(edit):
    response = edit({**SCORE, **when("Why?")}, {**WHY, **when("Recommend us?")}, EMAIL)
    assert problem(response, 0) == ("conditions", problem(response, 0)[1])
    assert "comes later" in problem(response, 0)[1]


def test_words_cannot_be_compared_as_numbers(edit):
    response = edit(HEARD, {**WHY, **when("Heard where?", "at_least", "3")}, EMAIL)
    assert "no numbers" in problem(response)[1]


def test_a_draft_may_name_what_is_not_there(edit):
    assert edit({**WHY, **when("Nobody")}, action="nothing").status_code == 302


def test_the_address_is_asked_of_everybody(edit):
    assert "always asked" in problem(edit(SCORE, {**EMAIL, **when("Recommend us?")}))[1]
    step = {"step_title": "Contact", **when("Recommend us?", "is", "9", whole_step="on")}
    assert "always asked" in problem(edit(SCORE, {**WHY, **step}, EMAIL))[1]


def test_a_permission_has_one_wording(edit):
    words = {"other_words": [("words", {"audience": "promoters", "words": "Yes!"})]}
    response = edit(EMAIL, {"label": "Publish", "field_type": "permission", **words})
    assert "same words" in problem(response)[1]


def test_other_words_hold_no_link(edit):
    words = {"other_words": [("words", {"audience": "promoters", "words": "www.example.org"})]}
    assert "review links" in problem(edit(EMAIL, {**WHY, **words}))[1]


@pytest.mark.parametrize("text, is_fine", [("{{ e_mail|x }}?", True), ("{{ why }}", False)])
def test_what_is_quoted_is_asked_before(edit, text, is_fine):
    response = edit(EMAIL, {**WHY, "label": "Because", "help_text": text})
    assert (response.status_code == 302) == is_fine


@pytest.fixture
def saved(edit):
    """Questions that are saved, as the editor's form sends them again."""
    edit(SCORE, HEARD, {**WHY, **when("Recommend us?", "at_most", "6")}, EMAIL)
    rows = []
    for number, question in enumerate(FeedbackQuestion.objects.order_by("sort_order"), start=1):
        stream = [(block.block_type, dict(block.value), block.id) for block in question.conditions]
        values = {"id": question.pk, "label": question.label, "field_type": question.field_type}
        rows.append({**values, "choices": question.choices, "ORDER": number, "conditions": stream})
    return rows


def test_a_renamed_question_takes_its_conditions_along(edit, saved, page):
    saved[0]["label"] = "How likely?"
    assert edit(*saved).status_code == 302
    assert conditions("Why?") == ["How likely?"]
    assert FeedbackQuestion.objects.get(label="How likely?").clean_name == "recommend_us"


def test_two_questions_can_swap_their_labels(edit, saved):
    saved[0]["label"], saved[1]["label"] = saved[1]["label"], saved[0]["label"]
    assert edit(*saved).status_code == 302
    assert conditions("Why?") == ["Heard where?"]


def test_a_draft_carries_the_new_label_too(edit, saved, page):
    saved[0]["label"] = "How likely?"
    edit(*saved, action="nothing")
    page.refresh_from_db()
    draft = page.get_latest_revision_as_object().form_fields.all()[2]
    assert draft.conditions[0].value["question"] == "How likely?"


def test_a_deleted_question_is_missed(edit, saved):
    saved[0]["DELETE"] = "1"
    assert "no question with this label" in problem(edit(*saved), 2)[1]


def test_a_question_moved_up_is_told(edit, saved):
    saved[2]["ORDER"] = 0
    assert "comes later" in problem(edit(*saved), 2)[1]


@pytest.mark.parametrize("field", ["label", "help_text"])
def test_what_somebody_agrees_to_quotes_nobody(edit, field):
    asked = {"label": "May we?", "field_type": "permission", field: "{{ first_name|You }} agree"}
    found, words = problem(edit(SCORE, asked, EMAIL))
    assert (found, "same words" in words) == (field, True)
