"""What somebody owes is recovered once, to the cent, whatever is given or taken back at once."""

import threading
from datetime import timedelta
from decimal import Decimal
from functools import partial

import pytest
from django.db.models import Sum
from django.utils import timezone

from tests.concurrency.racing import Meeting, race, refusals
from tests.concurrency.shop import buy, faults, fixed, join, make_rule, refund
from wagtail_referrals.api import hold_coupon, redeem_coupon, roll_back_redemption
from wagtail_referrals.coupons import hold, uses
from wagtail_referrals.coupons.models import Coupon
from wagtail_referrals.rewards import ledger
from wagtail_referrals.rewards.issue import issue_due_rewards, issue_reward
from wagtail_referrals.rewards.models import EntryKind, Reward, RewardEntry
from wagtail_referrals.rewards.take_back import void_reward

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

LATER = timezone.now() + timedelta(days=15)


@pytest.fixture
def advocate(program):
    make_rule(program, hold_days=14)
    return join(program, 1)[0]


def use(coupon, order_id, total="50.00"):
    return redeem_coupon(
        coupon.code_key,
        order_id=order_id,
        order_total=Decimal(total),
        currency="EUR",
        at=LATER,
        email=coupon.holder.email,
    )


def reward_of(result):
    return Reward.objects.select_related("program__site", "person", "offer", "coupon").get(
        pk=result.rewards[0].pk
    )


def issued(advocate, number):
    reward = reward_of(buy(advocate, number))
    assert issue_reward(reward, reason="due", at=LATER)
    return reward_of(buy(advocate, number))


def make_debts(advocate, *numbers):
    """10 euros each were used, and then the friends sent everything back."""
    rewards = [issued(advocate, number) for number in numbers]
    for number, reward in zip(numbers, rewards, strict=True):
        use(reward.coupon, f"spent-{number}")
        refund(advocate.program, number, "50.00")
    return rewards


def owed():
    return Reward.objects.aggregate(sum=Sum("owed"))["sum"]


def total(kind, column):
    return RewardEntry.objects.filter(kind=kind).aggregate(sum=Sum(column))["sum"] or 0


def waiting(advocate, count, amount):
    """Rewards of a new rule, whose time has come."""
    advocate.program.rules.update(state="paused")
    make_rule(advocate.program, [fixed(amount)], hold_days=14, name="New")
    return [reward_of(buy(advocate, f"new-{number}")) for number in range(count)]


@pytest.mark.parametrize(
    ("debts", "rewards", "recovered"),
    [(1, 8, "10.00"), (3, 12, "30.00"), (3, 4, "16.00")],
    ids=["one debt", "three debts", "more debts than rewards"],
)
def test_rewards_given_at_once_recover_a_debt_once_and_whole(advocate, debts, rewards, recovered):
    make_debts(advocate, *range(debts))
    due = waiting(advocate, rewards, "4.00")
    results = race([partial(issue_reward, reward, reason="due", at=LATER) for reward in due])
    assert not refusals(results)
    assert all(results)
    recovered = Decimal(recovered)
    assert total(EntryKind.RECOVERED, "owed") == total(EntryKind.OFFSET, "amount") == -recovered
    assert owed() == 10 * debts - recovered
    assert not faults()


def test_rewards_granted_and_given_at_once_recover_a_debt_once(advocate):
    make_debts(advocate, 0)
    advocate.program.rules.update(state="paused")
    make_rule(advocate.program, [fixed("4.00")], name="At once")
    assert not refusals(race([partial(buy, advocate, f"new-{number}") for number in range(8)]))
    assert total(EntryKind.OFFSET, "amount") == Decimal("-10.00")
    assert owed() == 0
    assert not faults()


@pytest.mark.needs_database("postgresql", "mysql")
def test_without_the_conditional_update_a_debt_is_recovered_often(advocate, monkeypatch):
    make_debts(advocate, 0)
    due = waiting(advocate, 8, "4.00")
    meeting = Meeting(8)

    def look_then_write(debt, most, **why):
        debt.refresh_from_db(fields=["owed"])
        meeting.wait()
        part = min(debt.owed, most)
        Reward.objects.filter(pk=debt.pk).update(owed=debt.owed - part)
        ledger.entry(debt, EntryKind.RECOVERED, owed=-part, **why).save()
        return part

    monkeypatch.setattr(ledger, "_recover", look_then_write)
    race([partial(issue_reward, reward, reason="due", at=LATER) for reward in due])
    assert total(EntryKind.RECOVERED, "owed") < -10
    assert faults()


def kept_of(reward):
    """What its person has of it in the end: to spend, spent, or set against a debt."""
    spent = Decimal(0)
    if reward.coupon:
        used = reward.coupon.redemptions.filter(state="redeemed")
        spent = used.aggregate(sum=Sum("discount"))["sum"] or Decimal(0)
    offset = reward.entries.filter(kind=EntryKind.OFFSET).aggregate(sum=Sum("amount"))["sum"] or 0
    noted = reward.entries.filter(kind=EntryKind.OWED).aggregate(sum=Sum("owed"))["sum"] or 0
    return max(reward.balance, spent) - offset - noted


