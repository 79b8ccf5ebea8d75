"""The board and the wall name only people who agreed, in the order of what they brought."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.test_query_counts import at_most
from wagtail_referrals.blocks_people import LeaderboardBlock, WallOfThanksBlock
from wagtail_referrals.people.block import block_person
from wagtail_referrals.people.register import find_or_add_person
from wagtail_referrals.referrals.board import leaders, rank_of, thanked
from wagtail_referrals.referrals.join import join_program
from wagtail_referrals.referrals.models import Advocate, Referral
from wagtail_referrals.referrals.own import leave, show_on_board


def address(name, domain):
    return f"{name.replace(' ', '.').lower()}@{domain}"


def named(program, name, friends, *, days_ago=0, alias=""):
    """Somebody who agreed to be named, and how many friends they brought."""
    advocate = join_program(program, find_or_add_person(address(name, "example.org"), name=name))
    show_on_board(advocate, shown_as="alias" if alias else "first_name", alias=alias)
    at = timezone.now() - timedelta(days=days_ago)
    for number in range(friends):
        Referral.objects.create(
            program=program,
            advocate=advocate,
            referrer=advocate.person,
            friend=find_or_add_person(address(f"{name}-{number}", "friend.example")),
            stage="converted",
            claimed_at=at,
            converted_at=at,
            counts_until=at,
        )
    Advocate.objects.filter(pk=advocate.pk).update(friends_converted=friends)
    advocate.refresh_from_db()
    return advocate


@pytest.fixture
def three(program):
    return [named(program, name, friends) for name, friends in (("Ada", 3), ("Bo", 2), ("Cy", 2))]


def board(program, period="all"):
    return [(place.rank, place.name, place.friends) for place in leaders(program.pk, period)]


@pytest.mark.parametrize("period", ["all", "year", "month"])
def test_who_brought_as_many_has_the_same_rank(program, three, period):
    named(program, "Di", 1)
    assert board(program, period) == [(1, "Ada", 3), (2, "Bo", 2), (2, "Cy", 2), (4, "Di", 1)]


def test_who_did_not_agree_is_not_on_it(program, three, advocate):
    Advocate.objects.filter(pk=advocate.pk).update(friends_converted=99)
    assert board(program)[0] == (1, "Ada", 3)


def test_who_left_or_is_blocked_is_not_on_it(program, three):
    named(program, "Eve", 9)
    block_person(find_or_add_person("eve@example.org"), reason="r")
    leave(named(program, "Flo", 8))
    assert board(program)[0] == (1, "Ada", 3)


def test_who_brought_nobody_is_not_on_it(program, three):
    named(program, "Nil", 0)
    assert len(board(program)) == 3


def test_an_alias_stands_for_the_name(program, three):
    named(program, "Hugo Hidden", 5, alias="Seagull")
    assert board(program)[0] == (1, "Seagull", 5)


def test_with_fewer_than_three_there_is_no_board(program, three):
    leave(three[0])
    assert board(program) == []


def test_of_a_month_only_what_was_bought_in_it_counts(program, three):
    named(program, "Old", 9, days_ago=40)
    assert "Old" not in [name for _rank, name, _friends in board(program, "month")]
    assert board(program)[0] == (1, "Old", 9)


def test_ones_own_rank_is_that_of_the_board(program, three):
    assert [rank_of(one) for one in three] == [1, 2, 2]


def test_who_is_not_named_has_no_rank(program, three, advocate):
    advocate.friends_converted = 9
    assert rank_of(advocate) is None


def test_the_wall_names_the_latest_first(program, three):
    assert thanked(program.pk) == ["Cy", "Bo", "Ada"]


def test_other_programs_are_other_boards(program, three):
    assert leaders(program.pk + 1) == [] == thanked(program.pk + 1)


# The blocks


def shown(block, program, **values):
    value = block.to_python({"program": str(program.pk if program else ""), **values})
    return block.render(value)


@pytest.mark.parametrize("block", [WallOfThanksBlock(), LeaderboardBlock()])
def test_a_block_asks_the_database_twice_at_most(program, three, block):
    with at_most(2):
        shown(block, program)


@pytest.mark.parametrize("block", [WallOfThanksBlock(), LeaderboardBlock()])
@pytest.mark.parametrize("program_key", ["", "x", "999999", None])
def test_a_block_without_its_program_is_shown_without_names(db, block, program_key):
    html = block.render(block.to_python({"program": program_key, "heading": "Thanks"}))
    assert "Thanks" in html
    assert "<li>" not in html
    assert "<li " not in html


def test_a_wall_of_one_says_that_others_are_welcome(program):
    named(program, "Ada", 1)
    html = shown(WallOfThanksBlock(), program)
    assert "Ada" in html
    assert "Your name could stand here." in html


def test_names_are_text(program, three):
    Advocate.objects.filter(pk=three[0].pk).update(shown_as="alias", alias="<script>alert(1)")
    for block in (WallOfThanksBlock(), LeaderboardBlock()):
        assert "<script>" not in shown(block, program)


def test_no_money_stands_on_it(program, three):
    Advocate.objects.update(friends_value=1234)
    assert "1234" not in shown(LeaderboardBlock(), program).replace(",", "")
