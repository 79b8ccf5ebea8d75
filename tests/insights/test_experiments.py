"""Experiments: a plan that is fixed, a result that is right or says "not enough", one winner."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from wagtail.log_actions import registry

from tests.insights.playing import (
    advocates_of,
    buy,
    claim,
    make_advocates,
    make_experiment,
    published_case,
    run_experiment,
    visit,
)
from wagtail_referrals.due import run_due
from wagtail_referrals.events.models import Event
from wagtail_referrals.exceptions import ReferralsError
from wagtail_referrals.insights.experiment_plan import plan_of, problems
from wagtail_referrals.insights.experiment_turns import count_due
from wagtail_referrals.insights.experiments import (
    keep_winner,
    look_early,
    result_of,
    save_plan,
    start_experiment,
    stop_experiment,
    undo_winner,
)
from wagtail_referrals.people.erase import erase_person
from wagtail_referrals.programs.experiment_models import Experiment, Metric, Subject, Variant
from wagtail_referrals.programs.models import Offer, Program
from wagtail_referrals.programs.share_models import ShareText
from wagtail_referrals.programs.variants import drawing
from wagtail_referrals.referrals.models import Advocate, Click, Referral

pytestmark = pytest.mark.django_db
NOW = timezone.now()
BEFORE = NOW - timedelta(days=10)


def code_of(verb: Any, *args: Any, **kwargs: Any) -> str:
    """What a verb refuses with."""
    with pytest.raises(ReferralsError) as refused:
        verb(*args, **kwargs)
    return refused.value.code


def said(experiment: Experiment) -> str:
    variants = list(experiment.variants.select_related("offer"))
    return " ".join(str(problem.words) for problem in problems(experiment, variants))


def other_of(experiment: Experiment) -> Variant:
    return experiment.variants.get(is_control=False)


# The plan


def test_beginning_fixes_the_plan(program: Program) -> None:
    begun = start_experiment(make_experiment(program))
    assert begun.state == "running"
    assert begun.running_key == f"{program.pk}:friend_offer"
    # R: power.prop.test(p1 = .10, p2 = .15, power = .80): n = 685.6
    assert begun.sample_size == 686
    assert begun.started_at and begun.ends_at == begun.started_at + timedelta(days=28)
    assert begun.variants.get(is_control=True).offer_id == program.friend_offer_id


def test_what_has_begun_does_not_begin_again(program: Program) -> None:
    experiment = make_experiment(program)
    start_experiment(experiment)
    assert code_of(start_experiment, experiment) == "not_possible"


def test_nothing_of_it_changes_once_it_has_begun(program: Program) -> None:
    experiment = run_experiment(program)
    experiment.smallest_percent = Decimal(1)
    variants = list(experiment.variants.all())
    assert code_of(save_plan, experiment, variants) == "edited_meanwhile"
    assert Experiment.objects.get().smallest_percent == 5
    assert experiment.variants.count() == 2


def test_two_of_one_thing_do_not_run_at_once(program: Program) -> None:
    run_experiment(program)
    again = make_experiment(program, name="Again")
    assert code_of(start_experiment, again) == "experiment_running"
    assert Experiment.objects.get(name="Again").state == "draft"


def test_two_of_different_things_do(program: Program) -> None:
    run_experiment(program)
    variants = [
        Variant(name="Now", is_control=True),
        Variant(name="B", text="Try it.", disclosure="I get a thank-you, too."),
    ]
    run_experiment(program, subject=Subject.SHARE_TEXT, variants=variants)


def test_it_says_what_is_missing(program: Program) -> None:
    program.is_active = False
    program.friend_offer = None
    program.save()
    experiment = make_experiment(program, variants=[Variant(name="B")])
    words = said(experiment)
    for missing in (
        "does not run",
        "At least two variants",
        "has to be as it is now",
        "no such offer",
        "Say what is different",
    ):
        assert missing in words
    assert code_of(start_experiment, experiment) == "incomplete"
    assert Experiment.objects.get().state == "draft"


@pytest.mark.parametrize("weights", [(1, 0), (0, 1), (0, 0)])
def test_a_weight_of_nothing_leaves_nothing_to_compare(program: Program, weights: Any) -> None:
    experiment = make_experiment(program)
    for variant, weight in zip(experiment.variants.all(), weights, strict=True):
        variant.weight = weight
        variant.save()
    assert code_of(start_experiment, experiment) == "incomplete"


def test_an_offer_in_another_currency_is_refused(program: Program) -> None:
    dollars = Offer.objects.create(name="D", kind="fixed", amount=Decimal(5), currency="USD")
    variants = [Variant(name="Now", is_control=True), Variant(name="B", offer=dollars)]
    assert "USD" in said(make_experiment(program, variants=variants))


def test_two_that_are_the_same_are_refused(program: Program) -> None:
    variants = [
        Variant(name="Now", is_control=True),
        Variant(name="B", offer=program.friend_offer),
    ]
    assert "the same as" in said(make_experiment(program, variants=variants))


def test_an_impossible_difference_is_refused(program: Program) -> None:
    experiment = make_experiment(
        program, baseline_percent=Decimal(40), smallest_percent=Decimal(70)
    )
    assert "Such a difference cannot be" in said(experiment)


def test_clicks_have_to_be_there_at_the_end(program: Program) -> None:
    experiment = make_experiment(program, horizon_days=60)
    assert code_of(start_experiment, experiment, click_days=30) == "incomplete"


@pytest.mark.parametrize(
    ("subject", "variant", "words"),
    [
        (
            Subject.LANDING,
            {"heading": "20% off for a five star review"},
            "Nothing may be promised for a good review",
        ),
        (
            Subject.LANDING,
            {"introduction": "If you loved it, leave a review."},
            "Ask everybody for a review",
        ),
        (Subject.SHARE_TEXT, {"text": "Go there."}, "has to say so"),
        (
            Subject.SHARE_TEXT,
            {"text": "See https://example.org", "disclosure": "I get a gift."},
            "Leave the link out",
        ),
    ],
)
def test_no_test_is_a_way_around_fair_play(
    program: Program, landing: Any, subject: str, variant: dict[str, str], words: str
) -> None:
    variants = [Variant(name="Now", is_control=True), Variant(name="B", **variant)]
    experiment = make_experiment(program, subject=subject, variants=variants)
    assert words in said(experiment)
    assert code_of(start_experiment, experiment) == "incomplete"


@pytest.mark.parametrize("field", ["item", "wording", "fine_print"])
def test_an_offer_s_words_are_looked_at_too(program: Program, field: str) -> None:
    words = {field: "A gift when you write a positive review"}
    unfair = Offer.objects.create(name="U", kind="text", **words)
    variants = [Variant(name="Now", is_control=True), Variant(name="B", offer=unfair)]
    assert "Nothing may be promised" in said(make_experiment(program, variants=variants))


def test_it_says_how_long_it_takes(program: Program) -> None:
    experiment = make_experiment(program)
    advocates = make_advocates(program, 20)
    visit(advocates, NOW - timedelta(days=7), each=4)
    claim(advocates[:8], NOW - timedelta(days=7))
    plan = plan_of(experiment, list(experiment.variants.all()))
    assert plan
    # 80 in four weeks are 20 a week; 686 for each of two are 68.6 weeks.
    assert (plan.each, plan.weekly, plan.weeks, plan.lately) == (686, 20, 69, 0.1)


def test_without_visitors_nobody_knows_how_long(program: Program) -> None:
    experiment = make_experiment(program)
    plan = plan_of(experiment, list(experiment.variants.all()))
    assert plan and plan.weeks is None and plan.lately is None


# The result


def test_the_result_is_the_published_one(program: Program) -> None:
    """Design, section 9: 48/550 against 56/450: z = −1.916, p = .0554."""
    result = result_of(published_case(program))
    control, other = result.arms
    assert (control.units, control.visitors, control.reached) == (450, 450, 56)
    assert (other.units, other.visitors, other.reached) == (550, 550, 48)
    assert other.difference == pytest.approx(48 / 550 - 56 / 450)
    assert other.p_value == pytest.approx(0.0554, abs=0.00005)
    assert other.chance_better == pytest.approx(0.028, abs=0.001)
    assert result.is_over and not result.lacks
    # Chance alone does that often enough.
    assert result.winner is None


def test_five_queries_whatever_there_is(program: Program, django_assert_num_queries: Any) -> None:
    experiment = run_experiment(program, days_ago=30)
    for advocates in advocates_of(experiment, [5, 5]):
        visit(advocates, BEFORE)
        claim(advocates, BEFORE)
    experiment = Experiment.objects.get()
    with django_assert_num_queries(5):
        result_of(experiment)


def test_a_real_difference_has_a_winner(program: Program) -> None:
    experiment = run_experiment(program, days_ago=30)
    control, other = advocates_of(experiment, [200, 200])
    visit([*control, *other], BEFORE)
    claim([*control[:20], *other[:60]], BEFORE)
    assert result_of(experiment).winner == other_of(experiment)


def test_what_is_worse_leaves_it_as_it_is_now(program: Program) -> None:
    experiment = run_experiment(program, days_ago=30)
    control, other = advocates_of(experiment, [200, 200])
    visit([*control, *other], BEFORE)
    claim([*control[:60], *other[:20]], BEFORE)
    winner = result_of(experiment).winner
    assert winner and winner.is_control


def test_before_the_end_nobody_has_won(program: Program) -> None:
    experiment = run_experiment(program, days_ago=20)
    control, other = advocates_of(experiment, [200, 200])
    visit([*control, *other], BEFORE)
    claim([*control[:20], *other[:60]], BEFORE)
    result = result_of(experiment)
    assert result.arms[1].p_value and result.arms[1].p_value < 0.001
    assert not result.is_over and not result.is_enough and result.winner is None


def test_only_what_happens_within_it_counts(program: Program) -> None:
    experiment = run_experiment(program, days_ago=30)
    assert experiment.started_at and experiment.ends_at
    ((advocate,), _none) = advocates_of(experiment, [1, 0])
    within = experiment.started_at + timedelta(days=1)
    outside = (experiment.started_at - timedelta(seconds=1), experiment.ends_at)
    for at in (*outside, within):
        visit([advocate], at)
        claim([advocate], at)
    control = result_of(experiment).arms[0]
    assert (control.visitors, control.reached) == (1, 1)


def test_who_came_before_it_and_claims_within_it_does_not_count(program: Program) -> None:
    experiment = run_experiment(program, days_ago=30)
    ((advocate,), _none) = advocates_of(experiment, [1, 0])
    visit([advocate], BEFORE)
    claim([advocate], BEFORE)
    Referral.objects.update(clicked_at=NOW - timedelta(days=40))
    assert result_of(experiment).arms[0].reached == 0


def test_who_has_an_offer_of_their_own_is_no_part_of_it(program: Program) -> None:
    experiment = run_experiment(program, days_ago=30)
    ((own, plain), _none) = advocates_of(experiment, [2, 0])
    own.friend_offer = program.friend_offer
    own.save()
    visit([own, plain], BEFORE)
    assert result_of(experiment).arms[0].visitors == 1


def test_two_of_one_household_are_one_visitor(program: Program) -> None:
    experiment = run_experiment(program, days_ago=30)
    ((advocate,), _none) = advocates_of(experiment, [1, 0])
    visit([advocate], BEFORE)
    claim([advocate, advocate], BEFORE)
    assert result_of(experiment).arms[0].rate == 1


def test_purchases_and_their_money_in_each_currency(program: Program) -> None:
    experiment = run_experiment(program, days_ago=30, metric=Metric.PURCHASES)
    ((one, two, three), _none) = advocates_of(experiment, [3, 0])
    visit([one, two, three], BEFORE)
    friends = claim([one, two, three], BEFORE)
    paid = [("20.10", "EUR", "0"), ("30.10", "EUR", "10.05"), ("5", "USD", "0")]
    for number, (amount, currency, refunded) in enumerate(paid):
        referral = friends[number % 2]
        Event.objects.create(
            program=program,
            kind="purchase",
            external_id=str(number),
            source_key=str(number),
            referral=referral,
            amount=Decimal(amount),
            refunded=Decimal(refunded),
            currency=currency,
            occurred_at=BEFORE,
        )
        Referral.objects.filter(pk=referral.pk).update(converted_at=BEFORE)
    control = result_of(experiment).arms[0]
    assert (control.visitors, control.reached) == (3, 2)
    assert control.money == {"EUR": Decimal("40.15"), "USD": Decimal("5.00")}
    assert control.money_per_visitor == {"EUR": Decimal("13.38"), "USD": Decimal("1.67")}


def test_money_has_an_interval_where_enough_paid(program: Program) -> None:
    """Forty who pay 1 and forty who pay 3, against 2 and 6: the case of test_money_rates."""
    experiment = run_experiment(program, days_ago=30, metric=Metric.PURCHASES)
    for advocates, paid in zip(advocates_of(experiment, [80, 80]), ((1, 3), (2, 6)), strict=True):
        visit(advocates, BEFORE)
        buy(claim(advocates, BEFORE), paid, BEFORE)
    arms = result_of(experiment).arms
    assert [arm.money_per_visitor for arm in arms] == [{"EUR": 2}, {"EUR": 4}]
    assert arms[0].money_differences == {}
    found = arms[1].money_differences["EUR"]
    assert found.difference == 2
    assert found.interval == (
        pytest.approx(1.50692, abs=0.00001),
        pytest.approx(2.49308, abs=0.00001),
    )


def test_who_bought_without_a_visit_we_saw_counts_as_money(program: Program) -> None:
    experiment = run_experiment(program, days_ago=30, metric=Metric.PURCHASES)
    ((first, seen, last), _none) = advocates_of(experiment, [3, 0])
    visit([seen], BEFORE)
    buy(claim([first, seen, last], BEFORE), (10, 10), BEFORE)
    control = result_of(experiment).arms[0]
    assert (control.visitors, control.money) == (1, {"EUR": 30})


def test_new_advocates_whose_link_is_opened(program: Program) -> None:
    experiment = run_experiment(program, days_ago=30, metric=Metric.BROUGHT)
    control, other = advocates_of(experiment, [40, 40], at=BEFORE)
    visit([*control[:10], *other[:20]], BEFORE)
    result = result_of(experiment)
    assert [arm.reached for arm in result.arms] == [10, 20]
    assert all(arm.visitors == arm.units >= 40 for arm in result.arms)


def test_more_of_one_than_the_weights_explain_is_an_alarm(program: Program, landing: Any) -> None:
    experiment = run_experiment(program, days_ago=30)
    Experiment.objects.update(subject=Subject.LANDING)
    experiment.refresh_from_db()
    control, other = advocates_of(experiment, [100, 200])
    visit([*control, *other], BEFORE)
    claim(other[:100], BEFORE)
    result = result_of(experiment)
    assert result.sample_ratio_alarm and result.winner is None
    # Of what advocates are told before anybody opens their link it may be what was hoped for.
    for subject in (Subject.FRIEND_OFFER, Subject.ADVOCATE_OFFER, Subject.SHARE_TEXT):
        Experiment.objects.update(subject=subject)
        result = result_of(Experiment.objects.get())
        assert result.winner and not result.sample_ratio_alarm


@pytest.mark.parametrize(
    ("visitors", "reached", "words"),
    [
        ((0, 0), (0, 0), "nobody opened a link"),
        ((40, 0), (5, 0), "10 advocates"),
        ((40, 40), (0, 0), "hardly anybody"),
        ((40, 40), (40, 40), "nearly everybody"),
    ],
    ids=["no visitors", "none of one", "nobody did it", "all did it"],
)
def test_too_little_is_called_so(program: Program, visitors: Any, reached: Any, words: str) -> None:
    experiment = run_experiment(program, days_ago=30)
    both = advocates_of(experiment, visitors)
    for advocates, count in zip(both, reached, strict=True):
        visit(advocates, BEFORE)
        claim(advocates[:count], BEFORE)
    result = result_of(experiment)
    assert words in str(result.lacks)
    assert result.winner is None
    assert all(arm.p_value is None for arm in result.arms)


@pytest.mark.parametrize(
    ("days_ago", "stopped", "words"),
    [(1, False, "Not enough yet:"), (30, False, "Not enough:"), (1, True, "Not enough:")],
    ids=["it runs", "its end is reached", "it is ended"],
)
def test_yet_is_said_of_what_goes_on(
    program: Program, days_ago: int, stopped: bool, words: str
) -> None:
    experiment = run_experiment(program, days_ago=days_ago)
    if stopped:
        stop_experiment(experiment)
    result = result_of(Experiment.objects.get())
    assert str(result.lacks).startswith(words)


@pytest.mark.parametrize("metric", list(Metric))
def test_nothing_is_told_of_a_variant_nobody_came_for(program: Program, metric: Metric) -> None:
    experiment = run_experiment(program, days_ago=30, metric=metric)
    control, _nobody = advocates_of(experiment, [40, 0], at=BEFORE)
    visit(control, BEFORE)
    claim(control[:20], BEFORE)
    if metric == Metric.BROUGHT:
        Advocate.objects.exclude(pk__in=[one.pk for one in control]).update(created_at=NOW)
    other = result_of(experiment).arms[1]
    assert (other.visitors, other.rate, other.difference, other.interval) == (0, None, None, None)
    assert (other.chance_better, other.money_per_visitor, other.money_differences) == (None, {}, {})


def test_an_erased_advocate_stays_counted(program: Program) -> None:
    experiment = run_experiment(program, days_ago=30)
    ((ann, *_rest), _none) = advocates_of(experiment, [3, 0])
    visit([ann], BEFORE)
    claim([ann], BEFORE)
    erase_person(ann.person, reason="asked")
    control = result_of(experiment).arms[0]
    assert (control.visitors, control.reached) == (1, 1)


def test_a_program_that_ends_takes_its_experiment_nowhere(program: Program) -> None:
    experiment = run_experiment(program, days_ago=5)
    both = advocates_of(experiment, [40, 40])
    for advocates, count in zip(both, (8, 20), strict=True):
        visit(advocates, NOW - timedelta(days=3))
        claim(advocates[:count], NOW - timedelta(days=3))
    Program.objects.update(is_active=False)
    assert count_due() == 1
    keep_winner(experiment, other_of(experiment))
    assert [arm.reached for arm in result_of(Experiment.objects.get()).arms] == [8, 20]


def test_a_plan_has_no_result(program: Program) -> None:
    assert "not begun" in str(result_of(make_experiment(program)).lacks)


def test_friends_of_one_advocate_count_for_less(program: Program) -> None:
    experiment = run_experiment(program, days_ago=30)
    control, other = advocates_of(experiment, [20, 20])
    visit([*control, *other], BEFORE, each=10)
    for advocates, busy in ((control, 4), (other, 8)):
        for _friend in range(10):
            claim(advocates[:busy], BEFORE)
    result = result_of(experiment)
    arm = result.arms[1]
    assert (arm.visitors, arm.reached) == (200, 80)
    # All of an advocate's friends do the same: two hundred are worth twenty.
    assert arm.worth == 20
    assert arm.p_value and arm.p_value > 0.05


# Ending it


def test_the_winner_is_what_everybody_gets_from_then_on(program: Program) -> None:
    experiment = run_experiment(program)
    winner = other_of(experiment)
    keep_winner(experiment, winner)
    program.refresh_from_db()
    assert program.friend_offer_id == winner.offer_id
    kept = Experiment.objects.get()
    assert (kept.state, kept.running_key, kept.winner) == ("ended", None, winner)
    for target in (kept, program):
        logged = registry.get_logs_for_instance(target).filter(action="wagtail_referrals.test_kept")
        assert "Twenty" in logged.get().data["reason"]


def test_it_can_be_taken_back(program: Program) -> None:
    before = program.friend_offer_id
    experiment = run_experiment(program)
    keep_winner(experiment, other_of(experiment))
    undo_winner(experiment)
    program.refresh_from_db()
    assert program.friend_offer_id == before
    kept = Experiment.objects.get().winner
    assert kept and kept.is_control
    assert code_of(undo_winner, experiment) == "not_possible"


def test_what_somebody_changed_since_is_not_taken_back(program: Program) -> None:
    experiment = run_experiment(program)
    keep_winner(experiment, other_of(experiment))
    Program.objects.update(friend_offer=None)
    assert code_of(undo_winner, experiment) == "edited_meanwhile"
    assert Experiment.objects.get().winner == other_of(experiment)


def test_one_winner_is_kept_once(program: Program) -> None:
    experiment = run_experiment(program)
    keep_winner(experiment, other_of(experiment))
    control = experiment.variants.get(is_control=True)
    assert code_of(keep_winner, experiment, control) == "not_possible"


def test_nothing_of_another_experiment_wins(program: Program) -> None:
    experiment = run_experiment(program)
    stranger = other_of(make_experiment(program, name="Other"))
    assert code_of(keep_winner, experiment, stranger) == "not_possible"
    assert Experiment.objects.get(pk=experiment.pk).state == "running"


def test_it_can_end_without_a_winner(program: Program) -> None:
    experiment = run_experiment(program)
    stop_experiment(experiment, reason="Christmas")
    ended = Experiment.objects.get()
    assert (ended.state, ended.winner, ended.running_key) == ("ended", None, None)
    assert code_of(stop_experiment, experiment) == "not_possible"


def test_what_was_decided_on_stays_readable_when_clicks_are_gone(program: Program) -> None:
    experiment = published_case(program)
    keep_winner(experiment, other_of(experiment))
    Click.objects.all().delete()
    arms = result_of(Experiment.objects.get()).arms
    assert [(arm.visitors, arm.reached) for arm in arms] == [(450, 56), (550, 48)]


@pytest.mark.parametrize("horizon", [28, 395])
def test_what_nobody_decided_on_is_kept_before_its_clicks_go(
    program: Program, horizon: int
) -> None:
    experiment = run_experiment(program, days_ago=396, horizon_days=horizon)
    visit(advocates_of(experiment, [3, 0])[0], experiment.started_at + timedelta(minutes=1))
    done = run_due()
    assert (done["experiments_counted"], Click.objects.count()) == (1, 0)
    arms = result_of(Experiment.objects.get()).arms
    assert [arm.visitors for arm in arms] == [3, 0]


def words_test(program: Program, **words: str) -> Experiment:
    variants = [Variant(name="Now", is_control=True), Variant(name="B", **words)]
    return run_experiment(program, subject=Subject.LANDING, variants=variants)


def test_words_that_won_are_published_as_a_revision(program: Program, landing: Any) -> None:
    experiment = words_test(program, heading="Hello & welcome", introduction="One\n\nTwo <3")
    keep_winner(experiment, other_of(experiment))
    landing.refresh_from_db()
    assert landing.friend_heading == "Hello & welcome"
    assert landing.introduction == "<p>One</p>\n\n<p>Two &lt;3</p>"
    assert landing.button_label == ""
    assert landing.live_revision_id
    undo_winner(experiment)
    landing.refresh_from_db()
    assert (landing.friend_heading, landing.introduction) == ("", "")


def test_what_an_editor_is_drafting_stays_a_draft(program: Program, landing: Any) -> None:
    landing.thanks_heading = "Not ready"
    landing.save_revision()
    experiment = words_test(program, heading="Hello")
    keep_winner(experiment, other_of(experiment))
    landing.refresh_from_db()
    assert (landing.friend_heading, landing.thanks_heading) == ("Hello", "")
    draft = landing.get_latest_revision_as_object()
    assert (draft.friend_heading, draft.thanks_heading) == ("Hello", "Not ready")
    assert landing.has_unpublished_changes


def test_who_may_not_publish_the_page_does_not_by_a_test(
    program: Program, landing: Any, django_user_model: Any
) -> None:
    experiment = words_test(program, heading="Hello")
    user = django_user_model.objects.create_user("nobody")
    assert code_of(keep_winner, experiment, other_of(experiment), user=user) == "not_permitted"
    assert Experiment.objects.get().state == "running"


def test_a_text_that_won_is_the_first_to_share(program: Program) -> None:
    ShareText.objects.create(program=program, text="Old", disclosure="I get a gift.")
    variants = [
        Variant(name="Now", is_control=True),
        Variant(name="B", text="New", disclosure="I get a thank-you, too."),
    ]
    experiment = run_experiment(program, subject=Subject.SHARE_TEXT, variants=variants)
    keep_winner(experiment, other_of(experiment))
    texts = ShareText.objects.filter(is_active=True).order_by("position", "pk")
    assert [text.text for text in texts] == ["New", "Old"]
    undo_winner(experiment)
    assert [text.text for text in texts.all()] == ["Old"]


def test_keeping_what_is_so_already_changes_nothing(program: Program) -> None:
    before = program.friend_offer_id
    experiment = run_experiment(program)
    keep_winner(experiment, experiment.variants.get(is_control=True))
    program.refresh_from_db()
    assert program.friend_offer_id == before
    assert code_of(undo_winner, experiment) == "not_possible"


def test_each_early_look_is_counted(program: Program) -> None:
    experiment = run_experiment(program)
    look_early(experiment)
    look_early(experiment)
    assert Experiment.objects.get().early_looks == 2
    stop_experiment(experiment)
    assert code_of(look_early, experiment) == "not_possible"


def test_who_is_drawn_what_does_not_change_while_it_runs(program: Program) -> None:
    experiment = run_experiment(program)
    advocates = make_advocates(program, 50)
    draw = drawing(experiment)
    first = [draw(advocate.pk).pk for advocate in advocates]
    again = drawing(Experiment.objects.get())
    assert [again(advocate.pk).pk for advocate in advocates] == first
