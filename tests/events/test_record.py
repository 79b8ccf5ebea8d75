import json
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from tests.fixtures import make_program
from wagtail_referrals.api import Conflict, InvalidInput, ReferralsError, record_event
from wagtail_referrals.coupons.issue import issue_coupon
from wagtail_referrals.events.claim import claim_offer
from wagtail_referrals.events.models import Event
from wagtail_referrals.people.models import Person
from wagtail_referrals.people.register import find_or_add_person
from wagtail_referrals.referrals.join import join_program
from wagtail_referrals.referrals.models import AdvocateState, Grade, Referral, Stage
from wagtail_referrals.rewards.models import Decision, Reward


def buy(order="order-1", email="bo@example.org", amount="49.90", currency="EUR", **values):
    return record_event(
        "friends",
        "purchase",
        external_id=order,
        email=email,
        amount=Decimal(amount),
        currency=currency,
        **values,
    )


def refund(amount, id="refund-1", order="order-1", currency="EUR"):
    return record_event(
        "friends",
        "refund",
        external_id=id,
        amount=Decimal(amount),
        currency=currency,
        refund_of=order,
    )


def test_a_purchase_by_code_makes_the_referral_and_the_reward(advocate):
    result = buy(referral_code=advocate.display_code.lower())
    referral = Referral.objects.get()
    assert (referral.advocate, referral.stage, referral.grade) == (
        advocate,
        Stage.CONVERTED,
        Grade.A,
    )
    assert [reward.person for reward in result.rewards] == [advocate.person]


def test_a_purchase_with_a_coupon_that_was_handed_on_counts_for_who_gave_it(program, advocate):
    offer = program.friend_offer
    coupon = issue_coupon(program, offer, amount=offer.amount, given_by=advocate.person)
    assert buy(coupon_code=coupon.display_code).event.referral.advocate == advocate


def test_the_same_purchase_again_returns_the_first_result(advocate):
    first = buy(referral_code=advocate.display_code)
    again = buy(referral_code=advocate.display_code)
    assert (first.created, again.created) == (True, False)
    assert again.event == first.event
    assert again.rewards == first.rewards
    assert Reward.objects.count() == 1


@pytest.mark.parametrize(
    "other", [{"amount": "50.00"}, {"currency": "USD"}, {"email": "cy@example.org"}]
)
def test_the_same_id_that_says_something_else_is_a_conflict(advocate, other):
    buy()
    with pytest.raises(Conflict):
        buy(**other)
    assert Event.objects.get().amount == Decimal("49.90")


def test_ids_that_differ_in_case_are_two_events(program):
    assert buy("a1").event != buy("A1").event


def test_only_the_first_purchase_of_a_friend_earns_the_reward(advocate):
    buy(referral_code=advocate.display_code)
    second = buy("order-2")
    assert second.rewards == []
    assert [decision.reason for decision in second.decisions] == ["not_triggered"]
    assert second.event.referral is not None


def test_nobody_earns_by_their_own_code(advocate):
    result = buy(email="ANN@example.org", referral_code=advocate.display_code)
    assert (result.rewards, result.event.not_attributed) == ([], "self_referral")


def test_a_customers_own_code_is_their_own_code_all_the_same(advocate):
    buy(email="ann@example.org")
    result = buy("order-2", email="ann@example.org", referral_code=advocate.display_code)
    assert result.event.not_attributed == "self_referral"


def test_an_unknown_code_does_not_lose_the_purchase(advocate):
    result = buy(referral_code="nonsense")
    assert (result.created, result.event.not_attributed) == (True, "unknown")
    assert [decision.reason for decision in result.decisions] == ["unknown"]


def test_a_bad_code_does_not_take_away_the_recommendation_there_was(advocate):
    claim_offer(advocate, email="bo@example.org")
    assert buy(referral_code="nonsense").event.referral.advocate == advocate


def test_a_customer_cannot_be_referred_any_more(advocate):
    buy()
    result = buy("order-2", referral_code=advocate.display_code)
    assert result.event.not_attributed == "already_customer"


def test_a_purchase_after_the_window_earns_nothing(program, advocate):
    claim_offer(advocate, email="bo@example.org")
    Referral.objects.update(counts_until=timezone.now() - timedelta(days=1))
    result = buy()
    assert (result.rewards, result.event.not_attributed) == ([], "outside_window")


def test_a_purchase_from_before_the_recommendation_earns_nothing(program, advocate):
    claim_offer(advocate, email="bo@example.org")
    before = timezone.now() - timedelta(days=60)
    result = buy(occurred_at=before)
    assert (result.rewards, result.event.not_attributed) == ([], "outside_window")


def test_an_advocate_who_is_paused_earns_nothing_by_their_code(advocate):
    advocate.state = AdvocateState.PAUSED
    advocate.save()
    assert buy(referral_code=advocate.display_code).event.not_attributed == "unknown"


def test_the_window_is_the_one_of_the_day_it_began(program, advocate):
    referral = claim_offer(advocate, email="bo@example.org").referral
    program.attribution_window_days = 1
    program.save()
    referral.refresh_from_db()
    assert referral.counts_until > timezone.now() + timedelta(days=89)


def test_the_code_of_another_program_counts_for_nobody(advocate):
    other = join_program(make_program("others"), find_or_add_person("eve@example.org"))
    assert buy(referral_code=other.display_code).event.not_attributed == "unknown"


def test_a_closed_program_records_and_rewards_nothing(program, advocate):
    program.is_active = False
    program.save()
    result = buy(referral_code=advocate.display_code)
    assert [decision.reason for decision in result.decisions] == ["closed"]


