"""What rules grant: formulas, groups, limits, approval, debts."""

import itertools
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from wagtail import hooks

from wagtail_referrals.api import record_event, redeem_coupon
from wagtail_referrals.events.claim import claim_offer
from wagtail_referrals.messages.models import Message
from wagtail_referrals.people.erase import erase_person
from wagtail_referrals.people.register import find_or_add_person
from wagtail_referrals.referrals.join import join_program
from wagtail_referrals.referrals.refer import repair_attribution
from wagtail_referrals.rewards.engine import rehearse
from wagtail_referrals.rewards.facts import Facts
from wagtail_referrals.rewards.formulas import Fixed, formulas
from wagtail_referrals.rewards.issue import issue_due_rewards
from wagtail_referrals.rewards.models import Decision, Reward
from wagtail_referrals.rewards.rule_models import Allowance, RewardRule, RuleEffect, RuleVersion
from wagtail_referrals.rewards.running_dry import reopen_what_has_room
from wagtail_referrals.rewards.take_back import void_reward
from wagtail_referrals.rewards.versions import save_rule

numbers = itertools.count(1)
LATER = timedelta(days=15)


@pytest.fixture
def rule(program):
    """Replaces the default rule for purchases: 10 euros for each friend's first purchase."""
    program.rules.filter(trigger="first_purchase").delete()
    return make_rule(program)


def make_rule(program, name="Thank you", effects=None, **values):
    rule = RewardRule(program=program, name=name, trigger="first_purchase", hold_days=0)
    for field, value in values.items():
        setattr(rule, field, value)
    return save_rule(rule, effects or [fixed("10.00")])


def fixed(amount, beneficiary="advocate", **values):
    return RuleEffect(
        beneficiary=beneficiary, formula="fixed", formula_options={"amount": amount}, **values
    )


def limit(most, per="advocate", period="lifetime", measure="count"):
    return {"per": per, "period": period, "measure": measure, "most": most}


def buy(advocate, amount="50.00", email=None, currency="EUR", **values):
    number = next(numbers)
    return record_event(
        advocate.program.slug,
        "purchase",
        external_id=f"e-{number}",
        email=email or f"friend-{number}@example.org",
        amount=Decimal(amount),
        currency=currency,
        referral_code=advocate.display_code,
        **values,
    )


def refund(result, amount, kind="refund"):
    return record_event(
        result.event.program,
        kind,
        external_id=f"r-{next(numbers)}",
        amount=Decimal(amount),
        currency=result.event.currency,
        refund_of=result.event.external_id,
    )


def amounts(results):
    return [reward.balance for result in results for reward in result.rewards]


def test_a_fixed_amount_is_granted(rule, advocate):
    assert amounts([buy(advocate)]) == [Decimal("10.00")]


def test_a_percentage_keeps_its_floor_and_its_cap(program, rule, advocate):
    options = {"percent": "10", "floor": "3.00", "cap": "8.00"}
    save_rule(rule, [RuleEffect(formula="percent", formula_options=options)])
    results = [buy(advocate, amount) for amount in ("10.00", "50.00", "500.00")]
    assert amounts(results) == [Decimal("3.00"), Decimal("5.00"), Decimal("8.00")]


def test_steps_count_the_friends(rule, advocate):
    steps = [{"from": "1", "amount": "10.00"}, {"from": "4", "amount": "20.00"}]
    save_rule(
        rule, [RuleEffect(formula="stepped", formula_options={"by": "friends", "steps": steps})]
    )
    results = [buy(advocate) for _ in range(5)]
    assert amounts(results) == [Decimal(n) for n in ("10", "10", "10", "20", "20")]


def test_each_currency_has_its_amount_and_no_other_has_any(rule, advocate):
    options = {"amounts": {"EUR": "10.00", "CHF": "11.00"}}
    save_rule(rule, [RuleEffect(formula="per_currency", formula_options=options)])
    results = [buy(advocate, currency=code) for code in ("EUR", "CHF", "USD")]
    given = [(reward.amount, reward.currency) for r in results for reward in r.rewards]
    assert given == [(Decimal("10.00"), "EUR"), (Decimal("11.00"), "CHF")]
    assert results[2].decisions[0].reason == "no_offer"


def test_one_rule_gives_to_both(program, rule, advocate):
    save_rule(rule, [fixed("10.00"), RuleEffect(beneficiary="friend", offer=program.friend_offer)])
    rewards = buy(advocate).rewards
    assert {reward.beneficiary for reward in rewards} == {"advocate", "friend"}
    assert all(reward.coupon_id for reward in rewards)


