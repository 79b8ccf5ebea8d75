"""Many who give at once: one code for one reward, one payment for one payout."""

from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from tests.concurrency.racing import Meeting, race, refusals
from tests.fixtures import make_program, make_root
from tests.rewards.buying import buy, give_by, issue_all, kinds
from wagtail_referrals.people.register import find_or_add_person
from wagtail_referrals.referrals.join import join_program
from wagtail_referrals.rewards import pools
from wagtail_referrals.rewards.approve import approve_rewards
from wagtail_referrals.rewards.issue import issue_reward
from wagtail_referrals.rewards.models import Reward, RewardEntry
from wagtail_referrals.rewards.payout_models import Payout
from wagtail_referrals.rewards.payouts import answer_payouts, export_payouts
from wagtail_referrals.rewards.pool_models import CodePool, PoolCode
from wagtail_referrals.rewards.pools import add_codes

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

# No more than one advocate may bring within an hour without a flag.
REWARDS = 18


@pytest.fixture
def program(db):
    make_root()
    return make_program()


@pytest.fixture
def advocate(program):
    return join_program(program, find_or_add_person("ann@example.org", name="Ann"))


def waiting(program, advocate, fulfilment, **options):
    give_by(program, fulfilment, **options)
    for number in range(REWARDS):
        buy(advocate, str(number))
    return list(Reward.objects.select_related("person", "program__site", "offer"))


def new_pool(codes):
    pool = CodePool.objects.create(name="Cinema")
    if codes:
        add_codes(pool, "\n".join(f"CODE-{number}" for number in range(codes)).encode())
    return pool


def issue_at_once(rewards):
    return race([partial(issue_reward, reward, reason="a race") for reward in rewards])


def given_codes():
    return [code for code in Reward.objects.values_list("given", flat=True) if code]


def test_no_code_of_a_pool_is_given_twice(program, advocate):
    rewards = waiting(program, advocate, "pool", pool=new_pool(REWARDS - 4).pk)
    results = issue_at_once(rewards)
    assert not refusals(results)
    assert sum(results) == len(given_codes()) == len(set(given_codes())) == REWARDS - 4
    assert PoolCode.objects.filter(award_key=None).count() == 0
    assert Reward.objects.filter(state="approved", given="").count() == 4


def test_one_reward_asked_for_by_many_takes_one_code(program, advocate):
    reward = waiting(program, advocate, "pool", pool=new_pool(REWARDS).pk)[0]
    results = race([partial(issue_reward, reward, reason="a race")] * 8)
    assert not refusals(results)
    assert sum(results) == 1
    assert PoolCode.objects.exclude(award_key=None).count() == 1


@pytest.mark.needs_database("postgresql", "mysql")
def test_without_the_conditional_update_codes_are_given_twice(program, advocate, monkeypatch):
    rewards = waiting(program, advocate, "pool", pool=new_pool(1).pk)[:8]
    meeting = Meeting(8)

    def look_then_write(pk, award_key, at):
        code = PoolCode.objects.get(pk=pk)
        meeting.wait()
        if code.award_key:
            return False
        PoolCode.objects.filter(pk=pk).update(award_key=award_key, given_at=at)
        return True

    monkeypatch.setattr(pools, "_claim", look_then_write)
    issue_at_once(rewards)
    assert len(given_codes()) > len(set(given_codes()))


def test_a_payout_is_on_one_list_however_many_are_made_at_once(program, advocate):
    waiting(program, advocate, "", kind="cash")
    issue_all()
    results = race([lambda: export_payouts(Payout.objects.all())] * 8)
    assert not refusals(results)
    runs = [run for run in results if run]
    assert sum(run.payouts.count() for run in runs) == REWARDS
    assert not Payout.objects.filter(state="due").exists()


def test_an_answer_imported_by_many_at_once_pays_each_payout_once(program, advocate):
    waiting(program, advocate, "", kind="cash")
    issue_all()
    export_payouts(Payout.objects.all())
    lines = [
        (line, {"number": payout.number, "result": "paid", "reference": "SEPA 1"})
        for line, payout in enumerate(Payout.objects.all(), start=2)
    ]
    results = race([partial(answer_payouts, lines)] * 8)
    assert not refusals(results)
    assert sum(len(done.paid) for done in results) == REWARDS
    assert RewardEntry.objects.filter(kind="redeemed").count() == REWARDS


def test_many_who_approve_the_same_rewards_write_one_entry_each(program, advocate):
    program.rules.update(approval="always")
    rewards = waiting(program, advocate, "coupon")
    results = race([partial(approve_rewards, rewards, reason="fine")] * 8)
    assert not refusals(results)
    assert sum(map(len, results)) == REWARDS
    assert kinds(rewards[0]) == ["granted", "held", "approved"]


def test_approving_and_issuing_at_once_ends_in_one_state(program, advocate):
    program.rules.update(approval="always")
    rewards = waiting(program, advocate, "coupon")
    later = timezone.now() + timedelta(days=15)
    approve = partial(approve_rewards, rewards, reason="fine")
    issue = [partial(issue_reward, reward, reason="now", at=later) for reward in rewards[:8]]
    results = race([*issue, approve])
    assert not refusals(results)
    assert Reward.objects.filter(state="issued").count() == 8
    assert Reward.objects.filter(state="approved").count() == REWARDS - 8
    for reward in rewards[:8]:
        assert kinds(reward).count("approved") == 1
