"""What an advocate reaches next, and how far they are."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from tests.test_query_counts import count
from wagtail_referrals.rewards.milestones import next_milestone
from wagtail_referrals.rewards.rule_models import RewardRule, RuleEffect
from wagtail_referrals.rewards.versions import save_rule


def rule(program, trigger, options, **effect):
    made = RewardRule(program=program, name=trigger, trigger=trigger, trigger_options=options)
    return save_rule(made, [RuleEffect(**effect)])


def brought(advocate, friends, value="0"):
    advocate.friends_converted, advocate.friends_value = friends, Decimal(value)
    advocate.save()
    return advocate


def steps(program):
    by_friends = {
        "by": "friends",
        "steps": [{"from": "1.00", "amount": "10.00"}, {"from": "4.00", "amount": "20.00"}],
    }
    return rule(program, "first_purchase", {}, formula="stepped", formula_options=by_friends)


def test_without_a_rule_that_has_goals_there_is_none(advocate):
    assert next_milestone(advocate) is None


def test_the_nearest_number_of_friends_is_next(program, advocate):
    for number in (10, 5):
        rule(program, "friends_milestone", {"number": number})
    found = next_milestone(brought(advocate, 4))
    assert (found.now, found.goal, found.percent) == (4, 5, 80)
    assert found.words == "One more friend who buys, and this waits for you: €10 off"


def test_a_goal_that_is_reached_is_none(program, advocate):
    rule(program, "friends_milestone", {"number": 5})
    assert next_milestone(brought(advocate, 5)) is None


def test_the_next_step_of_an_amount_is_a_goal(program, advocate):
    steps(program)
    found = next_milestone(brought(advocate, 2))
    assert found.goal == 4
    assert found.words.endswith(
        "2 more friends who buy, and this waits for you: €20 for each friend"
    )


def test_what_friends_bought_is_a_goal(program, advocate):
    rule(program, "value_milestone", {"amount": "200.00", "currency": "EUR"})
    found = next_milestone(brought(advocate, 3, "50"))
    assert found.words == "When your friends have bought for €200 in all: €10 off"
    assert found.percent == 25


def test_what_one_friend_spent_is_not_told(program, advocate):
    rule(program, "value_milestone", {"amount": "200.00", "currency": "EUR"})
    assert next_milestone(brought(advocate, 1, "50")).percent is None


@pytest.mark.parametrize(
    "over",
    [
        {"state": "paused"},
        {"dry_since": timezone.now()},
        {"ends_at": timezone.now() - timedelta(days=1)},
        {"starts_at": timezone.now() + timedelta(days=1)},
    ],
)
def test_a_rule_that_does_not_grant_now_has_no_goals(program, advocate, over):
    made = rule(program, "friends_milestone", {"number": 5})
    RewardRule.objects.filter(pk=made.pk).update(**over)
    assert next_milestone(advocate) is None


def test_what_a_friend_gets_is_no_goal(program, advocate):
    rule(program, "friends_milestone", {"number": 5}, beneficiary="friend")
    assert next_milestone(advocate) is None


def test_it_is_one_query_however_many_rules(program, advocate):
    for number in range(2, 9):
        rule(program, "friends_milestone", {"number": number})
    steps(program)
    next_milestone(advocate)  # from now on it is cached what is put to the test
    assert count(lambda: next_milestone(advocate)) == 1
