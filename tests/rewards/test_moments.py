"""Thanking by itself: every advocate hears of a friend once, and nobody gets two mails for it."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from tests.rewards.buying import buy
from wagtail_referrals.api import record_event
from wagtail_referrals.events.claim import claim_offer
from wagtail_referrals.feedback.models import FeedbackResponse
from wagtail_referrals.feedback.submit import Answers, submit_feedback
from wagtail_referrals.messages.models import Message
from wagtail_referrals.people.block import block_person
from wagtail_referrals.people.erase import erase_person
from wagtail_referrals.people.register import find_or_add_person
from wagtail_referrals.programs.models import Program
from wagtail_referrals.referrals.models import Advocate, AdvocateState
from wagtail_referrals.rewards.approve import approve_rewards, hold_rewards
from wagtail_referrals.rewards.models import Reward
from wagtail_referrals.rewards.moments import NOTES, note_for
from wagtail_referrals.rewards.rule_models import RewardRule
from wagtail_referrals.rewards.take_back import void_reward


def mails_to(advocate: Advocate) -> list[str]:
    own = Message.objects.filter(person=advocate.person).order_by("pk")
    return list(own.values_list("kind", flat=True))


def purchase(advocate: Advocate, order: str = "1", **values: Any) -> Any:
    return record_event(
        advocate.program,
        "purchase",
        external_id=order,
        email=f"friend-{order}@example.org",
        amount=Decimal("50.00"),
        currency="EUR",
        referral_code=advocate.display_code,
        **values,
    )


@pytest.fixture
def without_rewards(program: Program) -> None:
    RewardRule.objects.filter(trigger="first_purchase").delete()


def test_who_joined_without_a_coupon_gets_their_link_by_mail(program, feedback_page):
    RewardRule.objects.filter(trigger="feedback.submitted").delete()
    submit_feedback(feedback_page, program, Answers("ann@example.org", score=9))
    (mail,) = Message.objects.filter(person__email="ann@example.org")
    assert mail.kind == "welcome"
    assert Advocate.objects.get().display_code in mail.context["share_link"]


def test_who_joined_with_a_coupon_has_the_link_in_that_mail(program, feedback_page):
    submit_feedback(feedback_page, program, Answers("ann@example.org", score=9))
    assert mails_to(Advocate.objects.get()) == ["coupon_to_hand_on"]


def test_who_answers_again_is_not_welcomed_again(program, feedback_page):
    RewardRule.objects.filter(trigger="feedback.submitted").delete()
    at = timezone.now() - timedelta(days=50)
    for days in (0, 40):
        submit_feedback(
            feedback_page,
            program,
            Answers("ann@example.org", score=9),
            at=at + timedelta(days=days),
        )
    assert FeedbackResponse.objects.count() == 2
    assert mails_to(Advocate.objects.get()) == ["welcome"]


def test_an_advocate_hears_that_a_friend_claimed(advocate):
    claim_offer(advocate, email="bo@example.org")
    assert mails_to(advocate) == ["friend_claimed"]


def test_of_several_friends_on_one_day_the_first_is_told_of(advocate):
    for number in range(5):
        claim_offer(advocate, email=f"friend-{number}@example.org")
    assert mails_to(advocate) == ["friend_claimed"]


def test_no_mail_holds_more_of_a_friend_than_the_first_name(advocate):
    find_or_add_person("bo@example.org", name="Bo Buyer")
    claim_offer(advocate, email="bo@example.org")
    context = Message.objects.get(kind="friend_claimed").context
    assert context["friend_first_name"] == "Bo"
    assert "Buyer" not in str(context) and "bo@" not in str(context)


def test_a_purchase_with_a_reward_that_waits_is_one_mail(advocate):
    buy(advocate)
    assert mails_to(advocate) == ["reward_pending"]


def test_a_purchase_with_a_reward_given_at_once_is_one_mail(advocate):
    RewardRule.objects.filter(trigger="first_purchase").update(hold_days=0)
    buy(advocate)
    assert mails_to(advocate) == ["reward_issued"]


def test_a_purchase_with_a_reward_that_is_looked_at_is_one_mail(advocate):
    RewardRule.objects.filter(trigger="first_purchase").update(approval="always")
    buy(advocate)
    assert mails_to(advocate) == ["friend_bought"]


def test_a_purchase_without_a_reward_is_a_thank_you_note(advocate, without_rewards):
    purchase(advocate)
    (kind,) = mails_to(advocate)
    assert kind.startswith("thank_you_")


def test_only_the_first_purchase_of_a_friend_is_thanked_for(advocate, without_rewards):
    purchase(advocate)
    Message.objects.all().delete()
    record_event(
        advocate.program,
        "purchase",
        external_id="again",
        email="friend-1@example.org",
        amount=20,
        currency="EUR",
    )
    assert mails_to(advocate) == []


def test_the_same_report_again_thanks_nobody_again(advocate, without_rewards):
    for _ in range(2):
        purchase(advocate)
    assert len(mails_to(advocate)) == 1


def test_old_orders_that_are_reported_now_are_no_news(advocate, without_rewards):
    advocate.program.starts_at = timezone.now() - timedelta(days=90)
    advocate.program.save()
    claim_offer(advocate, email="friend-1@example.org", at=timezone.now() - timedelta(days=40))
    Message.objects.all().delete()
    purchase(advocate, occurred_at=timezone.now() - timedelta(days=30))
    assert mails_to(advocate) == []


@pytest.mark.parametrize("state", [AdvocateState.PAUSED, AdvocateState.LEFT])
def test_who_is_paused_or_left_hears_nothing(advocate, without_rewards, state):
    claim_offer(advocate, email="friend-1@example.org")
    Message.objects.all().delete()
    Advocate.objects.update(state=state)
    record_event(
        advocate.program,
        "purchase",
        external_id="1",
        email="friend-1@example.org",
        amount=20,
        currency="EUR",
    )
    assert mails_to(advocate) == []


def test_who_is_blocked_hears_nothing(advocate, without_rewards):
    claim_offer(advocate, email="friend-1@example.org")
    Message.objects.all().delete()
    block_person(advocate.person, reason="Sold the code")
    record_event(
        advocate.program,
        "purchase",
        external_id="1",
        email="friend-1@example.org",
        amount=20,
        currency="EUR",
    )
    assert mails_to(advocate) == []


def test_a_partner_sees_it_on_their_own_page(advocate, landing):
    Advocate.objects.update(landing_page=landing)
    advocate.refresh_from_db()
    claim_offer(advocate, email="bo@example.org")
    assert mails_to(advocate) == []


def test_notes_differ_by_their_seed_and_are_all_used():
    kinds = {note_for(f"{number}:2026-11-22") for number in range(100)}
    assert kinds == {f"thank_you_{number + 1}" for number in range(NOTES)}
    assert note_for("7:2026-11-22") == note_for("7:2026-11-22")


def test_the_name_in_it_goes_with_the_friend(advocate):
    bo = find_or_add_person("bo@example.org", name="Bo Buyer")
    claim_offer(advocate, email="bo@example.org")
    erase_person(bo, reason="Asked for it")
    assert Message.objects.get(kind="friend_claimed").context["friend_first_name"] == ""


def test_who_waited_for_a_look_hears_that_it_is_approved(advocate):
    RewardRule.objects.filter(trigger="first_purchase").update(approval="always")
    reward = buy(advocate)
    approve_rewards([reward], reason="Looks good")
    mail = Message.objects.get(kind="reward_approved")
    assert mail.person == advocate.person and mail.context["hold_until"]


def test_who_knew_of_the_reward_hears_nothing_of_an_approval(advocate):
    approve_rewards([buy(advocate)], reason="Looks good")
    assert mails_to(advocate) == ["reward_pending"]


def test_what_is_given_within_a_day_is_told_of_by_being_given(advocate):
    RewardRule.objects.filter(trigger="first_purchase").update(approval="always", hold_days=0)
    approve_rewards([buy(advocate)], reason="Looks good")
    assert "reward_approved" not in mails_to(advocate)


def test_held_and_approved_again_is_told_of_once(advocate):
    reward = buy(advocate)
    for _ in range(2):
        hold_rewards([reward], reason="One more look")
        approve_rewards([reward], reason="Looks good")
    assert mails_to(advocate).count("reward_approved") == 1


def test_staff_can_say_why_a_reward_is_refused_in_words_for_the_customer(advocate):
    reward = buy(advocate)
    void_reward(reward, reason="Same bank account as the friend", tell="terms")
    mail = Message.objects.get(kind="reward_refused")
    assert mail.context["reason"] == "It did not meet the terms of the program."
    assert "bank" not in str(mail.context)
    assert "reward_withdrawn" not in mails_to(advocate)


def test_without_a_reason_to_tell_nobody_is_told_more_than_before(advocate):
    RewardRule.objects.filter(trigger="first_purchase").update(approval="always")
    void_reward(buy(advocate), reason="Same bank account as the friend")
    assert mails_to(advocate) == ["friend_bought"]


@pytest.fixture
def budget(program: Program) -> Program:
    program.budget_rewards, program.notify_email = 10, "owner@example.org"
    program.save()
    return program


def test_the_owner_hears_once_that_a_budget_runs_low(budget, advocate):
    for number in range(7):
        buy(advocate, str(number))
    assert not Message.objects.filter(kind="budget_low").exists()
    buy(advocate, "7")
    buy(advocate, "8")
    mail = Message.objects.get(kind="budget_low")
    assert mail.person.email == "owner@example.org"
    assert (mail.context["used"], mail.context["most"]) == ("8 rewards", "10 rewards")


def test_a_refund_does_not_make_it_run_low_again(budget, advocate):
    for number in range(8):
        buy(advocate, str(number))
    reward = Reward.objects.filter(beneficiary="advocate").first()
    assert reward
    void_reward(reward, reason="Sent back")
    buy(advocate, "8")
    assert Message.objects.filter(kind="budget_low").count() == 1


def test_a_new_budget_is_told_of_anew(budget, advocate):
    for number in range(8):
        buy(advocate, str(number))
    Program.objects.update(budget_rewards=20)
    advocate.refresh_from_db()
    for number in range(8, 17):
        buy(advocate, str(number))
    assert Message.objects.filter(kind="budget_low").count() == 2


def test_what_is_used_up_at_one_blow_is_told_of_as_such(budget, advocate):
    Program.objects.update(budget_rewards=1)
    advocate.refresh_from_db()
    buy(advocate)
    kinds = Message.objects.filter(person__email="owner@example.org").values_list("kind", flat=True)
    assert list(kinds) == ["running_dry"]
