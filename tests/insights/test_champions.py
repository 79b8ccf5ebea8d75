"""What is worked out for every customer: from the rows, and again when they changed."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from tests.insights.plain_value import plain_lifetime
from wagtail_referrals.api import record_event
from wagtail_referrals.due import run_due
from wagtail_referrals.events.models import Event
from wagtail_referrals.insights.champion_models import (
    CustomerValue,
    Group,
    SegmentMove,
    ValueSettings,
    ValueSummary,
)
from wagtail_referrals.insights.champion_story import tell_story
from wagtail_referrals.insights.champions import LEASE, recompute, update_champions
from wagtail_referrals.insights.groups import FEW
from wagtail_referrals.people.models import Person
from wagtail_referrals.people.register import find_or_add_person
from wagtail_referrals.people.segments import segments
from wagtail_referrals.referrals.join import join_program
from wagtail_referrals.referrals.models import Advocate, Referral
from wagtail_referrals.rewards.models import Reward

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture
def settings_of(program: Any) -> ValueSettings:
    return ValueSettings.objects.create(
        program=program, margin_percent=40, acquisition_cost=Decimal(30)
    )


Buy = Callable[..., Event]


@pytest.fixture
def buy(program: Any) -> Buy:
    """``buy("bo", 100, days=400)``: Bo's purchase of so many days ago."""
    number = iter(range(10_000))

    def buy(name: str, amount: Any, *, days: int = 0, currency: str = "EUR", **values: Any):
        person = find_or_add_person(f"{name}@example.org", name=name.title())
        key = next(number)
        return Event.objects.create(
            program=program,
            kind="purchase",
            external_id=f"order-{key}",
            source_key=f"key-{key}",
            person=person,
            amount=Decimal(str(amount)),
            currency=currency,
            occurred_at=NOW - timedelta(days=days),
            **values,
        )

    return buy


def bring(program: Any, name: str, friend: str, **values: Any) -> Referral:
    """The one brought the other, who bought."""
    advocate: Advocate = join_program(program, find_or_add_person(f"{name}@example.org", name=name))
    return Referral.objects.create(
        program=program,
        advocate=advocate,
        referrer=advocate.person,
        friend=find_or_add_person(f"{friend}@example.org"),
        stage="converted",
        counts_until=NOW,
        **values,
    )


def of(name: str, currency: str = "EUR") -> CustomerValue:
    return CustomerValue.objects.get(person__email=f"{name}@example.org", currency=currency)


def test_without_settings_nothing_is_worked_out(program, buy):
    buy("bo", 100)
    assert not recompute(program)
    assert not CustomerValue.objects.exists()


def test_a_customer_s_value_is_that_of_their_purchases(program, buy, settings_of):
    for amount, days in ((100, 400), (50, 200), (20, 10)):
        buy("bo", amount, days=days)
    assert recompute(program, at=NOW)
    bo = of("bo")
    margins = [(0, Fraction(40)), (200, Fraction(20)), (390, Fraction(8))]
    exact = plain_lifetime(margins, 400, Fraction(0), 15)
    assert abs(Fraction(bo.lifetime) - exact) <= Fraction(1, 200)
    assert (bo.purchases, bo.margin) == (3, Decimal("68.00"))
    assert (bo.first_at, bo.last_at) == (NOW - timedelta(days=400), NOW - timedelta(days=10))


def test_two_currencies_are_never_added(program, buy, settings_of):
    buy("bo", 100)
    buy("bo", 1000, currency="USD")
    recompute(program, at=NOW)
    assert (of("bo").margin, of("bo", "USD").margin) == (Decimal("40.00"), Decimal("400.00"))


def test_costs_are_known_in_the_program_s_currency_only(program, buy, settings_of):
    ValueSettings.objects.update(marketing_cost=5)
    buy("bo", 100)
    buy("cleo", 100, currency="USD")
    recompute(program, at=NOW)
    # Marketing for three half-years is 13.065 (test_lifetime.py).
    assert of("cleo", "USD").lifetime == Decimal("104.52")
    assert of("bo").lifetime == Decimal("91.45")


def test_what_was_sent_back_leaves_nothing(program, buy, settings_of):
    buy("bo", 100, refunded=Decimal(25))
    buy("bo", 60, refunded=Decimal(60))
    recompute(program, at=NOW)
    assert (of("bo").purchases, of("bo").margin) == (1, Decimal("30.00"))


def test_who_sent_everything_back_is_no_customer(program, buy, settings_of):
    event = buy("bo", 100)
    recompute(program, at=NOW - timedelta(seconds=-1))
    Event.objects.filter(pk=event.pk).update(refunded=100)
    recompute(program, at=NOW + timedelta(days=1))
    assert not CustomerValue.objects.exists()


