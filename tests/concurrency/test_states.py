"""One reward, many who decide about it at once: one of them wins each step, and no other way."""

import random
from datetime import timedelta
from decimal import Decimal
from functools import partial

import pytest
from django.utils import timezone

from tests.concurrency.racing import Meeting, race, refusals, successes
from tests.concurrency.shop import buy, faults, join, make_rule, refund
from wagtail_referrals.api import redeem_coupon, roll_back_redemption
from wagtail_referrals.coupons.issue import extend_coupon, reissue_coupon, void_coupon
from wagtail_referrals.coupons.models import Coupon
from wagtail_referrals.rewards import take_back
from wagtail_referrals.rewards.approve import approve_rewards, hold_rewards
from wagtail_referrals.rewards.expire import expire_rewards
from wagtail_referrals.rewards.issue import issue_due_rewards, issue_reward
from wagtail_referrals.rewards.ledger import END_STATES, TRANSITIONS, entry
from wagtail_referrals.rewards.models import EntryKind, Reward, RewardEntry, RewardState
from wagtail_referrals.rewards.take_back import void_reward

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

RIPE = timezone.now() + timedelta(days=15)
WHY = {"reason": "because"}


@pytest.fixture
def advocates(program):
    """A reward of each waits for its time and, after that, for nobody."""
    make_rule(program, hold_days=14)
    return join(program, 16)


def waiting(advocate):
    return loaded(buy(advocate, advocate.pk).rewards[0])


def loaded(reward):
    related = ("program__site", "person", "offer", "coupon", "event")
    return Reward.objects.select_related(*related).get(pk=reward.pk)


def given(advocate):
    reward = waiting(advocate)
    assert issue_reward(reward, at=RIPE, **WHY)
    return loaded(reward)


def use(reward, order_id="till"):
    return redeem_coupon(
        reward.coupon.code_key,
        order_id=order_id,
        email=reward.person.email,
        order_total=Decimal(50),
        currency="EUR",
        at=RIPE,
    )


def roll_back(reward):
    return roll_back_redemption(reward.coupon.code_key, order_id="till")


def send_back(reward, amount="50.00", name="refund"):
    return refund(reward.program, reward.person.advocacies.get().pk, amount, name)


def lines(reward, *kinds):
    return RewardEntry.objects.filter(reward=reward, kind__in=kinds).count()


@pytest.mark.parametrize(
    ("verb", "state"),
    [(approve_rewards, "approved"), (hold_rewards, "held")],
    ids=["approve", "hold"],
)
def test_16_who_decide_the_same_write_it_once(advocates, verb, state):
    reward = waiting(advocates[0])
    results = race([partial(verb, [reward], **WHY) for _ in range(16)])
    assert not refusals(results)
    assert sum(map(len, results)) == lines(reward, state) == 1
    assert not faults()


def test_16_who_void_a_reward_end_it_once(advocates):
    reward = given(advocates[0])
    results = race([partial(void_reward, reward, **WHY)] * 16)
    assert refusals(results) == {"not_possible": 15}
    assert lines(reward, EntryKind.CLAWED_BACK) == 1
    assert Coupon.objects.get(pk=reward.coupon_id).state == "void"
    assert not faults()


def test_a_reward_that_is_voided_while_it_is_given_leaves_no_coupon_to_use(advocates):
    for advocate in advocates:
        reward = waiting(advocate)
        calls = [partial(issue_reward, reward, at=RIPE, **WHY)] * 3
        calls += [partial(issue_due_rewards, at=RIPE)] * 2
        calls += [partial(void_reward, waiting(advocate), **WHY)] * 3
        results = race(random.Random(advocate.pk).sample(calls, len(calls)))
        assert refusals(results) == {"not_possible": 2}
        reward = loaded(reward)
        assert reward.state in (RewardState.VOIDED, RewardState.CLAWED_BACK)
        assert (reward.coupon is None) == (reward.state == RewardState.VOIDED)
        assert reward.coupon is None or reward.coupon.state == "void"
        assert not faults()


def test_a_reward_that_all_decide_about_ends_where_the_last_of_them_led(advocates):
    """Approve, hold, void, give, refund: any order of them, but one after the other."""
    ends = set()
    for advocate in advocates:
        reward = waiting(advocate)
        calls = [
            *[partial(approve_rewards, [reward], **WHY)] * 2,
            *[partial(hold_rewards, [reward], **WHY)] * 2,
            partial(issue_reward, waiting(advocate), at=RIPE, **WHY),
            partial(issue_due_rewards, at=RIPE),
            partial(send_back, reward, "20.00", "part"),
            *[partial(void_reward, waiting(advocate), **WHY)] * (advocate.pk % 2),
            *[partial(send_back, reward, "30.00", "rest")] * (advocate.pk % 3),
        ]
        results = race(random.Random(advocate.pk).sample(calls, len(calls)))
        assert set(refusals(results)) <= {"not_possible"}
        assert not faults()
        ends.add(loaded(reward).state)
        assert lines(reward, *END_STATES) <= 1
    assert ends <= {*TRANSITIONS} - {RewardState.PENDING}


def test_a_reward_whose_coupon_is_used_meanwhile_follows_it(advocates):
    for advocate in advocates:
        reward = given(advocate)
        calls = [
            *[partial(use, reward)] * 3,
            *[partial(roll_back, reward)] * 2,
            partial(send_back, reward, "20.00", "part"),
            partial(expire_rewards, at=RIPE + timedelta(days=advocate.pk % 2 * 365)),
            *[partial(void_coupon, reward.coupon, **WHY)] * (advocate.pk % 2),
            *[partial(reissue_coupon, reward.coupon, **WHY)] * (advocate.pk % 3 == 0),
            *[partial(extend_coupon, reward.coupon, None, **WHY)] * (advocate.pk % 2 == 0),
            *[partial(send_back, reward, "30.00", "rest")] * (advocate.pk % 3 == 1),
        ]
        results = race(random.Random(advocate.pk).sample(calls, len(calls)))
        allowed = {"not_redeemed", "not_possible", "void", "used_up", "invalid_until"}
        assert set(refusals(results)) <= allowed
        assert successes(results)
        assert not faults()
        reward = loaded(reward)
        used = reward.coupon.redemptions.filter(state="redeemed").exists()
        if reward.state not in END_STATES:
            assert (reward.state == RewardState.REDEEMED) == used


@pytest.mark.needs_database("postgresql", "mysql")
def test_without_the_state_in_its_condition_a_reward_ends_often(advocates, monkeypatch):
    meeting = Meeting(8)

    def look_then_write(reward, to, **why):
        found = Reward.objects.get(pk=reward.pk)
        meeting.wait()
        if to not in TRANSITIONS[RewardState(found.state)]:
            return None
        Reward.objects.filter(pk=reward.pk).update(state=to, balance=0)
        line = entry(reward, EntryKind(to.value), amount=-found.balance, **why)
        line.save()
        return line

    monkeypatch.setattr(take_back, "move", look_then_write)
    reward = waiting(advocates[0])
    results = race([partial(void_reward, reward, **WHY)] * 8)
    assert len(successes(results)) == lines(reward, EntryKind.VOIDED) == 8
    assert faults()
