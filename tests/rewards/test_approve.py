"""What staff decide about many rewards at once."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.rewards.buying import buy, issue_all, kinds
from wagtail_referrals.exceptions import InvalidInput
from wagtail_referrals.rewards.approve import approve_rewards, hold_rewards, void_rewards
from wagtail_referrals.rewards.models import Reward, RewardEntry, RewardState


@pytest.fixture
def held(program, advocate):
    program.rules.update(approval="always")
    for number in range(3):
        buy(advocate, str(number))
    return Reward.objects.filter(state=RewardState.HELD).order_by("pk")


def states():
    return list(Reward.objects.order_by("pk").values_list("state", flat=True))


def test_what_is_held_is_given_by_nobody_but_staff(held):
    assert issue_all() == 0
    assert states() == ["held"] * 3


def test_approved_rewards_wait_for_their_hold_and_are_then_given(held, django_user_model):
    boss = django_user_model.objects.create_user("boss")
    approved = approve_rewards(held, reason="looked at them", user=boss)
    assert [reward.state for reward in approved] == ["approved"] * 3
    assert issue_all(approved[0].hold_until - approved[0].hold_until) == 0
    assert issue_all() == 3
    line = RewardEntry.objects.filter(kind="approved").first()
    assert (line.user, line.reason) == (boss, "looked at them")


def test_approving_again_changes_nothing(held):
    rewards = list(held)
    assert len(approve_rewards(rewards, reason="fine")) == 3
    assert approve_rewards(rewards, reason="fine") == []
    assert kinds(rewards[0]) == ["granted", "held", "approved"]


def test_only_those_in_a_state_for_it_are_moved_and_come_back(held):
    first, *others = list(held)
    void_rewards([first], reason="a test")
    assert [reward.pk for reward in approve_rewards([first, *others], reason="fine")] == [
        reward.pk for reward in others
    ]
    assert states() == ["voided", "approved", "approved"]


def test_waiting_rewards_can_be_held_until_somebody_approves(advocate):
    rewards = [buy(advocate, "1"), buy(advocate, "2")]
    assert len(hold_rewards(rewards, reason="we ask the shop first")) == 2
    assert issue_all() == 0
    approve_rewards(rewards, reason="fine")
    assert issue_all() == 2


def test_many_are_voided_each_with_its_worth_booked_out(held):
    rewards = list(held)
    assert len(void_rewards(rewards, reason="a ring of friends")) == 3
    assert void_rewards(rewards, reason="again") == []
    assert set(Reward.objects.values_list("state", "balance")) == {("voided", 0)}


@pytest.mark.parametrize("verb", [approve_rewards, hold_rewards, void_rewards])
def test_staff_have_to_say_why(verb, held):
    with pytest.raises(InvalidInput):
        verb(list(held), reason="  ")
    assert states() == ["held"] * 3


def test_approving_costs_as_many_questions_for_three_as_for_one(held):
    counts = []
    for rewards in ([held[0]], list(held[1:])):
        with CaptureQueriesContext(connection) as queries:
            approve_rewards(rewards, reason="fine")
        counts.append(len(queries))
    assert counts[0] == counts[1]