def test_a_number_of_rewards_is_kept(rule, advocate):
    rule.limits = [limit("2")]
    save_rule(rule, [fixed("10.00")])
    results = [buy(advocate) for _ in range(3)]
    assert [bool(result.rewards) for result in results] == [True, True, False]
    assert results[2].decisions[0].reason == "limit"


def test_the_last_reward_is_cut_to_what_an_amount_leaves(rule, advocate):
    rule.limits = [limit("25.00", measure="amount")]
    save_rule(rule, [fixed("10.00")])
    results = [buy(advocate) for _ in range(4)]
    assert amounts(results) == [Decimal("10.00"), Decimal("10.00"), Decimal("5.00")]


def test_a_year_begins_anew(rule, advocate):
    rule.limits = [limit("1", period="year")]
    save_rule(rule, [fixed("10.00")])
    rule.program.starts_at = datetime(2020, 1, 1, tzinfo=UTC)
    rule.program.save()
    days = [datetime(2024, 3, 1, 12), datetime(2024, 9, 1, 12), datetime(2025, 1, 2, 12)]
    results = [buy(advocate, occurred_at=day.replace(tzinfo=UTC)) for day in days]
    assert [bool(result.rewards) for result in results] == [True, False, True]


def test_a_voided_reward_frees_what_it_used(rule, advocate):
    rule.limits = [limit("1"), limit("10.00", measure="amount")]
    save_rule(rule, [fixed("10.00")])
    [reward] = buy(advocate).rewards
    assert not buy(advocate).rewards
    void_reward(reward, reason="by mistake")
    assert buy(advocate).rewards
    assert {row.used for row in Allowance.objects.all()} == {Decimal(1), Decimal(10)}


def test_a_part_refund_frees_its_part_of_the_budget(program, rule, advocate):
    program.budget_amount = Decimal("15.00")
    program.save()
    first = buy(advocate)
    refund(first, "25.00")
    assert amounts([buy(advocate)]) == [Decimal("10.00")]
    assert Allowance.objects.get().used == Decimal("15.00")


@pytest.mark.parametrize("of", ["program", "rule"])
def test_what_is_in_another_currency_passes_no_limit_in_money(program, rule, advocate, of):
    if of == "program":
        program.budget_amount = Decimal("500.00")
        program.save()
    else:
        rule.limits = [limit("500.00", measure="amount")]
    save_rule(rule, [by_currency(EUR="10.00", CHF="11.00")])
    [euros], [francs] = (buy(advocate, currency=code).decisions for code in ("EUR", "CHF"))
    assert (euros.reason, francs.reason) == ("", "wrong_currency")
    assert Allowance.objects.get().used == Decimal("10.00")


def test_a_budget_holds_over_all_rules_and_the_owner_hears_of_its_end(program, rule, advocate):
    program.budget_rewards = 3
    program.notify_email = "owner@example.org"
    program.save()
    make_rule(program, "Second")
    results = [buy(advocate) for _ in range(3)]
    assert sum(len(result.rewards) for result in results) == 3
    assert {d.reason for d in results[2].decisions} == {"budget"}
    program.refresh_from_db()
    assert program.full_since
    told = Message.objects.filter(kind="running_dry")
    assert [message.person.email for message in told] == ["owner@example.org"]


def test_more_budget_opens_the_program_again(program, rule, advocate):
    program.budget_rewards = 1
    program.save()
    buy(advocate)
    program.refresh_from_db()
    program.budget_rewards = 2
    program.save()
    assert reopen_what_has_room(at=timezone.now()) == 1
    program.refresh_from_db()
    assert program.full_since is None


@pytest.mark.parametrize("by, winner", [("first", "Small"), ("best", "Large")])
def test_one_rule_of_a_group_grants(program, rule, advocate, by, winner):
    rule.delete()
    group = {"exclusive_group": "thanks", "exclusive_by": by}
    make_rule(program, "Small", [fixed("5.00")], priority=1, **group)
    make_rule(program, "Large", [fixed("9.00")], priority=2, **group)
    result = buy(advocate)
    assert [reward.rule_name for reward in result.rewards] == [winner]
    assert sorted(decision.reason for decision in result.decisions) == ["", "exclusive"]


