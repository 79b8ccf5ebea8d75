"""The words of answers: folded, bounded, found by their beginning, gone with the person."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from wagtail_referrals.admin.search import words_q
from wagtail_referrals.feedback.inbox_models import FeedbackWord, SavedView
from wagtail_referrals.feedback.models import FeedbackResponse
from wagtail_referrals.feedback.submit import Answers, submit_feedback
from wagtail_referrals.feedback.words_index import LONGEST_WORD, MOST_WORDS, fold, note_words
from wagtail_referrals.people.erase import erase_person


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The Coffee, the coffee!", ["the", "coffee"]),
        ("Größe CAFÉ cafe\u0301", ["grosse", "cafe"]),
        ("İstanbul", ["istanbul"]),
        ("नमस्ते दुनिया", ["नमसते", "दुनिया"]),
        ("咖啡很好", ["咖啡", "啡很", "很好"]),
        ("ok咖啡!", ["ok", "咖啡"]),
        ("order-4711", ["order", "4711"]),
        ("\x00 … 👍", []),
    ],
)
def test_words_are_compared_without_case_and_accents(text, words):
    assert fold(text) == words


@given(st.text(max_size=300))
def test_any_text_folds_to_words_that_fit_and_stay_what_they_are(text):
    words = fold(text)
    assert len(words) == len(set(words))
    assert all(0 < len(word) <= LONGEST_WORD and "\x00" not in word for word in words)


@pytest.fixture
def answer(feedback_page, program):
    def answer(text="", email="ann@example.org", name="", **data):
        answers = Answers(email, {"email": email, "better": text, **data}, name, words=text)
        return submit_feedback(feedback_page, program, answers).response

    return answer


def found(term):
    return set(FeedbackResponse.objects.filter(words_q(term)))


def test_an_answer_is_found_by_the_beginnings_of_all_the_words(answer):
    one = answer("The coffee was cold, and the waiter rude")
    two = answer("Lovely coffee!", "bo@example.org")
    assert found("coffee") == {one, two}
    assert found("COFF") == {one, two}
    assert found("coffee cold") == {one}
    assert found("rude coff") == {one}
    assert found("offee") == set()
    assert found("coffee tea") == set()
    assert found("!!!") == set()


def test_an_answer_is_found_by_who_gave_it(answer):
    one = answer("Fine", "ann.miller@example.org", "Ann Advocate")
    answer("Fine", "bo@example.org")
    assert found("advocate") == found("miller") == {one}
    assert found("example") == set()


def test_what_was_chosen_is_no_words(answer):
    answer("", score="9", publish="Yes, with my name", heard="A search engine")
    assert set(FeedbackWord.objects.values_list("word", flat=True)) == {"ann"}


def test_a_long_answer_has_so_many_words_and_no_more(answer):
    answer(" ".join(f"word{number}" for number in range(900)) + " " + "x" * 99)
    assert FeedbackWord.objects.count() == MOST_WORDS


def test_words_are_written_by_one_statement(answer):
    response = answer()
    FeedbackWord.objects.all().delete()
    with CaptureQueriesContext(connection) as queries:
        note_words(response, Answers("ann@example.org", words="cold coffee here"))
    assert len(queries) == 1
    assert FeedbackWord.objects.count() == 4


def test_an_erased_person_s_words_are_gone(answer):
    response = answer("Call Ann Advocate", name="Ann Advocate")
    erase_person(response.person, reason="asked for it")
    assert FeedbackResponse.objects.get().words == ""
    assert not FeedbackWord.objects.exists()


def test_a_kept_search_for_an_erased_person_is_one_for_nobody(answer, admin_user):
    person = answer("Call me", name="Ann Advocate").person
    queries = {"Ann Advocate": "q=ann%40example.org&score_min=3", "Bad": "q=bad", "A": "q=x"}
    for name, query in queries.items():
        SavedView.objects.create(user=admin_user, name=name, query=query)
    erase_person(person, reason="asked for it")
    kept = dict(SavedView.objects.order_by("pk").values_list("name", "query"))
    assert list(kept.values()) == ["q=%E2%80%93&score_min=3", "q=bad", "q=x"]
    assert "Ann" not in str(kept) and {"Bad", "A"} < kept.keys()
