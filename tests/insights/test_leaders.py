"""Who brought most: the numbers equal a recount, equal ones share a rank, nobody is lost."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from tests.test_query_counts import at_most
from wagtail_referrals.due import run_due
from wagtail_referrals.events.models import Event
from wagtail_referrals.insights.leaders import (
    CLAIMS,
    EVERYBODY,
    FRIENDS,
    FURTHEST,
    MEASURES,
    PARTNERS,
    REVENUE,
    STAFF,
    TEAMS,
    find_leaders,
    ranks,
)
from wagtail_referrals.insights.reach import compute_reach, update_reach
from wagtail_referrals.insights.reach_models import Reach
from wagtail_referrals.insights.rollups import Span
from wagtail_referrals.partners.models import Partner
from wagtail_referrals.people.register import find_or_add_person
from wagtail_referrals.referrals.board import leaders as public_leaders
from wagtail_referrals.referrals.join import join_program
from wagtail_referrals.referrals.models import Advocate, Referral

MAY = datetime(2026, 5, 1, tzinfo=UTC)
JUNE = datetime(2026, 6, 1, tzinfo=UTC)


def member(program: Any, name: str) -> Advocate:
    person = find_or_add_person(f"{name}@example.org", name=name.title())
    return join_program(program, person)


def bring(program: Any, name: str, friend: str, *, at: datetime = MAY, spent: Any = 0) -> Referral:
    """One brought another, who bought for so much at that time; 0: who only came."""
    advocate = member(program, name)
    referral = Referral.objects.create(
        program=program,
        advocate=advocate,
        referrer=advocate.person,
        friend=find_or_add_person(f"{friend}@example.org", name=friend.title()),
        stage="converted" if spent else "claimed",
        claimed_at=at,
        converted_at=at if spent else None,
        counts_until=at,
    )
    if spent:
        buy(referral, spent, at)
        advocate.refresh_from_db()
        advocate.friends_converted += 1
        advocate.friends_value += Decimal(spent)
        advocate.save()
    return referral


def buy(referral: Referral, spent: Any, at: datetime, **values: Any) -> None:
    number = Event.objects.count()
    values = {"currency": "EUR", "amount": Decimal(spent), **values}
    Event.objects.create(
        program=referral.program,
        kind="purchase",
        external_id=str(number),
        source_key=f"{number:064}",
        person=referral.friend,
        referral=referral,
        occurred_at=at,
        **values,
    )


def board(program: Any, *asked: Any, **more: Any) -> list[tuple[Any, ...]]:
    found = find_leaders(program, *asked, **more)
    return [(one.rank, one.name, *one.values) for one in found.leaders]


@given(st.lists(st.integers(0, 5)).map(lambda found: sorted(found, reverse=True)))
def test_a_rank_is_one_more_than_how_many_are_before(values: list[int]) -> None:
    assert ranks(values) == [1 + sum(other > value for other in values) for value in values]


@pytest.fixture
def four(program: Any) -> Any:
    """Ada brought three who bought, Bo and Cy two each, Di one who only came."""
    for name, count in (("ada", 3), ("bo", 2), ("cy", 2)):
        for number in range(count):
            bring(program, name, f"{name}-{number}", spent=10 + number)
    bring(program, "di", "di-0")
    compute_reach(program)
    return program


def test_who_brought_as_many_shares_a_rank(four: Any) -> None:
    assert board(four) == [(1, "Ada", 3), (2, "Bo", 2), (2, "Cy", 2)]


def test_who_came_counts_without_a_purchase(four: Any) -> None:
    assert board(four, EVERYBODY, CLAIMS)[-1] == (4, "Di", 1)


def test_what_friends_bought_is_in_cents(four: Any) -> None:
    assert board(four, EVERYBODY, REVENUE)[:2] == [
        (1, "Ada", Decimal("33.00")),
        (2, "Bo", Decimal("21.00")),
    ]


@pytest.mark.parametrize("measure", MEASURES)
def test_within_all_days_it_is_as_since_the_beginning(four: Any, measure: str) -> None:
    whole = Span(MAY - timedelta(days=1), JUNE)
    assert board(four, EVERYBODY, measure, span=whole) == board(four, EVERYBODY, measure)


def test_a_period_ends_before_its_end(program: Any) -> None:
    bring(program, "ada", "x", at=MAY, spent=5)
    bring(program, "bo", "y", at=JUNE, spent=5)
    may = Span(MAY, JUNE)
    for measure in MEASURES:
        assert [row[1] for row in board(program, EVERYBODY, measure, span=may)] == ["Ada"]


def test_what_was_sent_back_does_not_count(program: Any) -> None:
    referral = bring(program, "ada", "x", spent=5)
    buy(referral, 7, MAY, refunded=Decimal(7))
    span = Span(MAY, JUNE)
    assert board(program, EVERYBODY, REVENUE, span=span) == [(1, "Ada", Decimal("5.00"))]


def test_two_currencies_never_meet(program: Any) -> None:
    referral = bring(program, "ada", "x", spent=5)
    buy(referral, 100, MAY, currency="USD")
    span = Span(MAY, JUNE)
    asked = (program, EVERYBODY, REVENUE)
    assert board(*asked, span=span) == [(1, "Ada", Decimal("5.00"))]
    assert board(*asked, span=span, currency="USD") == [(1, "Ada", Decimal("100.00"))]
    assert board(*asked, currency="USD") == []


def test_cents_are_added_exactly(program: Any) -> None:
    referral = bring(program, "ada", "x", spent="0.10")
    buy(referral, "0.20", MAY)
    found = board(program, EVERYBODY, REVENUE, span=Span(MAY, JUNE))
    assert found == [(1, "Ada", Decimal("0.30"))]


def test_it_says_when_more_brought_as_much_as_the_last_one(four: Any) -> None:
    assert find_leaders(four, most=2).more
    assert not find_leaders(four, most=1).more
    assert not find_leaders(four, most=3).more


def test_partners_are_named_by_their_business(four: Any) -> None:
    cy = Advocate.objects.get(person__name="Cy")
    Partner.objects.create(program=four, advocate=cy, name="Cuppers Lane", state="active")
    for span in (None, Span(MAY, JUNE)):
        assert board(four, PARTNERS, span=span) == [(1, "Cuppers Lane", 2)]


def works_here(users: Any, name: str, *teams: str) -> None:
    user = users.objects.create_user(name, is_staff=True)
    for team in teams:
        user.groups.add(Group.objects.get_or_create(name=team)[0])
    person = find_or_add_person(f"{name}@example.org")
    person.user = user
    person.save()


def test_staff_have_a_board_of_their_own(four: Any, django_user_model: Any) -> None:
    works_here(django_user_model, "cy")
    for span in (None, Span(MAY, JUNE)):
        assert board(four, STAFF, span=span) == [(1, "Cy", 2)]


def test_in_a_program_for_staff_everybody_is(four: Any) -> None:
    four.audience = "staff"
    assert board(four, STAFF) == board(four)


@pytest.mark.parametrize("measure", MEASURES)
def test_a_team_has_what_its_members_brought(
    four: Any, django_user_model: Any, measure: str
) -> None:
    works_here(django_user_model, "ada", "Bar")
    works_here(django_user_model, "bo", "Bar", "Kitchen")
    django_user_model.objects.create_user("customer").groups.add(Group.objects.create(name="Vip"))
    single = {row[1]: row[2] for row in board(four, EVERYBODY, measure)}
    teams = [(1, "Bar", single["Ada"] + single["Bo"]), (2, "Kitchen", single["Bo"])]
    for span in (None, Span(MAY, JUNE)):
        assert board(four, TEAMS, measure, span=span) == teams


def test_another_program_s_are_not_on_it(four: Any) -> None:
    from tests.fixtures import make_program

    other = make_program("other")
    for asked in ((EVERYBODY, FRIENDS), (EVERYBODY, CLAIMS), (TEAMS, FRIENDS), (FURTHEST,)):
        assert board(other, *asked) == []


# Whose share travelled furthest


def plain_reach(pairs: Iterable[tuple[str, str]], name: str) -> tuple[int, int]:
    """Steps and people, by walking from friend to friend."""
    reached, now, steps = {name}, {name}, 0
    while now := {friend for giver, friend in pairs if giver in now} - reached:
        reached |= now
        steps += 1
    return steps, len(reached) - 1


HISTORIES = {
    "a chain": [("a", "b"), ("b", "c"), ("c", "d")],
    "a tree": [("a", "b"), ("a", "c"), ("b", "d"), ("b", "e"), ("e", "f"), ("x", "y")],
    "a circle": [("a", "b"), ("b", "c"), ("c", "a")],
    "a circle with a tail": [("a", "b"), ("b", "c"), ("c", "a"), ("b", "d"), ("d", "e")],
    "two": [("a", "b"), ("b", "a"), ("b", "c")],
}


@pytest.mark.parametrize("history", HISTORIES)
def test_reach_is_whoever_can_be_walked_to(program: Any, history: str) -> None:
    pairs = HISTORIES[history]
    for giver, friend in pairs:
        bring(program, giver, friend)
    assert compute_reach(program) == len({giver for giver, _friend in pairs})
    for reach in Reach.objects.select_related("advocate__person"):
        name = reach.advocate.person.email.partition("@")[0]
        assert (reach.levels, reach.people) == plain_reach(pairs, name), name


def test_a_longer_chain_comes_before_a_larger_crowd(program: Any) -> None:
    for giver, friend in (("a", "b"), ("b", "c"), *(("x", f"y{number}") for number in range(5))):
        bring(program, giver, friend)
    compute_reach(program)
    assert board(program, FURTHEST) == [(1, "A", 2, 2, 1), (2, "X", 1, 5, 5), (3, "B", 1, 1, 1)]


def test_reach_is_of_one_program(program: Any) -> None:
    from tests.fixtures import make_program

    bring(program, "a", "b")
    bring(make_program("other"), "b", "c")
    update_reach()
    assert board(program, FURTHEST) == [(1, "A", 1, 1, 1)]


def test_who_brought_nobody_any_more_is_forgotten(program: Any) -> None:
    referral = bring(program, "a", "b")
    compute_reach(program)
    cleo = member(program, "cleo")
    Referral.objects.filter(pk=referral.pk).update(advocate=cleo, referrer=cleo.person)
    compute_reach(program)
    assert [row[1] for row in board(program, FURTHEST)] == ["Cleo"]


def test_of_two_runs_at_once_neither_forgets_what_the_other_wrote(program: Any) -> None:
    bring(program, "a", "b")
    now = timezone.now()
    others: list[int] = []

    def meanwhile(execute: Any, sql: str, *rest: Any) -> Any:
        """Another run, that began earlier, goes by just before this one forgets anything."""
        if sql.startswith("DELETE") and not others:
            others.append(1)
            compute_reach(program, at=now - timedelta(seconds=5))
        return execute(sql, *rest)

    with connection.execute_wrapper(meanwhile):
        compute_reach(program, at=now)
    assert others
    assert board(program, FURTHEST) == [(1, "A", 1, 1, 1)]


def test_it_is_worked_out_once_a_day(program: Any) -> None:
    bring(program, "a", "b")
    noon = timezone.now().replace(hour=12)
    assert run_due(at=noon)["reach_updated"] == 1
    assert run_due(at=noon + timedelta(hours=1))["reach_updated"] == 0
    assert run_due(at=noon + timedelta(days=1))["reach_updated"] == 1


# What it costs


@pytest.mark.parametrize("board_name", [EVERYBODY, PARTNERS, FURTHEST])
def test_a_board_is_read_by_a_few_questions(four: Any, board_name: str) -> None:
    with at_most(3):
        find_leaders(four, board_name)


@pytest.mark.needs_database("sqlite")
def test_since_the_beginning_nothing_is_sorted(four: Any) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        for measure in MEASURES:
            find_leaders(four, EVERYBODY, measure)
        find_leaders(four, FURTHEST)
        public_leaders(four.pk)
    ordered = [one["sql"] for one in captured if " LIMIT 10" in one["sql"]]
    assert len(ordered) == 5
    with connection.cursor() as cursor:
        for sql in ordered:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
            plan = str(cursor.fetchall())
            assert "SCAN" not in plan and "TEMP B-TREE" not in plan, (sql, plan)