def test_when_the_best_of_a_group_is_used_up_the_next_one_grants(program, rule, advocate):
    rule.delete()
    group = {"exclusive_group": "thanks", "exclusive_by": "best"}
    make_rule(program, "Small", [fixed("5.00")], priority=1, **group)
    make_rule(program, "Large", [fixed("9.00")], priority=2, limits=[limit("1")], **group)
    given = [buy(advocate).rewards[0].rule_name for _ in range(2)]
    assert given == ["Large", "Small"]


@pytest.mark.parametrize(
    "approval, above, state",
    [
        ("always", None, "held"),
        ("above", "9.99", "held"),
        ("above", "10.00", "issued"),
        ("risk", None, "issued"),
    ],
)
def test_somebody_has_to_approve(rule, advocate, approval, above, state):
    rule.approval, rule.approval_above = approval, above and Decimal(above)
    save_rule(rule, [fixed("10.00")])
    [reward] = buy(advocate).rewards
    assert reward.state == state
    assert reward.entries.last().kind == state


def test_what_is_used_and_sent_back_is_set_against_the_next_reward(rule, advocate):
    first = buy(advocate)
    [reward] = first.rewards
    redeem_coupon(
        reward.coupon.display_code, order_id="own", order_total=Decimal(40), currency="EUR"
    )
    refund(first, "50.00")
    reward.refresh_from_db()
    assert (reward.state, reward.owed) == ("clawed_back", Decimal("10.00"))
    save_rule(rule, [fixed("25.00")])
    [second] = buy(advocate).rewards
    assert (second.balance, second.coupon.amount) == (Decimal("15.00"), Decimal("15.00"))
    reward.refresh_from_db()
    assert reward.owed == 0
    assert sum(entry.owed for entry in reward.entries.all()) == 0
    assert sum(entry.amount for entry in second.entries.all()) == Decimal("15.00")


def test_a_reward_that_a_debt_swallows_brings_no_coupon(rule, advocate):
    first = buy(advocate)
    redeem_coupon(
        first.rewards[0].coupon.display_code, order_id="o", order_total=Decimal(40), currency="EUR"
    )
    refund(first, "50.00")
    [second] = buy(advocate).rewards
    assert (second.state, second.balance, second.coupon) == ("redeemed", 0, None)


def test_what_was_held_is_set_against_a_debt_when_it_is_issued(program, rule, advocate):
    first = buy(advocate)
    redeem_coupon(
        first.rewards[0].coupon.display_code, order_id="o", order_total=Decimal(40), currency="EUR"
    )
    refund(first, "50.00")
    rule.hold_days = 14
    save_rule(rule, [fixed("12.00")])
    [second] = buy(advocate).rewards
    assert issue_due_rewards(at=timezone.now() + LATER) == 1
    second.refresh_from_db()
    assert (second.state, second.balance, second.coupon.amount) == (
        "issued",
        Decimal("2.00"),
        Decimal("2.00"),
    )


def test_a_chargeback_takes_back_like_a_refund(rule, advocate):
    result = buy(advocate)
    refund(result, "50.00", kind="chargeback")
    reward = Reward.objects.get(pk=result.rewards[0].pk)
    assert reward.state == "clawed_back"


def test_an_order_that_became_smaller_lowers_the_reward_and_a_larger_one_nothing(rule, advocate):
    result = buy(advocate)
    refund(result, "80.00", kind="order.changed")
    assert Reward.objects.get(pk=result.rewards[0].pk).balance == Decimal("10.00")
    refund(result, "30.00", kind="order.changed")
    assert Reward.objects.get(pk=result.rewards[0].pk).balance == Decimal("6.00")


def test_a_percentage_with_a_cap_is_worked_out_anew_after_a_refund(rule, advocate):
    options = {"percent": "10", "cap": "20.00"}
    save_rule(rule, [RuleEffect(formula="percent", formula_options=options)])
    result = buy(advocate, "500.00")
    refund(result, "100.00")
    assert Reward.objects.get(pk=result.rewards[0].pk).balance == Decimal("20.00")
    refund(result, "250.00")
    assert Reward.objects.get(pk=result.rewards[0].pk).balance == Decimal("15.00")


def test_a_friend_who_sent_all_back_no_longer_counts(rule, advocate):
    first = buy(advocate)
    refund(first, "50.00")
    assert buy(advocate).event.friends_converted == 1
    advocate.refresh_from_db()
    assert (advocate.friends_converted, advocate.friends_value) == (1, Decimal("50.00"))


