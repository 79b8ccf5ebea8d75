"""The same fact is one event; refunds never exceed their order."""

from datetime import timedelta
from decimal import Decimal
from functools import partial

import pytest
from django.db.models import Sum

from tests.concurrency.racing import Meeting, race, refusals, successes, without_unique
from wagtail_referrals.api import Conflict, record_event
from wagtail_referrals.coupons.models import Coupon
from wagtail_referrals.due import run_due
from wagtail_referrals.events import record
from wagtail_referrals.events.claim import claim_offer
from wagtail_referrals.events.models import Event
from wagtail_referrals.events.store import store_event
from wagtail_referrals.messages.models import Message
from wagtail_referrals.referrals.models import Referral
from wagtail_referrals.rewards.models import Reward, RewardState
from wagtail_referrals.rewards.rule_models import Beneficiary

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

FRIEND = "bo@example.org"


@pytest.fixture
def friend(advocate):
    return claim_offer(advocate, email=FRIEND).referral.friend


def buy(program, external_id="order-1", amount="50.00"):
    return record_event(
        program,
        "purchase",
        external_id=external_id,
        email=FRIEND,
        amount=Decimal(amount),
        currency="EUR",
    )


def refund(program, external_id, amount):
    return record_event(
        program,
        "refund",
        external_id=external_id,
        refund_of="order-1",
        amount=Decimal(amount),
        currency="EUR",
    )


def purchases():
    return Event.objects.filter(kind="purchase")


def refunds():
    return Event.objects.filter(kind="refund")


def rewards():
    return Reward.objects.filter(beneficiary=Beneficiary.ADVOCATE)


def refunded():
    return refunds().aggregate(sum=Sum("amount"))["sum"]


def assert_ledger_adds_up():
    for reward in Reward.objects.all():
        assert reward.balance == sum(entry.amount for entry in reward.entries.all())


def report_at_once(program, monkeypatch, amounts):
    """All find that the event is not known yet before the first of them is stored."""
    monkeypatch.setattr(record, "find_event", Meeting(len(amounts)).after(record.find_event))
    return race([partial(buy, program, amount=amount) for amount in amounts])


def test_a_purchase_reported_16_times_at_once_is_one_event_and_one_reward(
    program, friend, monkeypatch
):
    results = report_at_once(program, monkeypatch, ["50.00"] * 16)
    assert not refusals(results)
    assert {result.event.pk for result in results} == {purchases().get().pk}
    assert sum(result.created for result in results) == 1
    reward = rewards().get()
    assert all([one.pk for one in result.rewards] == [reward.pk] for result in results)
    assert Message.objects.filter(kind="reward_pending").count() == 1
    assert_ledger_adds_up()


def test_of_16_reports_that_contradict_each_other_one_wins(program, friend, monkeypatch):
    results = report_at_once(program, monkeypatch, [f"{50 + number}.00" for number in range(16)])
    assert refusals(results) == {"conflict": 15}
    assert all(
        isinstance(result, Conflict) for result in results if result not in successes(results)
    )
    (winner,) = successes(results)
    assert purchases().get().amount == winner.event.amount
    assert rewards().count() == 1


@pytest.mark.needs_database("postgresql")
def test_without_its_unique_key_one_purchase_is_many_events(program, friend, monkeypatch):
    with without_unique(Event, "program_id", "kind", "source_key"):
        report_at_once(program, monkeypatch, ["50.00"] * 16)
        assert purchases().count() > 1


def test_16_first_purchases_at_once_convert_a_friend_once(program, friend):
    results = race([partial(buy, program, f"order-{number}") for number in range(16)])
    assert not refusals(results)
    assert purchases().count() == 16
    assert Referral.objects.get().stage == "converted"
    assert rewards().count() == 1


def test_refunds_raced_never_exceed_the_order(program, friend):
    buy(program)
    results = race([partial(refund, program, f"refund-{n}", "7.00") for n in range(16)])
    assert refusals(results) == {"refund_exceeds_order": 9}
    assert refunded() == purchases().get().refunded == Decimal("49.00")
    # The reward of 10.00 lost 1.40 with each of the seven.
    assert rewards().get().balance == Decimal("0.20")
    assert_ledger_adds_up()


@pytest.mark.needs_database("postgresql")
def test_without_the_conditional_update_refunds_exceed_the_order(program, friend, monkeypatch):
    meeting = Meeting(16)

    def look_then_write(program, report):
        purchase = purchases().get()
        meeting.wait()
        if purchase.refunded + report.amount > purchase.amount:
            raise Conflict("refund_exceeds_order")
        purchase.refunded += report.amount
        purchase.save(update_fields=["refunded"])
        return store_event(program, report, person=purchase.person, refund_of=purchase)

    monkeypatch.setattr(record, "record_change", look_then_write)
    buy(program)
    race([partial(refund, program, f"refund-{number}", "7.00") for number in range(16)])
    assert refunded() > purchases().get().amount


@pytest.mark.parametrize("amount", ["10.00", "50.00"], ids=["in part", "in whole"])
def test_a_refund_reported_16_times_at_once_is_one_event(program, friend, monkeypatch, amount):
    buy(program)
    monkeypatch.setattr(record, "find_event", Meeting(16).after(record.find_event))
    results = race([partial(refund, program, "refund-1", amount)] * 16)
    assert not refusals(results)
    assert {result.event.pk for result in results} == {refunds().get().pk}
    assert sum(result.created for result in results) == 1
    assert purchases().get().refunded == Decimal(amount)
    assert_ledger_adds_up()


def test_a_refund_that_meets_the_issue_takes_back_the_same(program, friend):
    bought = buy(program).event
    ripe = bought.occurred_at + timedelta(days=365)
    for number in range(5):
        calls = [partial(run_due, at=ripe)] * 3
        calls += [partial(refund, program, f"refund-{number}", "5.00")] * 3
        assert not refusals(race(calls))
        reward = rewards().select_related("coupon").get()
        assert reward.state == RewardState.ISSUED
        assert reward.balance == reward.coupon.amount == Decimal(9 - number)
        assert_ledger_adds_up()
    assert not refusals(
        race([partial(run_due, at=ripe), partial(refund, program, "rest", "25.00")])
    )
    assert rewards().get().state == RewardState.CLAWED_BACK
    assert Coupon.objects.get(reward__beneficiary=Beneficiary.ADVOCATE).state == "void"
    assert_ledger_adds_up()