def test_a_margin_that_the_shop_reports_is_taken(program, buy, settings_of):
    buy("bo", 100, own_margin=Decimal("12.50"))
    buy("bo", 100, own_margin=Decimal("-2.25"))
    buy("bo", 200)
    recompute(program, at=NOW)
    assert of("bo").margin == Decimal("12.50") - Decimal("2.25") + 80


def test_a_margin_stays_when_the_details_of_the_order_go(program, settings_of):
    order = {"external_id": "1", "email": "bo@example.org", "amount": 100, "currency": "EUR"}
    record_event(program, "purchase", **order, metadata={"margin": "12.50"})
    Event.objects.update(metadata={})
    recompute(program)
    assert of("bo").margin == Decimal("12.50")


def test_purchases_of_the_future_are_left_out_and_counted(program, buy, settings_of):
    buy("bo", 100)
    buy("bo", 900, days=-3)
    recompute(program, at=NOW)
    assert of("bo").margin == 40
    assert ValueSettings.objects.get().ahead_of_time == 1


def test_an_advocate_s_value_is_that_of_their_friends(program, buy, settings_of):
    bring(program, "ann", "bo", would_have_come=False)
    bring(program, "ann", "cleo", would_have_come=True)
    buy("bo", 100)
    buy("cleo", 100)
    recompute(program, at=NOW)
    # Bo's 40 a half-year: 40 / 1.07238 + 40 / 1.15 + 40 / 1.23324 = 104.52; each saved 27.98.
    ann = of("ann")
    assert ann.referral_value == of("bo").lifetime + Decimal("27.98") + Decimal("27.97")
    assert of("bo").lifetime == Decimal("104.52")
    assert (ann.friends, ann.purchases, ann.lifetime) == (2, 0, 0)


def test_what_friends_cost_in_rewards_is_taken_off(program, advocate, settings_of):
    ValueSettings.objects.update(acquisition_cost=0)
    record_event(
        program,
        "purchase",
        external_id="1",
        email="bo@example.org",
        amount=Decimal(100),
        currency="EUR",
        referral_code=advocate.display_code,
    )
    Referral.objects.update(would_have_come=False)
    promised = sum(Reward.objects.filter(balance__gt=0).values_list("balance", flat=True))
    assert promised == 10
    recompute(program)
    # 104.52 less 10 / 1.07238
    assert of("ann").referral_value == Decimal("95.19")


def test_nobody_counts_who_has_not_bought(program, buy, settings_of):
    bring(program, "ann", "bo")
    Referral.objects.update(stage="claimed")
    buy("ann", 10)
    recompute(program, at=NOW)
    assert (of("ann").friends, of("ann").referral_value) == (0, 0)


def test_friends_of_friends_count_where_the_owner_wants_it(program, buy, settings_of):
    ValueSettings.objects.update(acquisition_cost=0)
    bring(program, "ann", "bo", would_have_come=False)
    bring(program, "bo", "cleo", would_have_come=False)
    for name in ("bo", "cleo"):
        buy(name, 100)
    recompute(program, at=NOW)
    assert of("ann").referral_value == Decimal("104.52")
    ValueSettings.objects.update(depth=3)
    recompute(program, at=NOW + timedelta(seconds=1))
    assert of("ann").referral_value == 2 * Decimal("104.52")
    assert of("ann").friends == 1


def test_a_circle_of_recommendations_counts_nobody_twice(program, buy, settings_of):
    ValueSettings.objects.update(acquisition_cost=0, depth=5)
    names = ["ann", "bo", "cleo"]
    for name, friend in zip(names, [*names[1:], names[0]], strict=True):
        bring(program, name, friend, would_have_come=False)
        buy(friend, 100)
    recompute(program, at=NOW)
    assert {of(name).referral_value for name in names} == {2 * Decimal("104.52")}


def test_thirty_answers_take_the_place_of_the_guess(program, buy, settings_of):
    for number in range(30):
        bring(program, f"a{number}", f"f{number}", would_have_come=number < 6)
    bring(program, "ann", "bo")
    buy("bo", 100)
    recompute(program, at=NOW)
    # A fifth would have come anyway: .8 × 104.52 + 27.98
    assert of("ann").referral_value == Decimal("111.59")


def customers(buy: Buy, program: Any, count: int = FEW) -> None:
    """So many customers, each with a larger purchase; the two best and the worst bring friends."""
    for number in range(count):
        buy(f"c{number:02}", 10 + number)
    for name in (f"c{count - 1:02}", f"c{count - 2:02}", "c00"):
        bring(program, name, f"c{count // 2:02}" if name == "c00" else f"{name}-friend")
        if name != "c00":
            buy(f"{name}-friend", 10)


