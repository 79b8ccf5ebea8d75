"""Which variant a code draws: in proportion, always the same, and of no other test's doing."""

from collections import Counter

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from tests.trials import end_trial, make_big_offer, run_trial
from wagtail_referrals.programs.experiment_models import (
    Experiment,
    ExperimentState,
    Subject,
    Variant,
)
from wagtail_referrals.programs.models import Offer
from wagtail_referrals.programs.variants import (
    drawing,
    landing_words,
    offer_for_advocate,
    offer_for_friends_of,
    offers_for_anybody,
    running,
    variant_of,
)

# The 99.9th percentile of chi-square, by degrees of freedom. Salts are fixed: nothing is by chance.
CHI_SQUARE = {1: 10.83, 2: 13.82, 3: 16.27, 4: 18.47}
CODES = 4000
weights_of = st.lists(st.integers(0, 1000), min_size=2, max_size=5).filter(any)


def experiment_of(weights: list[int], salt: str = "sea") -> Experiment:
    """One that is not stored."""
    experiment = Experiment(salt=salt)
    experiment.drawn_from = [
        Variant(name=str(number), weight=weight, is_control=number == 0)
        for number, weight in enumerate(weights)
    ]
    return experiment


def counts_of(experiment: Experiment, codes: range = range(1, CODES + 1)) -> Counter[str]:
    draw = drawing(experiment)
    return Counter(draw(code).name for code in codes)


@pytest.mark.parametrize("salt", ["sea", "hill", "wood"])
@pytest.mark.parametrize(
    "weights", [[1, 1], [9, 1], [1, 2, 3], [1, 1, 1, 1], [0, 5, 0, 5], [999, 1000]]
)
def test_as_many_codes_draw_a_variant_as_its_weight_says(weights, salt):
    counts = counts_of(experiment_of(weights, salt))
    expected = {str(n): CODES * w / sum(weights) for n, w in enumerate(weights) if w}
    far_off = sum((counts[name] - want) ** 2 / want for name, want in expected.items())
    assert far_off < CHI_SQUARE[len(expected) - 1]


@given(weights_of, st.text("0123456789abcdef", min_size=1), st.integers(1, 2**63 - 1))
def test_a_code_draws_the_same_always_and_never_one_of_weight_0(weights, salt, code):
    drawn = variant_of(experiment_of(weights, salt), code)
    assert drawn.weight > 0
    assert drawn.name == variant_of(experiment_of(weights, salt), code).name


@given(weights_of, st.integers(1, 1000), st.integers(1, 2**63 - 1))
def test_weights_say_the_proportion_only(weights, times, code):
    experiment = experiment_of([weight * times for weight in weights])
    assert variant_of(experiment, code).name == variant_of(experiment_of(weights), code).name


def test_what_one_test_draws_says_nothing_of_another():
    one, other = (drawing(experiment_of([1, 1], salt)) for salt in ("sea", "hill"))
    pairs = Counter((one(code).name, other(code).name) for code in range(1, CODES + 1))
    assert sum((count - CODES / 4) ** 2 / (CODES / 4) for count in pairs.values()) < CHI_SQUARE[3]


def test_neighbouring_codes_draw_like_any_others():
    draw = drawing(experiment_of([1, 1]))
    same = sum(draw(code).name == draw(code + 1).name for code in range(1, CODES + 1))
    assert (same - CODES / 2) ** 2 / (CODES / 4) < CHI_SQUARE[1]


def test_where_all_weights_are_0_everybody_sees_what_there_was():
    assert counts_of(experiment_of([0, 0]), range(50)) == {"0": 50}


def test_an_experiment_without_variants_draws_nothing():
    with pytest.raises(LookupError):
        variant_of(experiment_of([]), 1)


# A program's own


@pytest.fixture
def big_offer(db) -> Offer:
    return make_big_offer()


def test_a_program_without_tests_promises_what_it_says(program):
    assert offer_for_friends_of(program, 1) == program.friend_offer
    assert offer_for_advocate(program, 1) == program.advocate_offer
    assert landing_words(program, 1) == {}
    assert offers_for_anybody(program) == (program.friend_offer, program.advocate_offer)


@pytest.mark.parametrize(
    ("subject", "promised"),
    [(Subject.FRIEND_OFFER, offer_for_friends_of), (Subject.ADVOCATE_OFFER, offer_for_advocate)],
)
def test_a_code_promises_what_it_has_drawn_and_no_code_promises_nothing(
    program, big_offer, subject, promised
):
    run_trial(program, subject, offer=big_offer)
    assert promised(program, 1) == big_offer
    assert None in offers_for_anybody(program)


def test_a_variant_without_an_offer_is_as_it_is_now(program):
    run_trial(program, Subject.FRIEND_OFFER)
    assert offer_for_friends_of(program, 1) == program.friend_offer


def test_a_partners_own_offer_is_no_part_of_a_test(program, big_offer):
    run_trial(program, Subject.FRIEND_OFFER, offer=big_offer)
    assert offer_for_friends_of(program, 1, program.advocate_offer) == program.advocate_offer


def test_a_made_up_advocate_sees_what_is_as_it_is_now(program, big_offer):
    run_trial(program, Subject.FRIEND_OFFER, offer=big_offer)
    assert offer_for_friends_of(program, None) == program.friend_offer


def test_a_test_is_two_queries_and_then_none(program, big_offer):
    run_trial(program, Subject.FRIEND_OFFER, offer=big_offer)
    run_trial(program, Subject.LANDING, heading="Come in")
    # What is tested, and who is left out.
    for queries in (2, 0):
        with CaptureQueriesContext(connection) as captured:
            assert offer_for_friends_of(program, 1) == big_offer
            assert landing_words(program, 1) == {"friend_heading": "Come in"}
        assert len(captured) == queries


def test_a_draft_and_an_ended_test_are_seen_by_nobody(program, big_offer):
    experiment = run_trial(program, Subject.FRIEND_OFFER, offer=big_offer)
    for state in (ExperimentState.DRAFT, ExperimentState.ENDED):
        Experiment.objects.filter(pk=experiment.pk).update(state=state, running_key=None)
        cache.clear()
        assert running(program.pk) == {}


def test_a_changed_offer_is_promised_as_it_is(
    program, big_offer, django_capture_on_commit_callbacks
):
    run_trial(program, Subject.FRIEND_OFFER, offer=big_offer)
    assert offer_for_friends_of(program, 1).amount == 20
    big_offer.amount = 30
    with django_capture_on_commit_callbacks(execute=True):
        big_offer.save()
    assert offer_for_friends_of(program, 1).amount == 30


def test_an_introduction_is_text_whatever_it_looks_like(program):
    run_trial(program, Subject.LANDING, introduction="One <b>\n\nTwo")
    assert landing_words(program, 1) == {
        "introduction": "<p>One &lt;b&gt;</p>\n\n<p>Two</p>",
    }


def test_after_a_test_a_code_promises_what_the_program_says(program, big_offer):
    end_trial(run_trial(program, Subject.ADVOCATE_OFFER, offer=big_offer))
    assert offer_for_advocate(program, 1) == program.advocate_offer
