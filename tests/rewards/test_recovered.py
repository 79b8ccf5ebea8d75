"""What a person owes after a refund is what they had, no more and no less."""

from decimal import Decimal

import pytest

from tests.concurrency.shop import buy, faults, fixed, join, make_rule, refund
from wagtail_referrals.api import redeem_coupon
from wagtail_referrals.rewards.issue import issue_reward
from wagtail_referrals.rewards.ledger import move
from wagtail_referrals.rewards.models import Reward, RewardState
from wagtail_referrals.rewards.take_back import void_reward
from wagtail_referrals.rewards.ways import CouponFulfilment, TextFulfilment


@pytest.fixture
def advocate(program):
    make_rule(program)
    return join(program, 1)[0]


def owed(reward):
    return Reward.objects.get(pk=reward.pk).owed


def test_of_a_reward_paid_after_a_refund_what_was_paid_is_owed(advocate, monkeypatch):
    monkeypatch.setattr(CouponFulfilment, "prepare", TextFulfilment.prepare)
    reward = buy(advocate, 1).rewards[0]
    refund(advocate.program, 1, "20.00", "first")
    assert move(reward, RewardState.REDEEMED, reason="paid")
    refund(advocate.program, 1, "30.00", "second")
    assert owed(reward) == Decimal("6.00")
    assert not faults()


def test_a_debt_is_owed_again_when_what_recovered_it_is_voided_before_it_is_given(
    advocate, monkeypatch
):
    [spent] = buy(advocate, 1).rewards
    redeem_coupon(
        spent.coupon.code_key,
        order_id="till",
        email=spent.person.email,
        order_total=Decimal(50),
        currency="EUR",
    )
    refund(advocate.program, 1, "50.00")
    assert owed(spent) == Decimal("10.00")
    advocate.program.rules.update(state="paused")
    make_rule(advocate.program, [fixed("25.00")], name="Larger")
    monkeypatch.setattr(CouponFulfilment, "prepare", lambda way, rewards, at: [])
    [reward] = buy(advocate, 2).rewards
    assert not issue_reward(reward, reason="nothing in stock")
    assert owed(spent) == 0
    void_reward(reward, reason="ordered by mistake")
    assert owed(reward) == Decimal("10.00")
    assert not faults()
