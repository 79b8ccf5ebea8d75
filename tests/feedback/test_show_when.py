"""Which questions are asked: what every condition means, and what holds for any form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wagtail_referrals.feedback.show_when import TESTS, Ask, Condition, Rule, visible

MET = [
    ("is", "9", "9", True),
    ("is", "9", 9, True),
    ("is", "9", "9.0", True),
    ("is", " A  Friend ", "a friend", True),
    ("is", "9", "10", False),
    ("is", "b", ["a", "b"], True),
    ("is_not", "b", ["a", "b"], False),
    ("is_not", "c", ["a", "b"], True),
    ("at_least", "9", "10", True),
    ("at_least", "9", "9", True),
    ("at_least", "9", "8", False),
    ("at_least", "9", "many", False),
    ("at_most", "6,5", "6.5", True),
    ("at_most", "6", "7", False),
    ("at_most", "", "7", False),
    ("contains", "COLD", "It was cold.", True),
    ("contains", "warm", ["cold", "lukewarm"], True),
    ("contains", "hot", "cold", False),
    ("answered", "", True, True),
    ("answered", "", "0", True),
    ("answered", "", 0, True),
    ("unanswered", "", "x", False),
    ("nobody knows this test", "", "x", False),
]


@pytest.mark.parametrize("test, value, answer, is_met", MET)
def test_what_a_condition_means(test, value, answer, is_met):
    assert Condition("q", test, value).is_met(answer) == is_met


@pytest.mark.parametrize("test", TESTS)
@pytest.mark.parametrize("answer", [None, "", "  ", False, [], [""]])
def test_who_gave_no_answer_meets_only_that(test, answer):
    assert Condition("q", test, "x").is_met(answer) == (test == "unanswered")


def ask(name, *conditions, match="all"):
    return Ask(name, (Rule(tuple(Condition(*one) for one in conditions), match),))


def test_a_question_behind_a_hidden_one_is_hidden():
    asks = [ask("a"), ask("b", ("a", "is", "1")), ask("c", ("b", "is", "1"))]
    assert visible(asks, {"a": "1", "b": "1"}) == {"a", "b", "c"}
    assert visible(asks, {"a": "2", "b": "1"}) == {"a"}


def test_all_or_any():
    both = ("a", "is", "1"), ("b", "is", "1")
    asks = [ask("a"), ask("b"), ask("all", *both), ask("any", *both, match="any")]
    assert visible(asks, {"a": "1"}) == {"a", "b", "any"}


NAMES = ["a", "b", "c", "d", "e"]
texts = st.sampled_from(["", "1", "5", "9", "yes", "\x00", "ß", "1e400", "NaN", "-inf", "٣"])
answers = st.none() | st.booleans() | texts | st.integers() | st.floats() | st.lists(texts)
conditions = st.builds(Condition, st.sampled_from(NAMES), st.sampled_from(list(TESTS)), texts)
rules = st.builds(
    Rule, st.lists(conditions, max_size=3).map(tuple), st.sampled_from(["all", "any"])
)
asks = st.lists(st.lists(rules, max_size=2).map(tuple), max_size=5).map(
    lambda found: [Ask(name, own) for name, own in zip(NAMES, found, strict=False)]
)
given_answers = st.dictionaries(st.sampled_from([*NAMES, "stranger"]), answers)


@given(asks, given_answers)
def test_any_form_and_any_answers_have_an_outcome(form, answers):
    assert visible(form, answers) <= {ask.name for ask in form}


@given(asks, given_answers)
def test_an_answer_to_a_hidden_question_changes_nothing(form, answers):
    shown = visible(form, answers)
    kept = {name: answer for name, answer in answers.items() if name in shown}
    assert visible(form, kept) == shown


@given(asks, given_answers, answers)
def test_a_later_answer_changes_nothing_earlier(form, answers, other):
    if not form:
        return
    changed = {**answers, form[-1].name: other}
    earlier = {ask.name for ask in form[:-1]}
    assert visible(form, answers) & earlier == visible(form, changed) & earlier


@given(asks, given_answers, st.sets(st.sampled_from(NAMES)))
def test_what_is_asked_was_among_what_could_be(form, answers, unknown):
    before = {name: answer for name, answer in answers.items() if name not in unknown}
    assert visible(form, answers) <= visible(form, before, unknown)