def groups() -> dict[str, int]:
    rows = CustomerValue.objects.order_by().values_list("segment", flat=True)
    found = list(rows)
    return {group: found.count(group) for group in {*found}}


def test_everybody_is_in_one_of_four_groups(program, buy, settings_of):
    customers(buy, program)
    recompute(program, at=NOW)
    summary = ValueSummary.objects.get()
    for value in CustomerValue.objects.all():
        buys = value.lifetime > summary.lifetime_from
        brings = value.referral_value > summary.referral_from
        wanted = {
            (True, True): Group.CHAMPIONS,
            (True, False): Group.AFFLUENTS,
            (False, True): Group.ADVOCATES,
            (False, False): Group.MISERS,
        }
        assert value.segment == wanted[buys, brings], value
    assert {group: one["count"] for group, one in summary.groups.items()} == groups()
    assert sum(count for _x, _y, count, _group in summary.dots) == summary.customers == 12


def test_the_sums_of_the_groups_are_those_of_their_customers(program, buy, settings_of):
    customers(buy, program)
    recompute(program, at=NOW)
    for group, told in ValueSummary.objects.get().groups.items():
        values = CustomerValue.objects.filter(segment=group)
        assert Decimal(told["lifetime"]) == sum(value.lifetime for value in values)
        assert Decimal(told["referral"]) == sum(value.referral_value for value in values)


@pytest.mark.parametrize(("amounts", "median"), [([1, 2, 3, 4], "2.50"), ([1, 2, 3], 2), ([1], 1)])
def test_the_median_parts_an_even_number_in_the_middle(program, settings_of, amounts, median):
    from wagtail_referrals.insights.groups import middle

    for number, amount in enumerate(amounts):
        person = find_or_add_person(f"c{number}@example.org")
        CustomerValue.objects.create(
            program=program, person=person, currency="EUR", lifetime=amount
        )
    found = middle(CustomerValue.objects.filter(program=program), "lifetime", len(amounts))
    assert found == Decimal(median)


def test_two_values_a_cent_apart_are_parted(program, settings_of):
    from wagtail_referrals.insights.groups import middle

    for number, amount in enumerate(("10.01", "10.02")):
        person = find_or_add_person(f"c{number}@example.org")
        CustomerValue.objects.create(
            program=program, person=person, currency="EUR", lifetime=Decimal(amount)
        )
    values = CustomerValue.objects.filter(program=program)
    assert values.filter(lifetime__gt=middle(values, "lifetime", 2)).count() == 1


def test_few_customers_are_not_sorted(program, buy, settings_of):
    customers(buy, program, FEW - 3)
    recompute(program, at=NOW)
    assert ValueSummary.objects.get().lacks == "few"
    assert groups() == {"": FEW - 1}


def test_nobody_stands_out_where_all_are_equal(program, buy, settings_of):
    for number in range(FEW):
        buy(f"c{number}", 10)
    recompute(program, at=NOW)
    assert ValueSummary.objects.get().lacks == "lifetime"


def test_without_recommendations_there_is_not_enough(program, buy, settings_of):
    for number in range(FEW):
        buy(f"c{number}", 10 + number)
    recompute(program, at=NOW)
    assert ValueSummary.objects.get().lacks == "referral"
    assert groups() == {"": FEW}


def test_the_owner_may_choose_where_high_begins(program, buy, settings_of):
    customers(buy, program)
    ValueSettings.objects.update(lifetime_from=Decimal(1_000_000), referral_from=Decimal(1))
    recompute(program, at=NOW)
    assert ValueSummary.objects.get().lacks == "lifetime"
    ValueSettings.objects.update(lifetime_from=Decimal(1))
    recompute(program, at=NOW + timedelta(seconds=1))
    assert set(groups()) == {"champions", "affluents"}


def test_who_changes_the_group_leaves_a_line(program, buy, settings_of):
    customers(buy, program)
    recompute(program, at=NOW)
    assert not SegmentMove.objects.exists()
    before = of("c01").segment
    buy("c01", 10_000)
    recompute(program, at=NOW + timedelta(days=1))
    move = SegmentMove.objects.get(person__email="c01@example.org")
    assert (move.before, move.after) == (before, of("c01").segment) == ("misers", "affluents")


