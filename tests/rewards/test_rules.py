"""What a rule may say, and how it is said."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django import forms
from django.core.checks import run_checks
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from wagtail import hooks

from wagtail_referrals.api import record_event
from wagtail_referrals.programs.models import Offer, Program
from wagtail_referrals.rewards.conditions import Condition
from wagtail_referrals.rewards.describe import changes, describe_rule
from wagtail_referrals.rewards.formulas import Formula
from wagtail_referrals.rewards.fulfilment import Fulfilment
from wagtail_referrals.rewards.models import Decision, Reward
from wagtail_referrals.rewards.rehearsal import replay
from wagtail_referrals.rewards.rule_models import RewardRule, RuleEffect
from wagtail_referrals.rewards.triggers import Trigger
from wagtail_referrals.rewards.validation import check_rule
from wagtail_referrals.rewards.versions import save_rule
from wagtail_referrals.rewards.words import for_customer, for_staff


def condition(key: str, **options: Any) -> dict[str, Any]:
    return {"key": key, "options": options}


def limit(most: str, measure: str = "amount", **values: str) -> dict[str, str]:
    return {"per": "advocate", "period": "year", "measure": measure, "most": most, **values}


def rule_of(program: Program, **values: Any) -> RewardRule:
    return RewardRule(program=program, name="R", **{"trigger": "first_purchase", **values})


def problems(rule: RewardRule, *effects: RuleEffect) -> dict[str, list[str]]:
    try:
        check_rule(rule, effects or (RuleEffect(beneficiary="advocate"),))
    except ValidationError as error:
        return error.message_dict
    return {}


EUR30 = condition("order_amount", at_least="30", currency="EUR")
CONTRADICTIONS = [
    [
        condition("order_amount", at_least="50", currency="EUR"),
        condition("order_amount", at_most="20", currency="EUR"),
    ],
    [EUR30, condition("order_amount", at_least="30", currency="USD")],
    [EUR30, condition("currency", currency="USD")],
    [condition("friends_converted", at_least=4), condition("friends_converted", at_most=2)],
    [condition("date", at_least="2024-05-01"), condition("date", at_most="2024-04-30")],
    [condition("weekday", weekdays=[0]), condition("weekday", weekdays=[5, 6])],
    [condition("came_by", sources=["link"]), condition("came_by", sources=["staff"])],
    [condition("coupon_used", used="yes"), condition("coupon_used", used="no")],
    [condition("tier", tiers=["gold"]), condition("tier", tiers=["silver"])],
    [
        condition("metadata", name="shop", operator="is", value="a"),
        condition("metadata", name="shop", operator="is", value="b"),
    ],
    [
        condition("metadata", name="bags", operator="at_least", value="5"),
        condition("metadata", name="bags", operator="at_most", value="4"),
    ],
    [condition("days_since_claim", at_least=5), condition("days_since_claim", at_most=4)],
]


@pytest.mark.parametrize("pair", CONTRADICTIONS, ids=lambda pair: pair[0]["key"])
def test_conditions_that_contradict_each_other_are_said(program: Program, pair: Any) -> None:
    found = problems(rule_of(program, conditions=pair))
    assert "never be true together" in found["conditions-1-part"][0]
    assert problems(rule_of(program, conditions=pair, match="any")) == {}
    assert problems(rule_of(program, conditions=pair[:1])) == {}


@pytest.mark.parametrize(
    ("trigger", "options", "contradicts"),
    [
        ("nth_purchase", {"number": 3}, condition("first_purchase")),
        ("feedback.submitted", {}, EUR30),
        ("referral.claimed", {}, condition("product", skus=["bag"])),
        ("feedback.submitted", {}, condition("came_by", sources=["link"])),
        ("friends_milestone", {"number": 5}, condition("friends_converted", at_most=4)),
        ("grade", {"grade": "D"}, condition("grade_at_least", grade="B")),
        ("value_milestone", {"amount": "500"}, condition("currency", currency="USD")),
    ],
)
def test_a_condition_that_contradicts_the_trigger_is_said_whatever_else_may_hold(
    program: Program, trigger: str, options: Any, contradicts: Any
) -> None:
    for match in ("all", "any"):
        rule = rule_of(
            program,
            trigger=trigger,
            trigger_options=options,
            match=match,
            conditions=[contradicts, condition("weekday", weekdays=[1])],
        )
        assert "conditions-0-part" in problems(rule)


def test_a_formula_and_the_rules_dates_are_looked_at_too(program: Program) -> None:
    dollars = condition("currency", currency="USD")
    by_percent = RuleEffect(
        beneficiary="advocate", formula="percent", formula_options={"percent": "5"}
    )
    assert "advocate-what" in problems(rule_of(program, conditions=[dollars]), by_percent)
    assert "advocate-what" in problems(rule_of(program, trigger="referral.claimed"), by_percent)
    summer = rule_of(
        program,
        starts_at=timezone.now(),
        conditions=[condition("date", at_most="2020-01-01")],
    )
    assert "the rule's dates" in problems(summer)["conditions-0-part"][0]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"limits": [limit("0")]}, "limits-0-most"),
        ({"limits": [limit("-5")]}, "limits-0-most"),
        ({"limits": [limit("NaN")]}, "limits-0-most"),
        ({"limits": [limit("200"), limit("300")]}, "limits-1-most"),
        ({"limits": [limit("1.5", "count")]}, "limits-0-most"),
        ({"limits": [limit("5", period="week")]}, "limits-0-period"),
        ({"approval": "above"}, "approval_above"),
        ({"trigger": "full_moon"}, "trigger"),
        ({"trigger": "nth_purchase"}, "trigger-options-number"),
        ({"trigger": "feedback.submitted"}, "advocate-what"),
        ({"conditions": [condition("horoscope")]}, "conditions-0-part"),
        ({"conditions": [condition("order_amount", at_least="x", currency="EUR")]},
         "conditions-0-options-at_least"),
        ({"conditions": [condition("order_amount", at_least="5")]},
         "conditions-0-options-currency"),
        ({"conditions": [condition("metadata", name="npsScore", operator="is", value="9")]},
         "conditions-0-options-name"),
        *[({"trigger": "own_kind", "trigger_options": {"kind": kind}}, "trigger-options-kind")
          for kind in ("review.posted", "google_review", "nps.promoter",
                       "refund", "chargeback", "order.changed")],
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_said_by_its_field(
    program: Program, values: dict[str, Any], field: str
) -> None:
    assert field in problems(rule_of(program, **values))


@pytest.mark.parametrize(
    ("formula", "options", "field"),
    [
        ("percent", {"percent": "101"}, "percent"),
        ("percent", {"percent": "-1"}, "percent"),
        ("percent", {"percent": "5", "floor": "9", "cap": "3"}, "cap"),
        ("fixed", {}, "amount"),
        ("per_currency", {"amounts": ": 10"}, "amounts"),
        ("stepped", {"by": "friends", "steps": "4: 20\n1: 10"}, "steps"),
    ],
)
def test_a_formula_that_makes_no_sense_is_said(
    program: Program, formula: str, options: dict[str, str], field: str
) -> None:
    effect = RuleEffect(beneficiary="advocate", formula=formula, formula_options=options)
    assert f"advocate-options-{field}" in problems(rule_of(program), effect)


def test_an_offer_has_to_be_there_and_of_the_programs_currency(program: Program) -> None:
    dollars = Offer.objects.create(name="D", kind="fixed", amount=5, currency="USD")
    effect = RuleEffect(beneficiary="advocate", offer=dollars)
    assert "in USD" in problems(rule_of(program), effect)["advocate-offer"][0]
    program.advocate_offer = None
    assert "advocate-offer" in problems(rule_of(program))


AFTER_PURCHASE: list[tuple[str, dict[str, Any]]] = [
    ("first_purchase", {}),
    ("purchase", {}),
    ("nth_purchase", {"number": 2}),
    ("stage", {"stage": "converted"}),
]


@pytest.mark.parametrize("only", ["first_order_only", "new_customers_only"])
def test_a_friend_who_has_bought_is_promised_nothing_for_newcomers(
    program: Program, only: str
) -> None:
    offer = Offer.objects.create(name="Hello", kind="percent", amount=10, **{only: True})
    friend = RuleEffect(beneficiary="friend", offer=offer)
    for trigger, options in AFTER_PURCHASE:
        rule = rule_of(program, trigger=trigger, trigger_options=options)
        assert "for new customers only" in problems(rule, friend)["friend-offer"][0]
        assert problems(rule, RuleEffect(beneficiary="advocate", offer=offer)) == {}
    assert problems(rule_of(program, trigger="referral.claimed"), friend) == {}
    setattr(offer, only, False)
    assert problems(rule_of(program), friend) == {}


def test_a_limit_of_money_needs_money_to_be_given(program: Program) -> None:
    percent = RuleEffect(beneficiary="friend")
    rule = rule_of(program, limits=[limit("50")])
    assert "gives no amounts of money" in problems(rule, percent)["limits-0-most"][0]
    assert problems(rule) == {}


def per_currency(*codes: str) -> RuleEffect:
    amounts = dict.fromkeys(codes, "10.00")
    return RuleEffect(
        beneficiary="advocate", formula="per_currency", formula_options={"amounts": amounts}
    )


def test_a_limit_of_money_is_refused_where_it_cannot_count_another_currency(
    program: Program,
) -> None:
    money = rule_of(program, limits=[limit("3", "count"), limit("50")])
    assert (
        "nothing could be given in CHF, USD"
        in problems(money, per_currency("USD", "EUR", "CHF"))["limits-1-most"][0]
    )
    assert problems(money, per_currency("EUR")) == {}
    number = rule_of(program, limits=[limit("3", "count")])
    assert problems(number, per_currency("EUR", "CHF")) == {}


def test_so_is_an_amount_that_the_programs_budget_cannot_count(program: Program) -> None:
    program.budget_amount = Decimal("500.00")
    found = problems(rule_of(program), per_currency("EUR", "CHF"))
    assert "nothing could be given in CHF" in found["advocate-what"][0]
    assert problems(rule_of(program), per_currency("EUR")) == {}


def test_a_percentage_off_cannot_be_paid_out(program: Program) -> None:
    friend = RuleEffect(beneficiary="friend", fulfilment="payout")
    assert problems(rule_of(program), friend)["friend-fulfilment"] == [
        "A percentage cannot be paid out."
    ]
    assert program.friend_offer is not None
    program.friend_offer.fulfilment = "payout"
    assert "friend-offer" in problems(rule_of(program), RuleEffect(beneficiary="friend"))
    of_the_order = RuleEffect(
        beneficiary="advocate",
        formula="percent",
        formula_options={"percent": "5"},
        kind="cash",
        fulfilment="payout",
    )
    assert problems(rule_of(program), of_the_order) == {}


def test_rules_of_a_group_agree_on_which_of_them_counts(program: Program) -> None:
    other = program.rules.get(trigger="first_purchase")
    RewardRule.objects.filter(pk=other.pk).update(exclusive_group="thanks", exclusive_by="best")
    rule = rule_of(program, exclusive_group="thanks")
    assert other.name in problems(rule)["exclusive_by"][0]
    rule.exclusive_by = "best"
    assert problems(rule) == {}


def test_what_is_installed_no_more_is_shown_and_does_not_break_the_sentence(
    program: Program,
) -> None:
    rule = rule_of(program, trigger="gone", conditions=[condition("lost")])
    assert "When gone and lost, the advocate gets €10 off" in describe_rule(
        rule, [RuleEffect(rule=rule, beneficiary="advocate")]
    )


def test_a_version_says_what_it_changed(program: Program) -> None:
    rule = rule_of(program, conditions=[EUR30], limits=[limit("200")])
    save_rule(rule, [RuleEffect(beneficiary="advocate")])
    rule.conditions, rule.limits, rule.priority = [], [], 5
    save_rule(rule, [RuleEffect(beneficiary="advocate")])
    newer, older = rule.versions.all()
    assert changes(older, newer) == [
        "Conditions: “nothing” instead of “the order is at least €30”",
        "Limits: “nothing” instead of “at most €200 a year per advocate”",
        "Priority: “5” instead of “10”",
    ]


# Replaying the last days.


def buy(advocate: Any, number: int, amount: str = "50.00", days: int = 1, **values: Any) -> None:
    record_event(
        advocate.program,
        "purchase",
        external_id=f"o-{number}",
        email=f"friend{number}@example.org",
        amount=Decimal(amount),
        currency="EUR",
        referral_code=advocate.display_code,
        occurred_at=timezone.now() - timedelta(days=days),
        **values,
    )


@pytest.fixture
def busy(program: Program, advocate: Any) -> Any:
    Program.objects.update(starts_at=timezone.now() - timedelta(days=100))
    program.refresh_from_db()
    advocate.program = program
    for number in range(6):
        buy(advocate, number, amount="50.00" if number else "20.00")
    buy(advocate, 99, days=60)
    return advocate


def test_a_replay_counts_what_a_rule_would_have_cost(program: Program, busy: Any) -> None:
    rule = rule_of(program, conditions=[EUR30], limits=[limit("25")], event_kind="purchase")
    rule.starts_at = timezone.now()
    effect = RuleEffect(
        beneficiary="advocate", formula="fixed", formula_options={"amount": "10.00"}
    )
    before = (Reward.objects.count(), Decision.objects.count())
    result = replay(rule, [effect])
    assert (result.events, result.granted, result.whole) == (6, 3, True)
    assert result.sums == {"EUR": Decimal("25.00")}
    assert result.refusals == {"condition": 1, "limit": 2}
    assert (Reward.objects.count(), Decision.objects.count()) == before
    assert rule.starts_at is not None


def test_a_replay_is_bounded_and_says_so(program: Program, busy: Any) -> None:
    rule = rule_of(program, event_kind="purchase")
    result = replay(rule, [RuleEffect(beneficiary="advocate")], most=4)
    assert (result.events, result.whole) == (4, False)


def test_a_replay_costs_the_same_for_many_events(
    program: Program, busy: Any, django_assert_num_queries: Any
) -> None:
    rule = rule_of(program, event_kind="purchase")
    effects = [RuleEffect(beneficiary="advocate", formula="fixed", formula_options={"amount": "1"})]
    with django_assert_num_queries(1):
        assert replay(rule, effects).events == 6


def test_a_replay_reads_what_friends_were_promised_with_its_events(
    program: Program, busy: Any, django_assert_num_queries: Any
) -> None:
    """By their referral, or by an advocate's own offer where that does not say."""
    promised = Offer.objects.create(name="P", kind="percent", amount=Decimal(15))
    busy.referrals.filter(friend__email_key__gt="8").update(offer=None)
    busy.referrals.exclude(offer=None).update(offer=promised)
    type(busy).objects.update(friend_offer=promised)
    rule = rule_of(program, event_kind="purchase")
    rule.program = Program.objects.select_related("friend_offer").get(pk=program.pk)
    with django_assert_num_queries(1):
        assert replay(rule, [RuleEffect(beneficiary="friend")]).granted == 6


