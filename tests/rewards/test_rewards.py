import itertools
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wagtail_referrals.api import (
    quote_coupon,
    record_event,
    redeem_coupon,
    roll_back_redemption,
)
from wagtail_referrals.events.claim import claim_offer
from wagtail_referrals.exceptions import ClaimRefused, InvalidInput, ReferralsError
from wagtail_referrals.messages.models import Message
from wagtail_referrals.people.register import find_or_add_person
from wagtail_referrals.programs.models import Program
from wagtail_referrals.referrals.join import join_program
from wagtail_referrals.referrals.models import AttributionChange, Referral
from wagtail_referrals.referrals.refer import repair_attribution
from wagtail_referrals.rewards import issue
from wagtail_referrals.rewards.issue import issue_due_rewards, issue_reward
from wagtail_referrals.rewards.ledger import TRANSITIONS
from wagtail_referrals.rewards.models import Reward, RewardEntry, RewardState
from wagtail_referrals.rewards.take_back import void_reward
from wagtail_referrals.signals import reward_issued

LATER = timedelta(days=15)
numbers = itertools.count()


def buy(advocate, order="1", email="bo@example.org", amount="50.00"):
    result = record_event(
        "friends",
        "purchase",
        external_id=order,
        email=email,
        amount=Decimal(amount),
        currency="EUR",
        referral_code=advocate.display_code,
    )
    return result.rewards[0]


def refund(amount, id="r1", order="1"):
    record_event(
        "friends",
        "refund",
        external_id=id,
        amount=Decimal(amount),
        currency="EUR",
        refund_of=order,
    )


def ledger(reward):
    return [(entry.kind, entry.amount) for entry in reward.entries.all()]


def test_a_reward_waits_for_its_hold_and_is_issued_once(advocate):
    reward = buy(advocate)
    assert issue_due_rewards(at=timezone.now() + timedelta(days=13)) == 0
    assert issue_due_rewards(at=timezone.now() + LATER) == 1
    assert issue_due_rewards(at=timezone.now() + LATER) == 0
    reward.refresh_from_db()
    assert reward.coupon.amount == Decimal("10.00")
    assert [kind for kind, amount in ledger(reward)] == ["granted", "approved", "issued"]
    kinds = set(Message.objects.values_list("kind", flat=True))
    assert kinds == {"reward_pending", "reward_issued"}


def test_a_whole_refund_before_issue_voids_the_reward(advocate):
    reward = buy(advocate)
    refund("50.00")
    reward.refresh_from_db()
    assert (reward.state, reward.balance) == (RewardState.VOIDED, 0)
    assert ledger(reward) == [("granted", Decimal("10.00")), ("voided", Decimal("-10.00"))]
    assert issue_due_rewards(at=timezone.now() + LATER) == 0


def test_a_part_refund_before_issue_lowers_what_is_issued(advocate):
    reward = buy(advocate)
    refund("20.00")
    issue_due_rewards(at=timezone.now() + LATER)
    reward.refresh_from_db()
    assert reward.coupon.amount == reward.balance == Decimal("6.00")
    assert reward.amount == Decimal("10.00")


def test_a_whole_refund_after_issue_takes_back_an_unused_coupon(advocate):
    reward = buy(advocate)
    issue_due_rewards(at=timezone.now() + LATER)
    refund("50.00")
    reward.refresh_from_db()
    assert (reward.state, reward.coupon.state) == (RewardState.CLAWED_BACK, "void")
    assert ledger(reward)[-1] == ("clawed_back", Decimal("-10.00"))


def test_many_small_refunds_take_back_as_much_as_one(advocate):
    reward = buy(advocate, amount="2500.00")
    for number in range(60):
        refund("12.00", f"r{number}")
    reward.refresh_from_db()
    assert reward.balance == Decimal("7.12")


def test_a_reward_of_before_a_rollback_cannot_be_used_after_it_was_taken_back(advocate):
    reward = buy(advocate)
    issue_due_rewards(at=timezone.now() + LATER)
    reward.refresh_from_db()
    later = {"at": timezone.now() + LATER}
    order = {"order_total": Decimal(20), "currency": "EUR"}
    redeem_coupon(reward.coupon.display_code, order_id="own", **order, **later)
    refund("50.00")
    roll_back_redemption(reward.coupon.display_code, order_id="own")
    assert quote_coupon(reward.coupon.display_code, **order, **later).reason == "void"


def test_a_receiver_of_the_site_that_fails_stops_nothing(
    advocate, django_capture_on_commit_callbacks
):
    def broken(**kwargs):
        raise KeyError("the site's own mistake")

    reward_issued.connect(broken)
    try:
        buy(advocate, "1", "bo@example.org")
        buy(advocate, "2", "cy@example.org")
        with django_capture_on_commit_callbacks(execute=True):
            assert issue_due_rewards(at=timezone.now() + LATER) == 2
    finally:
        reward_issued.disconnect(broken)