@pytest.mark.parametrize(
    "trigger, options, granted",
    [
        ("purchase", {}, [True, True, True]),
        ("first_purchase", {}, [True, False, False]),
        ("nth_purchase", {"number": 2}, [False, True, False]),
        ("value_milestone", {"amount": "100.00"}, [False, True, False]),
        ("friends_milestone", {"number": 1}, [True, False, False]),
        ("stage", {"stage": "converted"}, [True, False, False]),
    ],
)
def test_a_trigger_waits_for_its_event(rule, advocate, trigger, options, granted):
    rule.trigger, rule.trigger_options = trigger, options
    save_rule(rule, [fixed("10.00")])
    results = [buy(advocate, email="bo@example.org") for _ in granted]
    assert [bool(result.rewards) for result in results] == granted


def test_a_rule_of_a_group_of_its_own_kind_is_asked_about_it(rule, advocate):
    rule.trigger, rule.trigger_options = "own_kind", {"kind": "workshop"}
    save_rule(rule, [fixed("10.00")])
    result = record_event(
        "friends",
        "workshop",
        external_id="w-1",
        email="bo@example.org",
        referral_code=advocate.display_code,
    )
    assert amounts([result]) == [Decimal("10.00")]


def test_a_changed_rule_has_a_new_version_and_the_reward_keeps_the_old(rule, advocate):
    [reward] = buy(advocate).rewards
    save_rule(rule, [fixed("20.00")])
    save_rule(rule, [fixed("20.00")])
    assert RuleVersion.objects.filter(rule=rule).count() == 2
    reward.refresh_from_db()
    [effect] = reward.version.definition["effects"]
    assert (reward.version.number, effect["formula_options"]) == (1, {"amount": "10.00"})


def test_a_rehearsal_answers_the_same_and_writes_nothing(
    program, rule, advocate, django_assert_max_num_queries
):
    rule.limits = [limit("1")]
    save_rule(rule, [fixed("10.00")])
    event = buy(advocate).event
    effects = list(RuleEffect.objects.select_related("rule", "offer").filter(rule=rule))
    before = Reward.objects.count(), Decision.objects.count()
    with django_assert_max_num_queries(3) as queries:
        [answer] = rehearse(effects, Facts.of(event))
    assert answer.reason == "limit"
    assert all(query["sql"].startswith("SELECT") for query in queries.captured_queries)
    assert (Reward.objects.count(), Decision.objects.count()) == before


@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.lists(st.decimals("0.01", "400.00", places=2), min_size=1, max_size=8),
    st.decimals("1.00", "60.00", places=2),
)
def test_a_limit_in_money_is_never_passed(rule, advocate, orders, most):
    rule.limits = [limit(str(most), measure="amount")]
    save_rule(rule, [RuleEffect(formula="percent", formula_options={"percent": "10"})])
    Allowance.objects.all().delete()
    given = amounts([buy(advocate, str(order)) for order in orders])
    assert sum(given) <= most
    wanted = sum((order / 10).quantize(Decimal("0.01"), "ROUND_HALF_UP") for order in orders)
    assert sum(given) == min(wanted, most)


def test_a_milestone_is_reached_once_however_often_an_order_is_sent_back(rule, advocate):
    rule.trigger, rule.trigger_options = "friends_milestone", {"number": 2}
    save_rule(rule, [fixed("50.00")])
    first = buy(advocate, email="a@example.org")
    assert buy(advocate, email="b@example.org").rewards
    refund(first, "50.00")
    again = buy(advocate, email="a@example.org")
    assert not again.rewards
    assert again.decisions[-1].reason == "once"


def test_a_milestone_that_was_taken_back_can_be_reached_again(rule, advocate):
    rule.trigger, rule.trigger_options = "friends_milestone", {"number": 2}
    save_rule(rule, [fixed("50.00")])
    buy(advocate)
    refund(buy(advocate, email="b@example.org"), "50.00")
    assert buy(advocate, email="b@example.org").rewards


def test_a_repair_leaves_what_was_held_held(program, rule, advocate):
    rule.approval = "always"
    save_rule(rule, [fixed("10.00")])
    result = buy(advocate)
    bea = join_program(program, find_or_add_person("bea@example.org"))
    repair_attribution(result.event.referral, bea, reason="she told him")
    passed_on = Reward.objects.get(person=bea.person)
    assert passed_on.state == "held"
    assert issue_due_rewards(at=timezone.now() + LATER) == 0


