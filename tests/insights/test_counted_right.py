"""What is counted adds up: live and in rollups, in several programs, and never below nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from tests.fixtures import make_program
from wagtail_referrals.api import record_event
from wagtail_referrals.events import purchase_chunks, record
from wagtail_referrals.events.bulk_insert import insert_new
from wagtail_referrals.events.claim import claim_offer
from wagtail_referrals.events.models import Event
from wagtail_referrals.events.purchase_lines import Purchase
from wagtail_referrals.feedback.models import FeedbackResponse
from wagtail_referrals.insights.dashboard import CostRow, Dashboard, make_dashboard
from wagtail_referrals.insights.found import Found, Period
from wagtail_referrals.insights.funnel import make_split
from wagtail_referrals.insights.goal_models import ChannelCost
from wagtail_referrals.insights.rollups import (
    Counted,
    Span,
    count_facts,
    rebuild,
    update_rollups,
)
from wagtail_referrals.people.identity import email_key
from wagtail_referrals.people.models import Person
from wagtail_referrals.people.register import became_customer, find_or_add_person
from wagtail_referrals.programs.models import Offer, Program
from wagtail_referrals.referrals.join import join_program
from wagtail_referrals.referrals.models import Advocate, Referral
from wagtail_referrals.referrals.refer import repair_attribution

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate
DAY = timedelta(days=1)
LONG_AGO = datetime(2026, 3, 5, 12, tzinfo=UTC)


def look(*programs: Program, days: int = 400) -> Dashboard:
    return make_dashboard(programs, TODAY() - timedelta(days=days - 1), TODAY())


def growth(dashboard: Dashboard, key: str) -> Decimal | None:
    return next(one.value for one in dashboard.growth if one.key == key)


def buy(program: Program, order: str, email: str = "cy@example.org", **values: Any) -> None:
    details = {"amount": Decimal(10), "currency": program.currency, **values}
    record_event(program, "purchase", external_id=order, email=email, **details)


@pytest.fixture
def old(program: Program) -> Program:
    """One that began before everything in these tests."""
    Program.objects.update(starts_at=LONG_AGO - timedelta(days=30))
    program.refresh_from_db()
    return program


def customers(*programs: Program) -> int:
    span = Span(LONG_AGO - timedelta(days=1), LONG_AGO + timedelta(days=1))
    found = count_facts([one.pk for one in programs], span, facts=["customer"])
    return found["customer", ""].count


def test_a_customer_of_two_programs_counts_alike_live_and_in_rollups(old: Program) -> None:
    other = make_program("other", starts_at=LONG_AGO - timedelta(days=30))
    for program in (old, other):
        buy(program, "1", occurred_at=LONG_AGO)
    live = customers(old, other)
    update_rollups()
    assert customers(old, other) == live == customers(old) + customers(other)


def test_two_orders_of_one_moment_make_one_customer(old: Program) -> None:
    for order in ("1", "2"):
        buy(old, order, occurred_at=LONG_AGO)
    assert customers(old) == 1
    update_rollups()
    assert customers(old) == 1


def customers_by_source(program: Program) -> dict[str, int]:
    span = Span(LONG_AGO - timedelta(days=1), LONG_AGO + timedelta(days=1))
    found = count_facts([program.pk], span, facts=["customer"], dimension="source")
    return {source: counted.count for (_fact, source), counted in found.items()}


@pytest.mark.parametrize("is_first", [True, False], ids=["referred first", "referred second"])
def test_nor_two_when_they_came_from_different_sources(
    old: Program, advocate: Advocate, is_first: bool
) -> None:
    """The order we were told of first says how the customer came."""
    codes = [advocate.display_code, ""]
    for order, code in enumerate(codes if is_first else reversed(codes)):
        buy(old, str(order), occurred_at=LONG_AGO, referral_code=code)
    expected = {"code": 1} if is_first else {"": 1}
    assert customers_by_source(old) == expected
    update_rollups()
    assert customers_by_source(old) == expected
    assert customers(old) == 1


def test_who_joined_after_the_friend_bought_took_no_time(old: Program, advocate: Advocate) -> None:
    buy(old, "1", occurred_at=LONG_AGO, referral_code=advocate.display_code)
    assert growth(look(old), "cycle") == 0


def test_a_friend_given_to_a_later_advocate_shortens_no_other_s_time(
    old: Program, advocate: Advocate
) -> None:
    joined = timezone.now() - timedelta(days=20)
    Advocate.objects.filter(pk=advocate.pk).update(created_at=joined)
    for number in (1, 2):
        email = f"f{number}@example.org"
        at = joined + timedelta(days=10)
        buy(old, str(number), email, occurred_at=at, referral_code=advocate.display_code)
    late = join_program(old, find_or_add_person("late@example.org"))
    repair_attribution(Referral.objects.first(), late, reason="a mistake")
    assert growth(look(old), "cycle") == 5
    update_rollups()
    assert growth(look(old), "cycle") == 5


def pay(program: Program, *, days: int = 0, **values: Any) -> ChannelCost:
    """What a channel cost on the days up to today."""
    starts = TODAY() - timedelta(days=days)
    details = {"channel": "Radio", "cost": 200, "starts_on": starts, "ends_on": TODAY(), **values}
    return ChannelCost.objects.create(program=program, **details)


def answer(program: Program, *, times: int) -> None:
    for _time in range(times):
        FeedbackResponse.objects.create(
            page_id=program.landing_page_id, form_data={}, program=program, heard="Radio"
        )


def radio(*programs: Program) -> CostRow:
    return look(*programs, days=30).costs[-1]


def test_answers_of_one_program_are_no_customers_of_another_s_cost(
    landing: Any, old: Program
) -> None:
    other = make_program("other", landing_page_id=old.landing_page_id)
    pay(old)
    answer(old, times=12)
    answer(other, times=10)
    alone, together = radio(old), radio(old, other)
    assert (alone.customers, alone.each) == (12, Decimal("16.67"))
    assert (together.customers, together.each) == (None, None)
    assert "which program" in str(together.why)


def test_what_the_owner_entered_has_its_price_in_several_programs_too(old: Program) -> None:
    pay(old, customers=8)
    assert radio(old, make_program("other")).each == 25


def test_answers_are_not_counted_beside_the_owner_s_own_number_of_them(
    landing: Any, old: Program
) -> None:
    pay(old, customers=10)
    pay(old)
    answer(old, times=12)
    row = radio(old)
    assert (row.cost, row.customers, row.each) == (400, None, None)
    assert row.why


def test_days_with_the_owner_s_number_and_others_with_answers_add_up(
    landing: Any, old: Program
) -> None:
    yesterday = TODAY() - timedelta(days=1)
    pay(old, customers=10, starts_on=yesterday, ends_on=yesterday)
    pay(old)
    answer(old, times=10)
    assert (radio(old).customers, radio(old).each) == (20, 20)


def test_customers_of_all_currencies_share_the_cost_of_none(old: Program) -> None:
    dollars = make_program("dollars", currency="USD")
    dashboard = look(old, dollars)
    assert [row.each for row in dashboard.costs] == [None]
    [headline] = [one for one in dashboard.headlines if one.key == "cost"][:1]
    assert headline.value is None and "several currencies" in str(headline.how)


def test_what_waits_in_another_currency_is_told_though_it_was_promised_long_ago(
    old: Program, advocate: Advocate, monkeypatch: pytest.MonkeyPatch
) -> None:
    Offer.objects.filter(pk=old.advocate_offer_id).update(currency="USD")
    buy(old, "1", referral_code=advocate.display_code)
    later = timezone.now() + timedelta(days=100)
    monkeypatch.setattr(timezone, "now", lambda: later)
    dashboard = look(old, days=30)
    held = {one.currency: one.value for one in dashboard.money if one.key == "held"}
    assert held["USD"] == 10


def test_what_comes_between_two_counts_makes_nothing_less_than_nothing(program: Program) -> None:
    period = Period(TODAY(), TODAY())
    split = {("clicked", "email"): Counted(1)}
    found = Found([program], period, timezone.now(), split=split)
    assert [list(values) for _label, values in make_split(found).rows] == [
        [0, None, 0, 1, 0, 0, 0, 0, 0]
    ]


def assert_all_is_counted(*programs: Program) -> None:
    """What was counted before and has changed since is counted again."""
    keys, span = [one.pk for one in programs], Span(LONG_AGO - 99 * DAY, timezone.now())

    def told() -> list[Any]:
        return [count_facts(keys, span, dimension=one) for one in ("", "offer", "source")]

    before = told()
    rebuild(date.min, date.max)
    assert told() == before


def test_of_two_first_purchases_told_at_once_the_later_is_counted_no_more(
    old: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two workers read the buyer before either has noted anything."""
    read_before = find_or_add_person("cy@example.org")
    buy(old, "1", occurred_at=LONG_AGO)
    update_rollups()
    monkeypatch.setattr(record, "became_customer", lambda _p, at: became_customer(read_before, at))
    buy(old, "2", occurred_at=LONG_AGO - DAY)
    update_rollups()
    assert_all_is_counted(old)