def test_a_replay_reads_what_advocates_were_promised_with_its_events(
    program: Program, busy: Any, django_assert_num_queries: Any
) -> None:
    promised = Offer.objects.create(name="P", kind="fixed", amount=Decimal(3), currency="EUR")
    busy.referrals.update(advocate_offer=promised, advocate_offer_terms={})
    rule = rule_of(program, event_kind="purchase")
    rule.program = Program.objects.select_related("advocate_offer").get(pk=program.pk)
    with django_assert_num_queries(1):
        result = replay(rule, [RuleEffect(beneficiary="advocate")])
    assert result.sums == {"EUR": 3 * result.granted}


@pytest.mark.needs_database("sqlite")
def test_a_replay_reads_its_events_by_an_index(
    program: Program, django_assert_num_queries: Any
) -> None:
    rule = rule_of(program, event_kind="purchase")
    with django_assert_num_queries(1) as queries:
        replay(rule, [RuleEffect(beneficiary="advocate")])
    [query] = queries.captured_queries
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {query['sql']}")
        plan = " ".join(str(row[-1]) for row in cursor.fetchall())
    assert "USING INDEX referrals_event_replay (program_id=? AND kind=? AND occurred_at>" in plan
    assert "SCAN" not in plan


# A site's own parts.


class FridayTrigger(Trigger):
    key = event_kind = "lottery.drawn"
    label = "a lot was drawn"


