"""Which offer each side was promised is kept with the referral, whichever the program has now."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.rewards.buying import buy
from tests.trials import run_trial
from wagtail_referrals.api import record_event
from wagtail_referrals.events.claim import claim_offer
from wagtail_referrals.people.export import export_person
from wagtail_referrals.people.register import find_or_add_person
from wagtail_referrals.programs.experiment_models import Subject
from wagtail_referrals.programs.models import AttributionModel, Offer, Program
from wagtail_referrals.referrals.join import join_program
from wagtail_referrals.referrals.models import Advocate, Referral
from wagtail_referrals.referrals.refer import repair_attribution
from wagtail_referrals.rewards.models import Reward
from wagtail_referrals.rewards.rehearsal import Sample, facts_of
from wagtail_referrals.rewards.rule_models import RewardRule, RuleEffect

FRIEND = "friend-1@example.org"


@pytest.fixture
def less(db: None) -> Offer:
    """What the program gives from some day on."""
    return Offer.objects.create(name="Less", kind="fixed", amount=Decimal(3), currency="EUR")


def fresh(advocate: Advocate) -> Advocate:
    """As the next request reads them."""
    related = ("program__friend_offer", "program__advocate_offer", "person", "friend_offer")
    return Advocate.objects.select_related(*related).get(pk=advocate.pk)


def offer_from_now(program: Program, **offers: Offer) -> None:
    Program.objects.filter(pk=program.pk).update(**offers)


def edit(offer: Offer, **changes: Any) -> None:
    """As an owner who mends the offer itself."""
    Offer.objects.filter(pk=offer.pk).update(**changes)


def effect_of(program: Program, beneficiary: str, trigger: str = "first_purchase") -> RuleEffect:
    rule = RewardRule(program=Program.objects.get(pk=program.pk), trigger=trigger)
    rule.event_kind = "feedback.submitted" if trigger.startswith("feedback") else "purchase"
    return RuleEffect(rule=rule, beneficiary=beneficiary)


def test_an_advocate_gets_what_was_promised_when_the_friend_came(
    advocate: Advocate, less: Offer
) -> None:
    claim_offer(advocate, email=FRIEND)
    offer_from_now(advocate.program, advocate_offer=less)
    assert buy(fresh(advocate)).balance == 10


def test_for_a_friend_who_comes_later_they_get_what_is_promised_then(
    advocate: Advocate, less: Offer
) -> None:
    offer_from_now(advocate.program, advocate_offer=less)
    claim_offer(fresh(advocate), email=FRIEND)
    assert buy(fresh(advocate)).balance == 3


def test_an_edit_of_the_offer_changes_nothing_for_whom_it_was_promised(advocate: Advocate) -> None:
    claim_offer(advocate, email=FRIEND)
    edit(advocate.program.advocate_offer, amount=3, valid_days=1, first_order_only=True)
    reward = buy(fresh(advocate))
    assert (reward.balance, reward.valid_days, reward.first_order_only) == (10, 90, False)


def test_it_counts_for_friends_who_come_later(advocate: Advocate) -> None:
    edit(advocate.program.advocate_offer, amount=3)
    claim_offer(fresh(advocate), email=FRIEND)
    assert buy(fresh(advocate)).balance == 3


def test_what_was_promised_is_still_said_in_its_words(advocate: Advocate) -> None:
    Offer.objects.update(wording="As much as you like")
    claim_offer(fresh(advocate), email=FRIEND)
    edit(advocate.program.advocate_offer, wording="A little something")
    assert buy(fresh(advocate)).headline == "As much as you like"


def test_another_kind_is_given_in_the_way_of_what_was_promised(advocate: Advocate) -> None:
    claim_offer(advocate, email=FRIEND)
    edit(advocate.program.advocate_offer, kind="cash", fulfilment="payout")
    reward = buy(fresh(advocate))
    assert (reward.kind, reward.fulfilment) == ("fixed", "coupon")


def test_how_the_same_is_given_follows_the_offer(advocate: Advocate) -> None:
    claim_offer(advocate, email=FRIEND)
    edit(advocate.program.advocate_offer, fulfilment="text")
    assert buy(fresh(advocate)).fulfilment == "text"


def test_a_friend_is_owed_what_the_offer_said_when_they_came(advocate: Advocate) -> None:
    referral = claim_offer(advocate, email=FRIEND).referral
    edit(advocate.program.friend_offer, amount=99)
    referral.refresh_from_db()
    given = effect_of(advocate.program, "friend").effective_offer(fresh(advocate), referral)
    assert given is not None and given.amount == 10


def test_the_offer_itself_stays_as_it_is_now(advocate: Advocate) -> None:
    claim_offer(advocate, email=FRIEND)
    edit(advocate.program.advocate_offer, amount=3)
    buy(fresh(advocate))
    assert Offer.objects.get(pk=advocate.program.advocate_offer.pk).amount == 3


def test_who_asks_for_their_data_reads_what_they_were_promised(advocate: Advocate) -> None:
    claim_offer(advocate, email=FRIEND)
    edit(advocate.program.advocate_offer, amount=3)
    [row] = export_person(advocate.person)["recommendations"]
    assert row["advocate_offer"] == "€10 off"
    assert "advocate_offer_terms" not in row


def test_where_nothing_was_noted_the_offer_is_what_it_is(advocate: Advocate) -> None:
    claim_offer(advocate, email=FRIEND)
    Referral.objects.update(advocate_offer_terms={})
    edit(advocate.program.advocate_offer, amount=3)
    assert buy(fresh(advocate)).balance == 3


def test_a_friend_gets_what_was_promised_when_they_came(advocate: Advocate, less: Offer) -> None:
    promised = advocate.program.friend_offer
    referral = claim_offer(advocate, email=FRIEND).referral
    offer_from_now(advocate.program, friend_offer=less)
    given = effect_of(advocate.program, "friend").effective_offer(fresh(advocate), referral)
    assert given == promised


def test_a_code_said_at_the_till_is_a_promise_to_the_advocate_too(
    advocate: Advocate, less: Offer
) -> None:
    buy(advocate)
    assert Referral.objects.get().advocate_offer == advocate.program.advocate_offer


def test_a_rule_with_an_offer_of_its_own_gives_that(advocate: Advocate, less: Offer) -> None:
    claim_offer(advocate, email=FRIEND)
    RuleEffect.objects.filter(beneficiary="advocate").update(offer=less)
    assert buy(fresh(advocate)).balance == 3


def test_who_recommends_last_gets_what_was_promised_by_then(
    advocate: Advocate, less: Offer
) -> None:
    Program.objects.update(attribution_model=AttributionModel.LAST)
    claim_offer(fresh(advocate), email=FRIEND)
    other = join_program(advocate.program, find_or_add_person("eve@example.org"))
    offer_from_now(advocate.program, advocate_offer=less)
    assert buy(fresh(other)).balance == 3


def test_who_recommends_again_after_the_window_gets_what_is_promised_by_then(
    advocate: Advocate, less: Offer
) -> None:
    claim_offer(advocate, email=FRIEND)
    offer_from_now(advocate.program, advocate_offer=less)
    claim_offer(fresh(advocate), email=FRIEND, at=timezone.now() + timedelta(days=91))
    assert Referral.objects.get().advocate_offer == less


def test_a_repair_hands_on_what_was_promised_for_the_friend(
    advocate: Advocate, less: Offer
) -> None:
    referral = claim_offer(advocate, email=FRIEND).referral
    offer_from_now(advocate.program, advocate_offer=less)
    other = join_program(advocate.program, find_or_add_person("eve@example.org"))
    repair_attribution(referral, other, reason="Eve showed us the message")
    order = {"external_id": "1", "email": FRIEND, "amount": 50, "currency": "EUR"}
    record_event("friends", "purchase", **order)
    reward = Reward.objects.get(beneficiary="advocate")
    assert (reward.person, reward.balance) == (other.person, 10)


def test_where_nothing_was_noted_the_program_says_it(advocate: Advocate, less: Offer) -> None:
    referral = claim_offer(advocate, email=FRIEND).referral
    referral.advocate_offer = None
    run_trial(advocate.program, Subject.ADVOCATE_OFFER, offer=less)
    given = effect_of(advocate.program, "advocate").effective_offer(advocate, referral)
    assert given == advocate.program.advocate_offer


def test_what_is_given_for_feedback_is_no_promise_for_a_friend(
    advocate: Advocate, less: Offer
) -> None:
    referral = claim_offer(advocate, email=FRIEND).referral
    offer_from_now(advocate.program, advocate_offer=less)
    effect = effect_of(advocate.program, "advocate", trigger="feedback_submitted")
    assert effect.effective_offer(fresh(advocate), referral) == less


def test_a_rehearsal_promises_what_the_code_has_drawn(advocate: Advocate, less: Offer) -> None:
    run_trial(advocate.program, Subject.ADVOCATE_OFFER, offer=less)
    facts = facts_of(advocate.program, Sample(kind="purchase", advocate=advocate))
    effect = effect_of(advocate.program, "advocate")
    assert effect.effective_offer(facts.advocate, facts.referral) == less


def test_an_older_promise_costs_no_query_when_the_friend_buys(
    advocate: Advocate, less: Offer
) -> None:
    def queries_of(order: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            order_of: dict[str, Any] = {"amount": 50, "currency": "EUR"}
            email = f"friend-{order}@example.org"
            record_event("friends", "purchase", external_id=order, email=email, **order_of)
        return len(captured)

    for number in "123":
        claim_offer(advocate, email=f"friend-{number}@example.org")
    queries_of("1")
    as_promised_now = queries_of("2")
    offer_from_now(advocate.program, advocate_offer=less)
    assert queries_of("3") == as_promised_now
    amounts = Reward.objects.filter(beneficiary="advocate").values_list("amount", flat=True)
    assert set(amounts) == {10}