def test_a_second_run_of_the_same_rows_changes_nothing(program, buy, settings_of):
    customers(buy, program)
    recompute(program, at=NOW)
    names = ("person", "lifetime", "referral_value", "segment", "friends", "purchases")
    before = list(CustomerValue.objects.order_by("pk").values_list(*names))
    assert recompute(program, at=NOW + timedelta(seconds=1))
    assert list(CustomerValue.objects.order_by("pk").values_list(*names)) == before
    assert not SegmentMove.objects.exists()


def test_an_advocate_who_lost_their_friends_is_worth_what_they_buy(program, buy, settings_of):
    bring(program, "ann", "bo")
    buy("ann", 10)
    buy("bo", 100)
    recompute(program, at=NOW)
    assert of("ann").referral_value > 0
    Referral.objects.all().delete()
    recompute(program, at=NOW + timedelta(seconds=1))
    assert (of("ann").friends, of("ann").referral_value, of("ann").purchases) == (0, 0, 1)


def test_it_is_done_once_a_day(program, buy, settings_of):
    buy("bo", 100)
    assert run_due(at=NOW)["champions_updated"] == 1
    assert update_champions(at=NOW) == 0
    assert update_champions(at=NOW + timedelta(days=1)) == 1


def test_while_one_run_is_at_work_another_keeps_away(program, buy, settings_of):
    buy("bo", 100)
    ValueSettings.objects.update(run_at=NOW, run_seen=timezone.now())
    assert not recompute(program)
    ValueSettings.objects.update(run_seen=timezone.now() - LEASE * 2)
    assert recompute(program)


def test_a_run_that_fails_leaves_the_way_free(program, buy, settings_of, monkeypatch):
    buy("bo", 100)

    def fail(customers: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        recompute(program, on_progress=fail)
    assert recompute(program)


def test_a_run_that_was_taken_for_dead_ends_itself(program, buy, settings_of):
    buy("bo", 100)

    def another(customers: int) -> None:
        ValueSettings.objects.update(run_at=NOW + timedelta(days=3))

    assert not recompute(program, on_progress=another)
    assert ValueSettings.objects.get().run_at == NOW + timedelta(days=3)


@pytest.mark.parametrize("key", list(Group))
def test_rules_can_ask_for_each_group(program, key, django_assert_num_queries):
    segment = segments.get(key)
    bo = find_or_add_person("bo@example.org")
    assert segment is not None
    assert not segment.includes(bo)
    CustomerValue.objects.create(program=program, person=bo, currency="EUR", segment=key)
    with django_assert_num_queries(1):
        assert segment.includes(bo)
    assert sum(segments.all()[group].includes(bo) for group in Group) == 1


def test_the_command_works_one_program_out(program, buy, settings_of, capsys):
    buy("bo", 100)
    call_command("referrals_champions", "--program", "friends")
    assert capsys.readouterr().out == "friends: worked out\n"
    assert of("bo").purchases == 1


@pytest.mark.parametrize("slug", ["nobody", "friends"])
def test_the_command_says_what_is_missing(program, slug):
    with pytest.raises(CommandError, match="no such|settings"):
        call_command("referrals_champions", "--program", slug)


def test_a_customer_s_lines_add_up_to_the_value(program, buy, settings_of):
    ValueSettings.objects.update(marketing_cost=Decimal("2.50"))
    for amount, days in ((100, 900), (50, 500), (20, 10)):
        buy("bo", amount, days=days)
    recompute(program, at=NOW)
    story = tell_story(of("bo"))
    assert story is not None
    told = sum(line.value for line in story.lines)
    # Each line is rounded by itself.
    assert abs(told - of("bo").lifetime) <= Decimal("0.005") * len(story.lines)
    ahead = sum(line.value for line in story.lines[-2:])
    assert abs(ahead - of("bo").ahead) <= Decimal("0.01")


def test_the_friends_lines_add_up_to_the_value(program, buy, settings_of):
    ValueSettings.objects.update(depth=2)
    bring(program, "ann", "bo")
    bring(program, "bo", "cleo", would_have_come=False)
    for name in ("bo", "cleo"):
        buy(name, 100)
    recompute(program, at=NOW)
    story = tell_story(of("ann"))
    assert story is not None
    assert [line.level for line in story.friends] == [1, 2]
    told = sum(line.value for line in story.friends)
    assert abs(told - of("ann").referral_value) <= Decimal("0.01")


def test_an_erased_customer_stays_in_the_sums_without_a_name(program, buy, settings_of):
    from wagtail_referrals.people.erase import erase_person

    buy("bo", 100)
    recompute(program, at=NOW)
    erase_person(Person.objects.get(email="bo@example.org"), reason="They asked")
    assert str(CustomerValue.objects.get()) == "Somebody"
