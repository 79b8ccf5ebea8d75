"""Steps and groups: each friend of an advocate has a number of their own, whoever buys at once."""

from decimal import Decimal
from functools import partial

import pytest

from tests.concurrency.racing import Meeting, race, refusals
from tests.concurrency.shop import buy, faults, fixed, join, make_rule, refund
from wagtail_referrals.events import attribute, record
from wagtail_referrals.events.models import Event
from wagtail_referrals.referrals.models import Advocate
from wagtail_referrals.rewards.models import Decision, Reward
from wagtail_referrals.rewards.rule_models import RuleEffect

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

FRIENDS = 24


@pytest.fixture
def advocate(program):
    return join(program, 1)[0]


def make_stepped_rule(program, **values):
    """10 euros for the first three friends, 20 from the fourth on."""
    steps = [{"from": "1", "amount": "10.00"}, {"from": "4", "amount": "20.00"}]
    options = {"by": "friends", "steps": steps}
    effect = RuleEffect(formula="stepped", formula_options=options)
    return make_rule(program, [effect], name="Steps", **values)


def all_buy(advocate, first=0):
    numbers = range(first, first + FRIENDS)
    # Each with a row of its own in memory, as each request has.
    return [partial(buy, Advocate.objects.get(pk=advocate.pk), number) for number in numbers]


def worth():
    return sorted(Reward.objects.values_list("balance", flat=True))


def test_from_the_fourth_friend_on_each_brings_the_higher_step(program, advocate):
    make_stepped_rule(program)
    assert not refusals(race(all_buy(advocate)))
    numbers = Event.objects.filter(kind="purchase").values_list("friends_converted", flat=True)
    assert sorted(numbers) == list(range(1, FRIENDS + 1))
    assert worth() == [Decimal("10.00")] * 3 + [Decimal("20.00")] * (FRIENDS - 3)
    advocate.refresh_from_db()
    assert (advocate.friends_converted, advocate.friends_value) == (FRIENDS, FRIENDS * 50)
    assert not faults()


def test_of_a_group_one_rule_grants_for_each_friend(program, advocate):
    group = {"exclusive_group": "thanks", "exclusive_by": "best"}
    make_stepped_rule(program, **group)
    make_rule(program, [fixed("12.00")], name="Flat", **group)
    assert not refusals(race(all_buy(advocate)))
    assert worth() == [Decimal("12.00")] * 3 + [Decimal("20.00")] * (FRIENDS - 3)
    refused = Decision.objects.filter(granted=False)
    assert refused.filter(reason="exclusive").count() == refused.count() == FRIENDS
    assert not faults()


def test_orders_sent_back_meanwhile_leave_the_counts_exact(program, advocate):
    make_stepped_rule(program)
    for call in all_buy(advocate):
        call()
    whole = [partial(refund, program, number, "50.00") for number in range(12)]
    in_part = [partial(refund, program, number, "20.00") for number in range(12, 24)]
    assert not refusals(race([*whole, *in_part, *all_buy(advocate, first=100)]))
    advocate.refresh_from_db()
    assert advocate.friends_converted == 2 * FRIENDS - 12
    assert advocate.friends_value == 2 * FRIENDS * 50 - 12 * 50 - 12 * 20
    assert not faults()


@pytest.mark.needs_database("postgresql", "mysql")
def test_without_the_conditional_count_friends_share_a_number(program, advocate, monkeypatch):
    make_stepped_rule(program)
    meeting = Meeting(FRIENDS)

    def look_then_write(advocate, *, friends, value):
        found = Advocate.objects.get(pk=advocate.pk)
        meeting.wait()
        advocate.friends_converted = found.friends_converted + friends
        advocate.friends_value = found.friends_value + value

    monkeypatch.setattr(attribute, "wait_for_turn", lambda advocate: None)
    monkeypatch.setattr(record, "count_purchase", look_then_write)
    race(all_buy(advocate))
    assert worth() == [Decimal("10.00")] * FRIENDS