def test_a_refund_that_meets_the_issue_leaves_what_the_rest_of_the_order_is_worth(advocate):
    program = advocate.program
    for round_ in range(12):
        [debt] = make_debts(advocate, f"debt-{round_}")
        # 4 euros of the debt are left: less than half of what the next reward is worth.
        Reward.objects.filter(pk=debt.pk).update(owed=4)
        ledger.entry(debt, EntryKind.RECOVERED, owed=Decimal(-6)).save()
        reward = reward_of(buy(advocate, round_))
        calls = [partial(issue_reward, reward, reason="due", at=LATER)] * 2
        calls += [partial(refund, program, round_, "25.00")] * 2
        assert not refusals(race(calls))
        reward = reward_of(buy(advocate, round_))
        assert (kept_of(reward), owed()) == (Decimal("5.00"), 0)
        assert not faults()


def test_uses_refunds_and_rollbacks_that_meet_leave_sums_that_add_up(advocate):
    program = advocate.program
    for round_, another in enumerate(join(program, 10)):
        reward = issued(another, round_)
        code = reward.coupon.code_key
        calls = [partial(use, reward.coupon, f"till-{round_}")] * 2
        calls += [partial(roll_back_redemption, code, order_id=f"till-{round_}")] * 2
        calls += [partial(refund, program, round_, "10.00", f"r{n}") for n in range(1 + round_ % 3)]
        calls += [partial(void_reward, reward, reason="no")] * (round_ % 2)
        results = race(calls)
        assert set(refusals(results)) <= {"not_redeemed", "void", "used_up"}
        assert not faults()


def test_the_due_job_and_refunds_that_meet_recover_no_more_than_is_owed(advocate):
    program = advocate.program
    make_debts(advocate, 0, 1)
    due = waiting(advocate, 10, "4.00")
    calls = [partial(issue_due_rewards, at=LATER)] * 3
    calls += [partial(refund, program, f"new-{number}", "50.00") for number in range(0, 10, 2)]
    calls += [partial(refund, program, f"new-{number}", "25.00") for number in range(1, 10, 2)]
    results = race(calls)
    assert not refusals(results)
    assert not faults()
    assert not Reward.objects.filter(pk__in=[one.pk for one in due], state="pending").exists()
    # Of each order half is left, or nothing: 2 euros of it, or what was taken is owed again.
    for reward in (reward_of(buy(advocate, f"new-{number}")) for number in range(10)):
        worth = 2 if reward.event.refunded == 25 else 0
        assert kept_of(reward) <= worth


def refund_meanwhile(monkeypatch, room, refunded):
    """Have ``refunded`` run when the till has read the coupon and not yet used it."""
    refuse, results = room.refuse_order, []
    other = threading.Thread(target=lambda: results.extend(race([refunded])))

    def met(*args, **values):
        monkeypatch.setattr(room, "refuse_order", refuse)
        refuse(*args, **values)
        other.start()
        # It has to wait for the till's lock on the coupon, or it sees no use.
        other.join(1)

    monkeypatch.setattr(room, "refuse_order", met)
    return other, results


@pytest.mark.parametrize("way", ["limited", "no limit", "held"])
def test_what_is_used_while_its_order_is_refunded_is_owed(advocate, monkeypatch, way):
    reward = issued(advocate, 0)
    if way == "no limit":
        Coupon.objects.filter(pk=reward.coupon.pk).update(max_uses=None)
    if way == "held":
        email = reward.person.email
        hold_coupon(reward.coupon.code_key, "till", 30, email=email, at=LATER)
    room = hold if way == "held" else uses
    refunded = partial(refund, advocate.program, 0, "50.00")
    other, results = refund_meanwhile(monkeypatch, room, refunded)
    use(reward.coupon, "till")
    other.join()
    assert not refusals(results)
    assert Coupon.objects.get(pk=reward.coupon.pk).state == "void"
    assert owed() == Decimal("10.00")
    assert not faults()


@pytest.mark.parametrize("way", ["no limit", "held"])
def test_uses_and_refunds_that_meet_leave_what_was_used_owed(advocate, way):
    program = advocate.program
    for round_, another in enumerate(join(program, 8)):
        reward = issued(another, round_)
        if way == "no limit":
            Coupon.objects.filter(pk=reward.coupon.pk).update(max_uses=None)
        else:
            email = reward.person.email
            hold_coupon(reward.coupon.code_key, f"till-{round_}", 30, email=email, at=LATER)
        calls = [partial(use, reward.coupon, f"till-{round_}")] * 2
        calls += [partial(refund, program, round_, "50.00")] * 2
        assert set(refusals(race(calls))) <= {"void"}
        used = reward.coupon.redemptions.filter(state="redeemed")
        spent = used.aggregate(sum=Sum("discount"))["sum"] or 0
        assert Reward.objects.get(pk=reward.pk).owed == spent
        assert not faults()