def test_a_program_without_offers_says_so_in_its_decision(program, advocate):
    program.advocate_offer = None
    program.save()
    result = buy(referral_code=advocate.display_code)
    assert [decision.reason for decision in result.decisions] == ["no_offer"]
    assert Decision.objects.get().granted is False


def test_money_of_another_currency_meets_no_minimum(program, advocate):
    program.rules.filter(trigger="first_purchase").update(
        conditions=[{"key": "order_amount", "options": {"at_least": "30", "currency": "EUR"}}]
    )
    result = buy(currency="USD", referral_code=advocate.display_code)
    assert [decision.reason for decision in result.decisions] == ["condition"]


def test_an_order_below_the_minimum_earns_nothing(program, advocate):
    program.rules.filter(trigger="first_purchase").update(
        conditions=[{"key": "order_amount", "options": {"at_least": "50", "currency": "EUR"}}]
    )
    result = buy(referral_code=advocate.display_code)
    assert [decision.reason for decision in result.decisions] == ["condition"]


def test_a_purchase_of_nothing_is_a_purchase(program):
    assert buy(amount="0.00").event.amount == 0


def test_an_event_of_ones_own_kind_is_recorded(program):
    result = record_event("friends", "visit.booked", external_id="1", email="bo@example.org")
    assert (result.created, result.event.amount) == (True, None)


def test_a_refund_of_a_purchase_we_do_not_know_is_refused(program):
    with pytest.raises(Conflict) as refused:
        refund("1.00")
    assert refused.value.code == "unknown_purchase"


def test_refunds_never_exceed_the_order(program):
    buy()
    refund("40.00")
    with pytest.raises(Conflict) as refused:
        refund("10.00", id="refund-2")
    assert refused.value.code == "refund_exceeds_order"
    assert Event.objects.get(kind="purchase").refunded == Decimal("40.00")


def test_a_refund_in_another_currency_is_refused(program):
    buy()
    with pytest.raises(Conflict) as refused:
        refund("1.00", currency="USD")
    assert refused.value.code == "wrong_currency"


def test_the_same_refund_again_takes_nothing_more(program):
    buy()
    assert [refund("10.00").created, refund("10.00").created] == [True, False]
    assert Event.objects.get(kind="purchase").refunded == Decimal("10.00")


@pytest.mark.parametrize(
    "values, code",
    [
        ({"amount": "1_000.00"}, "invalid_amount"),
        ({"kind": "Purchase!"}, "invalid_kind"),
        ({"kind": "feedback.submitted"}, "invalid_kind"),
        ({"external_id": ""}, "invalid_id"),
        ({"external_id": "x" * 256}, "invalid_id"),
        ({"external_id": "a\0b"}, "invalid_id"),
        ({"email": ""}, "invalid_email"),
        ({"email": "a" * 300 + "@example.org"}, "invalid_email"),
        ({"email": "ann@example.org\nBcc: x@example.org"}, "invalid_email"),
        ({"email": "😀@example.org"}, "invalid_email"),
        ({"amount": None}, "invalid_amount"),
        ({"amount": Decimal("-1")}, "invalid_amount"),
        ({"amount": Decimal("0." + "1" * 20)}, "invalid_amount"),
        ({"amount": Decimal("NaN")}, "invalid_amount"),
        ({"amount": Decimal("Infinity")}, "invalid_amount"),
        ({"amount": "ten"}, "invalid_amount"),
        ({"currency": ""}, "invalid_currency"),
        ({"currency": "EURO"}, "invalid_currency"),
        ({"occurred_at": timezone.now() + timedelta(days=3)}, "invalid_time"),
        ({"occurred_at": "yesterday"}, "invalid_time"),
        ({"metadata": {"x": object()}}, "invalid_metadata"),
        ({"metadata": {"x": "\0"}}, "invalid_metadata"),
        ({"metadata": {"x": "\ud800"}}, "invalid_metadata"),
        ({"metadata": json.loads('{"x": ' + "[" * 50 + "]" * 50 + "}")}, "invalid_metadata"),
        ({"metadata": {"x": "y" * 30_000}}, "invalid_metadata"),
        ({"metadata": {"x": float("nan")}}, "invalid_metadata"),
    ],
)
def test_a_value_no_call_could_accept_is_named_and_nothing_is_stored(program, values, code):
    given = {
        "kind": "purchase",
        "external_id": "1",
        "email": "bo@example.org",
        "amount": 1,
        "currency": "EUR",
        **values,
    }
    with pytest.raises(InvalidInput) as refused:
        record_event("friends", given.pop("kind"), **given)
    assert refused.value.code == code
    assert not Event.objects.exists()
    assert not Person.objects.exists()


@pytest.mark.parametrize("slug", ["FRIENDS", "friénds", "fri\0ends", "\ud800", "x" * 2000, ""])
def test_a_program_is_known_by_its_slug_alone(program, slug):
    with pytest.raises(ReferralsError) as refused:
        record_event(slug, "visit", external_id="1")
    assert refused.value.code == "unknown_program"


def test_an_unknown_program_is_named(db):
    with pytest.raises(ReferralsError) as refused:
        buy()
    assert refused.value.code == "unknown_program"


def test_a_first_purchase_that_was_sent_back_whole_was_none(advocate):
    buy(referral_code=advocate.display_code)
    refund("49.90")
    assert Person.objects.get(email="bo@example.org").customer_since is None
    again = buy("order-2")
    assert [reward.person for reward in again.rewards] == [advocate.person]
    assert Reward.objects.filter(state="pending").count() == 1


def test_a_customer_who_keeps_one_of_two_orders_stays_one(program):
    buy()
    buy("order-2")
    refund("49.90")
    assert Person.objects.get(email="bo@example.org").customer_since is not None


def test_an_unknown_coupon_is_named_too(advocate):
    assert buy(coupon_code="nonsense").event.not_attributed == "unknown"