class MoodCondition(Condition):
    key = "customer_mood"
    label = "the customer is happy"

    def holds(self, options: Any, facts: Any) -> bool:
        return True


class LuckForm(forms.Form):
    sides = forms.IntegerField(label="Sides of the die")


class Luck(Formula):
    key = "luck"
    label = "what the die says"
    form_class = LuckForm

    def amount(self, options: Any, facts: Any) -> Any:
        return Decimal(options["sides"]), facts.program.currency


class Pigeon(Fulfilment):
    key = "pigeon"
    label = "a carrier pigeon"


def test_a_sites_own_parts_appear_in_the_form_and_make_no_migration(
    program: Program, owner_client: Any
) -> None:
    with (
        hooks.register_temporarily("register_referrals_trigger", lambda: FridayTrigger),
        hooks.register_temporarily("register_referrals_formula", lambda: Luck),
        hooks.register_temporarily("register_referrals_fulfilment", lambda: Pigeon),
    ):
        call_command("makemigrations", check=True, dry_run=True, verbosity=0)
        data = {"trigger": "lottery.drawn", "advocate-what": "luck", "_update": "1"}
        page = owner_client.post("/admin/referrals/rules/create/", data).content.decode()
        for words in ("a lot was drawn", "what the die says", "Sides of the die"):
            assert words in page
        assert "a carrier pigeon" in page


