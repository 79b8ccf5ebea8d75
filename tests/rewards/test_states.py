"""A reward follows its coupon, and people hear of what becomes of theirs."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.rewards.buying import LATER, buy, issue_all, kinds, ledger, refund
from wagtail_referrals.api import redeem_coupon, roll_back_redemption
from wagtail_referrals.coupons.issue import extend_coupon, issue_coupon, reissue_coupon, void_coupon
from wagtail_referrals.messages.compose import compose
from wagtail_referrals.messages.models import Message
from wagtail_referrals.rewards import expire
from wagtail_referrals.rewards.expire import expire_rewards
from wagtail_referrals.rewards.models import Reward
from wagtail_referrals.rewards.rule_models import Allowance
from wagtail_referrals.rewards.take_back import void_reward


@pytest.fixture
def reward(advocate):
    """Issued, with a coupon of €10."""
    buy(advocate)
    issue_all()
    return Reward.objects.select_related("coupon").get()


def use(coupon, order="own", after=LATER):
    values = {"order_total": Decimal(20), "currency": "EUR", "at": timezone.now() + after}
    return redeem_coupon(coupon.display_code, order_id=order, **values)


def state_of(reward):
    return Reward.objects.get(pk=reward.pk).state


def test_a_used_coupon_is_a_redeemed_reward_and_back(reward):
    use(reward.coupon)
    assert state_of(reward) == "redeemed"
    roll_back_redemption(reward.coupon.display_code, order_id="own")
    assert state_of(reward) == "issued"
    use(reward.coupon, "another")
    assert kinds(reward)[-3:] == ["redeemed", "issued", "redeemed"]


def test_a_reward_stays_redeemed_until_the_last_use_is_given_back(reward):
    type(reward.coupon).objects.update(max_uses=3)
    for order in ("a", "b"):
        use(reward.coupon, order)
    roll_back_redemption(reward.coupon.display_code, order_id="a")
    assert state_of(reward) == "redeemed"
    roll_back_redemption(reward.coupon.display_code, order_id="b")
    assert state_of(reward) == "issued"
    assert kinds(reward).count("redeemed") == 1


def test_a_redemption_of_a_coupon_that_is_no_rewards_costs_one_look_more(program):
    offer = program.friend_offer
    coupon = issue_coupon(program, offer, amount=Decimal(5), max_uses=5)
    with CaptureQueriesContext(connection) as queries:
        use(coupon)
    about_rewards = [q["sql"] for q in queries if "wagtail_referrals_reward" in q["sql"]]
    assert len(about_rewards) == 1
    assert about_rewards[0].startswith("SELECT")


def over(reward):
    return reward.coupon.expires_at + timedelta(minutes=1)


def test_an_unused_coupon_that_runs_out_ends_its_reward(reward):
    assert expire_rewards(at=over(reward)) == 1
    assert expire_rewards(at=over(reward)) == 0
    assert ledger(reward)[-1] == ("expired", Decimal("-10.00"), 0)


def test_a_coupon_extended_in_the_same_moment_does_not_expire(reward, monkeypatch):
    end_it = expire._expire

    def overtaken(reward, at):
        extend_coupon(reward.coupon, at + LATER, reason="a kindness")
        return end_it(reward, at)

    monkeypatch.setattr(expire, "_expire", overtaken)
    assert expire_rewards(at=over(reward)) == 0
    assert state_of(reward) == "issued"


def test_one_extended_in_time_expires_at_its_new_end(reward):
    old_end = over(reward)
    extend_coupon(reward.coupon, old_end + LATER, reason="a kindness")
    assert expire_rewards(at=old_end) == 0
    assert expire_rewards(at=old_end + LATER) == 1


@pytest.mark.needs_database("sqlite")  # the others read a table as small as this one whole
def test_what_has_run_out_is_found_by_an_index(reward):
    with CaptureQueriesContext(connection) as queries, connection.cursor() as cursor:
        expire_rewards()
        cursor.execute(f"EXPLAIN QUERY PLAN {queries.captured_queries[0]['sql']}")
        assert "referrals_reward_over" in str(cursor.fetchall())


def test_an_expired_reward_whose_coupon_is_extended_is_granted_anew(reward):
    at = over(reward)
    expire_rewards(at=at)
    extend_coupon(reward.coupon, at + LATER, reason="was in hospital", at=at)
    old, new = Reward.objects.order_by("pk")
    assert (old.state, old.balance, old.coupon, old.award_key) == ("expired", 0, None, None)
    assert (new.state, new.balance, new.coupon) == ("issued", Decimal("10.00"), reward.coupon)
    assert ledger(new) == [("granted", Decimal("10.00"), 0), ("issued", 0, 0)]
    use(reward.coupon, after=at - timezone.now())
    assert state_of(new) == "redeemed"
    assert expire_rewards(at=at + LATER + LATER) == 0


def test_what_is_granted_anew_takes_nothing_of_limits(program, advocate):
    program.rules.update(
        limits=[{"per": "rule", "period": "lifetime", "measure": "amount", "most": "10.00"}]
    )
    buy(advocate)
    issue_all()
    reward = Reward.objects.select_related("coupon").get()
    expire_rewards(at=over(reward))
    extend_coupon(reward.coupon, over(reward) + LATER, reason="a kindness", at=over(reward))
    assert Allowance.objects.get().used == 0
    assert Reward.objects.get(state="issued").allowances == {}


def test_a_reissued_coupon_takes_its_reward_along(reward):
    new = reissue_coupon(reward.coupon, reason="the mail was lost")
    use(new)
    assert Reward.objects.get().coupon == new
    assert state_of(reward) == "redeemed"


def test_a_voided_coupon_is_a_reward_taken_back(reward, django_user_model):
    boss = django_user_model.objects.create_user("boss")
    void_coupon(reward.coupon, reason="sold on the web", user=boss)
    assert ledger(reward)[-1][:2] == ("clawed_back", Decimal("-10.00"))
    assert reward.entries.last().user == boss


def sent(kind):
    return Message.objects.filter(kind=kind)


def test_somebody_who_was_told_of_a_reward_hears_that_it_is_withdrawn(advocate):
    reward = buy(advocate)
    void_reward(reward, reason="not their friend")
    mail = compose(sent("reward_withdrawn").get())
    assert mail.subject == "No longer valid: €10 off"
    assert "not their friend" not in mail.body


def test_a_reward_nobody_was_told_of_is_withdrawn_without_a_word(program, advocate):
    program.rules.update(approval="always")
    void_reward(buy(advocate), reason="a test order")
    assert not sent("reward_withdrawn").exists()


def test_a_reward_that_is_set_against_a_debt_says_so(advocate):
    first = buy(advocate, "1")
    issue_all()
    first.refresh_from_db()
    use(first.coupon)
    refund("1")
    first.refresh_from_db()
    assert (first.state, first.owed) == ("clawed_back", Decimal("10.00"))
    buy(advocate, "2")
    issue_all()
    second = Reward.objects.exclude(pk=first.pk).get()
    assert (second.state, second.balance) == ("redeemed", 0)
    assert sent("reward_issued").count() == 1
    assert "set the new one against it" in compose(sent("reward_settled").get()).body


def reissued_after_a_use(reward):
    type(reward.coupon).objects.update(max_uses=3)
    use(reward.coupon, "old")
    return reissue_coupon(reward.coupon, reason="the mail was lost")


def test_a_use_of_the_code_before_the_reissued_one_is_owed(reward):
    new = reissued_after_a_use(reward)
    use(reissue_coupon(new, reason="lost again"), "new")
    refund()
    assert Reward.objects.get().owed == Decimal("20.00")


def test_a_use_of_the_old_code_given_back_is_not_owed_any_more(reward):
    reissue_coupon(reissued_after_a_use(reward), reason="lost again")
    refund()
    assert Reward.objects.get().owed == Decimal("10.00")
    roll_back_redemption(reward.coupon.display_code, order_id="old")
    assert Reward.objects.get().owed == 0


def test_the_last_use_given_back_makes_a_reissued_reward_good_again(reward):
    new = reissued_after_a_use(reward)
    use(new, "new")
    roll_back_redemption(new.display_code, order_id="new")
    assert state_of(reward) == "redeemed"
    roll_back_redemption(reward.coupon.display_code, order_id="old")
    assert state_of(reward) == "issued"