def test_a_late_report_brings_a_coupon_that_can_be_used(program, advocate):
    program.rules.filter(trigger="first_purchase").update(hold_days=0)
    claim_offer(advocate, email="bo@example.org")
    long_ago = timezone.now() - timedelta(days=100)
    Referral.objects.update(claimed_at=long_ago, counts_until=timezone.now())
    Program.objects.update(starts_at=long_ago)
    result = record_event(
        "friends",
        "purchase",
        external_id="late",
        email="bo@example.org",
        amount=50,
        currency="EUR",
        occurred_at=long_ago + timedelta(hours=1),
    )
    (reward,) = result.rewards
    order = {"order_total": Decimal(20), "currency": "EUR"}
    assert quote_coupon(reward.coupon.display_code, **order).valid


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    cents=st.integers(1, 10_000),
    parts=st.lists(st.integers(1, 4_000), max_size=5),
    issue_after=st.integers(0, 5),
)
def test_the_worth_of_a_reward_is_the_sum_of_its_ledger(advocate, cents, parts, issue_after):
    order = f"order-{next(numbers)}"
    amount = Decimal(cents) / 100
    reward = buy(advocate, order, f"{order}@example.org", str(amount))
    refunded = Decimal(0)
    for number, part in enumerate(parts):
        if number == issue_after:
            reward.refresh_from_db()
            issue_reward(reward, reason="a test")
        part_amount = min(Decimal(part) / 100, amount - refunded)
        if part_amount:
            refund(str(part_amount), f"{order}-{number}", order)
        refunded += part_amount
    reward.refresh_from_db()
    assert reward.balance == sum(entry.amount for entry in reward.entries.all())
    assert 0 <= reward.balance <= reward.amount
    assert (reward.balance == 0) or refunded < amount
    if reward.coupon and reward.coupon.state == "active":
        assert reward.coupon.amount == reward.balance


def test_terminal_states_lead_nowhere(advocate):
    reward = buy(advocate)
    void_reward(reward, reason="a test order")
    for _ in range(2):
        with pytest.raises(ReferralsError) as refused:
            void_reward(reward, reason="again")
        assert refused.value.code == "not_possible"
    assert not issue_reward(Reward.objects.get(pk=reward.pk), reason="a test")
    assert TRANSITIONS[RewardState.VOIDED] == frozenset()


@pytest.mark.parametrize("reason", ["", "  ", "\n"])
def test_staff_have_to_say_why(advocate, reason):
    with pytest.raises(InvalidInput):
        void_reward(buy(advocate), reason=reason)


def test_the_ledger_is_append_only(advocate):
    entry = buy(advocate).entries.get()
    entry.amount = Decimal(99)
    for forbidden in (
        entry.save,
        entry.delete,
        RewardEntry.objects.all().delete,
        lambda: RewardEntry.objects.update(amount=99),
    ):
        with pytest.raises(TypeError):
            forbidden()


def test_a_changed_rule_changes_the_future_only(program, advocate):
    reward = buy(advocate)
    program.advocate_offer.amount = Decimal(99)
    program.advocate_offer.save()
    program.rules.update(name="Another name")
    issue_due_rewards(at=timezone.now() + LATER)
    reward.refresh_from_db()
    assert (reward.coupon.amount, reward.rule_name) == (10, "The advocate's thank-you")


@pytest.fixture
def other_advocate(program):
    return join_program(program, find_or_add_person("eve@example.org"))


def test_a_repair_gives_the_waiting_reward_to_the_right_advocate(advocate, other_advocate):
    old = buy(advocate)
    referral = Referral.objects.get()
    repair_attribution(referral, other_advocate, reason="Eve showed us the message")
    old.refresh_from_db()
    new = Reward.objects.exclude(pk=old.pk).get()
    assert (old.state, new.state, new.balance) == ("voided", "pending", Decimal("10.00"))
    assert (new.person, new.hold_until) == (other_advocate.person, old.hold_until)
    assert AttributionChange.objects.get().reason == "Eve showed us the message"


def test_a_repair_can_be_repaired(advocate, other_advocate):
    buy(advocate)
    referral = Referral.objects.get()
    repair_attribution(referral, other_advocate, reason="by mistake")
    repair_attribution(referral, advocate, reason="back again")
    waiting = Reward.objects.get(state=RewardState.PENDING)
    assert (waiting.person, Reward.objects.count()) == (advocate.person, 3)


def test_a_repair_to_the_friend_or_to_nobody_new_is_refused(program, advocate):
    claim = claim_offer(advocate, email="bo@example.org")
    friend_too = join_program(program, claim.referral.friend)
    for wrong, code in ((friend_too, "self_referral"), (advocate, "not_possible")):
        with pytest.raises(ClaimRefused) as refused:
            repair_attribution(claim.referral, wrong, reason="try")
        assert refused.value.code == code


def test_rewards_that_cannot_be_given_let_the_others_have_their_turn(advocate, monkeypatch):
    broken = buy(advocate)
    buy(advocate, "2", "cy@example.org")
    prepare, at = issue.prepare, timezone.now() + LATER

    def fails(rewards, when):
        if rewards == [broken]:
            raise KeyError("a mistake")
        return prepare(rewards, when)

    monkeypatch.setattr(issue, "prepare", fails)
    assert [issue_due_rewards(at=at, limit=1) for turn in range(2)] == [0, 1]
    monkeypatch.setattr(issue, "prepare", prepare)
    assert issue_due_rewards(at=at) == 0
    assert issue_due_rewards(at=at + timedelta(hours=1)) == 1
    assert {state for (state,) in Reward.objects.values_list("state")} == {"issued"}