def test_a_condition_about_moods_is_refused_by_check_form_and_engine(
    program: Program, advocate: Any
) -> None:
    with hooks.register_temporarily("register_referrals_condition", lambda: MoodCondition):
        found = [message.id for message in run_checks()]
        assert "wagtail_referrals.E006" in found
        assert "conditions-0-part" in problems(
            rule_of(program, conditions=[condition("customer_mood")])
        )
        for match in ("all", "any"):
            rules = program.rules.filter(trigger="first_purchase")
            rules.update(conditions=[condition("customer_mood")], match=match)
            buy(advocate, Decision.objects.count(), days=0)
    refusals = Decision.objects.filter(beneficiary="advocate").select_related("rule")
    assert {refusal.reason for refusal in refusals} == {"unfair"} and len(refusals) == 2
    assert "thinks of you" in for_staff(refusals[0])
    assert "could not be given" in for_customer(refusals[0])
    assert "wagtail_referrals.E006" not in [message.id for message in run_checks()]


def test_the_engine_never_looks_at_a_score_that_got_into_a_rule(
    program: Program, advocate: Any
) -> None:
    unfair = condition("metadata", name="score", operator="at_least", value="9")
    program.rules.filter(trigger="first_purchase").update(conditions=[unfair])
    buy(advocate, 1, days=0, metadata={"score": 10})
    assert Reward.objects.filter(beneficiary="advocate").count() == 0
    assert Decision.objects.get(beneficiary="advocate").reason == "condition"


def test_the_engine_grants_nothing_for_a_review_that_got_into_a_rule(
    program: Program, advocate: Any
) -> None:
    rule = rule_of(program, trigger="own_kind", trigger_options={"kind": "review.posted"})
    save_rule(rule, [RuleEffect(beneficiary="advocate")])
    result = record_event(
        program.slug,
        "review.posted",
        external_id="r-1",
        email="bo@example.org",
        referral_code=advocate.display_code,
    )
    assert result.rewards == []
    assert [decision.reason for decision in result.decisions] == ["not_triggered"]


@pytest.fixture
def owner_client(client: Any, django_user_model: Any) -> Any:
    client.force_login(django_user_model.objects.create_superuser("owner", "o@example.org", "x"))
    return client