def test_an_advocate_who_was_forgotten_earns_no_more(rule, advocate):
    result = buy(advocate, email="bo@example.org")
    erase_person(advocate.person, reason="asked for it")
    rule.trigger = "purchase"
    save_rule(rule, [fixed("10.00")])
    again = record_event(
        "friends",
        "purchase",
        external_id="again",
        email="bo@example.org",
        amount=50,
        currency="EUR",
    )
    assert result.rewards and not again.rewards


def test_due_work_gives_nothing_to_somebody_blocked(rule, advocate):
    rule.hold_days = 3
    save_rule(rule, [fixed("10.00")])
    buy(advocate)
    type(advocate.person).objects.update(blocked_at=timezone.now())
    assert issue_due_rewards(at=timezone.now() + LATER) == 0


def test_the_best_is_what_would_be_had_after_the_limits(program, rule, advocate):
    rule.delete()
    group = {"exclusive_group": "thanks", "exclusive_by": "best"}
    most = [limit("21.00", measure="amount")]
    make_rule(program, "Small", [fixed("10.00")], priority=1, **group)
    make_rule(program, "Large", [fixed("20.00")], priority=2, limits=most, **group)
    assert amounts([buy(advocate) for _ in range(2)]) == [Decimal("20.00"), Decimal("10.00")]


def test_a_rule_that_cannot_be_asked_loses_no_order(rule, advocate):
    RewardRule.objects.filter(pk=rule.pk).update(
        conditions=[{"key": "order_amount", "options": {}}]
    )
    result = buy(advocate)
    assert result.created
    assert [decision.reason for decision in result.decisions] == ["part_missing"]


def test_whoever_takes_over_a_referral_is_looked_at_anew(program, rule, advocate):
    program.attribution_model = "last"
    program.save()
    claim_offer(advocate, email="evesmith@yahoo.com")
    eve = join_program(program, find_or_add_person("eve.smith@gmail.com", name="Eve Smith"))
    [reward] = buy(eve, email="evesmith@yahoo.com").rewards
    assert (reward.state, reward.flags) == ("held", ["alias"])


class DoubleFixed(Fixed):
    """A site's own part in the place of one of ours."""

    def amount(self, options, facts):
        return Decimal(options["amount"]) * 2, facts.program.currency


def test_a_sites_own_part_takes_the_place_of_ours_everywhere_while_it_is_there(rule, advocate):
    with hooks.register_temporarily("register_referrals_formula", lambda: DoubleFixed):
        assert isinstance(formulas.get("fixed"), DoubleFixed)
        assert isinstance(formulas.all()["fixed"], DoubleFixed)
        assert amounts([buy(advocate)]) == [Decimal("20.00")]
    assert amounts([buy(advocate)]) == [Decimal("10.00")]


def test_a_sites_own_part_is_made_once(rule):
    with hooks.register_temporarily("register_referrals_formula", lambda: DoubleFixed):
        first = formulas.get("fixed")
        assert isinstance(first, DoubleFixed)
        assert formulas.get("fixed") is first is formulas.all()["fixed"]


def by_currency(**amounts):
    return RuleEffect(formula="per_currency", formula_options={"amounts": amounts})


def test_what_cannot_be_compared_with_the_threshold_waits_for_approval(rule, advocate):
    rule.approval, rule.approval_above = "above", Decimal("50.00")
    save_rule(rule, [by_currency(EUR="10.00", CHF="11.00")])
    [euros], [francs] = (buy(advocate, currency=code).rewards for code in ("EUR", "CHF"))
    assert (euros.state, francs.state) == ("issued", "held")


def test_a_percentage_off_needs_no_approval_above_an_amount(rule, advocate, program):
    rule.approval, rule.approval_above = "above", Decimal("50.00")
    save_rule(rule, [RuleEffect(beneficiary="advocate", offer=program.friend_offer)])
    [reward] = buy(advocate, currency="CHF").rewards
    assert reward.state == "issued"


def test_the_best_of_a_group_never_compares_two_currencies(program, rule, advocate):
    rule.delete()
    group = {"exclusive_group": "thanks", "exclusive_by": "best"}
    make_rule(program, "Yens", [by_currency(JPY="900")], priority=1, **group)
    make_rule(program, "Euros", [fixed("8.00")], priority=2, **group)
    make_rule(program, "More yens", [by_currency(JPY="1000")], priority=3, **group)
    assert [reward.rule_name for reward in buy(advocate, currency="JPY").rewards] == ["Euros"]
    program.rules.filter(name="Euros").update(state="paused")
    assert [reward.rule_name for reward in buy(advocate, currency="JPY").rewards] == ["Yens"]
