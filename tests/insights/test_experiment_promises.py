"""An experiment begins only where what it shows is given, and no other moves what it compares."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.utils import timezone, translation

from tests.insights.playing import make_experiment, run_experiment
from wagtail_referrals.exceptions import ReferralsError
from wagtail_referrals.insights.experiment_plan import problems
from wagtail_referrals.insights.experiments import keep_winner, stop_experiment, undo_winner
from wagtail_referrals.programs.experiment_models import Experiment, Subject, Variant
from wagtail_referrals.programs.models import Offer, Program
from wagtail_referrals.programs.share_models import ShareText
from wagtail_referrals.referrals.share_words import share_words
from wagtail_referrals.rewards.rule_models import RewardRule, RuleEffect

pytestmark = pytest.mark.django_db
NOT_GIVEN = "No reward rule in use"


def said(experiment: Experiment) -> str:
    variants = list(experiment.variants.select_related("offer"))
    return " ".join(str(problem.words) for problem in problems(experiment, variants))


def other_of(experiment: Experiment) -> Variant:
    return experiment.variants.get(is_control=False)


def code_of(verb: Any, *args: Any) -> str:
    with pytest.raises(ReferralsError) as refused:
        verb(*args)
    return refused.value.code


# What is shown is given


@pytest.mark.parametrize("subject", [Subject.FRIEND_OFFER, Subject.ADVOCATE_OFFER])
def test_the_usual_rules_give_what_is_tested(program: Program, subject: str) -> None:
    assert NOT_GIVEN not in said(make_experiment(program, subject=subject))


@pytest.mark.parametrize("own", ["offer", "formula"])
def test_a_rule_with_something_of_its_own_gives_nothing_of_a_test(
    program: Program, own: str
) -> None:
    value = {"offer": program.friend_offer, "formula": "fixed"}[own]
    RuleEffect.objects.filter(beneficiary="friend").update(**{own: value})
    assert NOT_GIVEN in said(make_experiment(program))


def test_a_rule_for_the_other_side_gives_nothing_of_it(program: Program) -> None:
    RuleEffect.objects.filter(beneficiary="friend").delete()
    assert NOT_GIVEN in said(make_experiment(program))


@pytest.mark.parametrize(
    "values", [{"state": "paused"}, {"ends_at": timezone.now() - timedelta(days=1)}]
)
def test_a_rule_that_is_not_in_use_gives_nothing(program: Program, values: Any) -> None:
    RewardRule.objects.update(**values)
    assert NOT_GIVEN in said(make_experiment(program))


def test_what_is_given_for_feedback_is_no_test_of_it(program: Program) -> None:
    program.rules.exclude(event_kind__startswith="feedback.").delete()
    RuleEffect.objects.update(beneficiary="advocate")
    assert NOT_GIVEN in said(make_experiment(program, subject=Subject.ADVOCATE_OFFER))


def test_a_program_for_partners_would_count_nobody(program: Program) -> None:
    assert "count nobody" not in said(make_experiment(program))
    program.audience = "partners"
    program.save()
    assert "count nobody" in said(make_experiment(program, name="Partners"))


# Of one thing one experiment at a time, also after its end


def another(program: Program, **values: Any) -> Experiment:
    offer = Offer.objects.create(name="Coffee", kind="free_item", item="a coffee")
    variants = [Variant(name="Now", is_control=True), Variant(name="Coffee", offer=offer)]
    return run_experiment(program, name="Again", variants=variants, **values)


def test_an_old_winner_is_not_kept_while_another_test_runs(program: Program) -> None:
    old = run_experiment(program)
    stop_experiment(old)
    running = another(program)
    assert code_of(keep_winner, old, other_of(old)) == "experiment_running"
    program.refresh_from_db()
    assert program.friend_offer_id == running.variants.get(is_control=True).offer_id
    assert Experiment.objects.get(pk=old.pk).winner is None


def test_an_old_winner_is_not_taken_back_while_another_test_runs(program: Program) -> None:
    old = run_experiment(program)
    keep_winner(old, other_of(old))
    program.refresh_from_db()
    another(program)
    assert code_of(undo_winner, old) == "experiment_running"
    assert Experiment.objects.get(pk=old.pk).winner == other_of(old)


def test_a_test_of_something_else_is_in_nobody_s_way(program: Program) -> None:
    old = run_experiment(program)
    stop_experiment(old)
    another(program, subject=Subject.ADVOCATE_OFFER)
    keep_winner(old, other_of(old))
    assert Experiment.objects.get(pk=old.pk).winner == other_of(old)


# Texts


def text_test(program: Program) -> Experiment:
    words = {"text": "New.", "disclosure": "I get a thank-you, too."}
    variants = [Variant(name="Now", is_control=True), Variant(name="B", **words)]
    return run_experiment(program, subject=Subject.SHARE_TEXT, variants=variants)


@pytest.mark.parametrize(
    ("there", "kept"), [([], "en"), (["de"], "en"), ([""], ""), (["", "en"], "en")]
)
def test_a_text_is_kept_for_whom_it_was_shown_to(
    program: Program, there: list[str], kept: str
) -> None:
    for locale in there:
        ShareText.objects.create(program=program, text="Old", disclosure="…", locale=locale)
    experiment = text_test(program)
    keep_winner(experiment, other_of(experiment))
    assert ShareText.objects.get(text="New.").locale == kept


def test_who_reads_another_language_keeps_our_words_when_a_text_wins(program: Program) -> None:
    with translation.override("de"):
        before = share_words(program)
    experiment = text_test(program)
    keep_winner(experiment, other_of(experiment))
    cache.clear()
    with translation.override("de"):
        assert share_words(program) == before


def test_a_text_whose_disclosure_somebody_changed_is_not_taken_back(program: Program) -> None:
    experiment = text_test(program)
    keep_winner(experiment, other_of(experiment))
    ShareText.objects.filter(text="New.").update(disclosure="I get ten euros.")
    assert code_of(undo_winner, experiment) == "edited_meanwhile"


# What the program gives while it is tested


def other_offer() -> Offer:
    return Offer.objects.create(name="Mid", kind="percent", amount=Decimal(15))


@pytest.mark.parametrize("subject", [Subject.FRIEND_OFFER, Subject.ADVOCATE_OFFER])
def test_an_offer_that_is_tested_is_not_changed_in_the_program(
    program: Program, subject: str
) -> None:
    run_experiment(program, subject=subject)
    setattr(program, subject, other_offer())
    with pytest.raises(ValidationError) as refused:
        program.full_clean()
    assert list(refused.value.message_dict) == [subject]


def test_an_offer_that_is_not_tested_is_changed_in_the_program(program: Program) -> None:
    run_experiment(program, subject=Subject.FRIEND_OFFER)
    program.advocate_offer = other_offer()
    program.full_clean()


def test_once_a_test_has_ended_the_program_gives_something_else(program: Program) -> None:
    stop_experiment(run_experiment(program))
    program.friend_offer = other_offer()
    program.full_clean()


def moved(program: Program) -> Experiment:
    """One whose program was given another offer all the same, by a way around its form."""
    experiment = run_experiment(program)
    Program.objects.filter(pk=program.pk).update(friend_offer=other_offer())
    return experiment


def test_keeping_what_it_was_compared_with_gives_just_that(program: Program) -> None:
    before = program.friend_offer_id
    experiment = moved(program)
    keep_winner(experiment, experiment.variants.get(is_control=True))
    program.refresh_from_db()
    assert program.friend_offer_id == before


def test_and_that_can_be_taken_back(program: Program) -> None:
    experiment = moved(program)
    keep_winner(experiment, experiment.variants.get(is_control=True))
    undo_winner(experiment)
    program.refresh_from_db()
    assert program.friend_offer and program.friend_offer.name == "Mid"