def test_nor_when_one_of_them_is_imported(old: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    person = find_or_add_person("cy@example.org")

    def insert_later(model: Any, *args: Any, **values: Any) -> Any:
        if model is Event:
            buy(old, "1", occurred_at=LONG_AGO)
            update_rollups()
        return insert_new(model, *args, **values)

    monkeypatch.setattr(purchase_chunks, "insert_new", insert_later)
    line = Purchase(
        record={},
        email=person.email,
        email_key=email_key(person.email),
        order_id="2",
        at=LONG_AGO - DAY,
        amount=Decimal(5),
        currency="EUR",
        items={},
        source_key="2",
        fingerprint="2",
    )
    purchase_chunks.store_chunk(old, [line], set())
    update_rollups()
    assert_all_is_counted(old)


def test_another_offer_is_told_of_all_that_came_of_a_referral(
    old: Program, advocate: Advocate
) -> None:
    """Bought by a code long ago; then the page promises another offer."""
    buy(old, "1", occurred_at=LONG_AGO, referral_code=advocate.display_code)
    Referral.objects.update(claimed_at=LONG_AGO - DAY, qualified_at=LONG_AGO - 2 * DAY)
    Person.objects.filter(email="cy@example.org").update(customer_since=None)
    update_rollups()
    better = Offer.objects.create(name="Better", kind="percent", amount=Decimal(20))
    claim_offer(advocate, email="cy@example.org", promised=better.pk)
    assert Referral.objects.get().offer == better
    update_rollups()
    assert_all_is_counted(old)
