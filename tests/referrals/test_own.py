"""What advocates choose: to be named, and as whom; to leave, and to come back."""

from contextlib import contextmanager

import pytest

from wagtail_referrals.exceptions import ReferralsError
from wagtail_referrals.people.erase import erase_person
from wagtail_referrals.people.models import Consent
from wagtail_referrals.people.register import find_or_add_person
from wagtail_referrals.referrals.join import join_program
from wagtail_referrals.referrals.models import Advocate
from wagtail_referrals.referrals.own import (
    clean_alias,
    come_back,
    hide,
    leave,
    show_on_board,
)


@contextmanager
def refused(code):
    with pytest.raises(ReferralsError) as refusal:
        yield
    assert refusal.value.code == code


@pytest.fixture
def other(program):
    return join_program(program, find_or_add_person("olga@example.org", name="Olga Other"))


@pytest.mark.parametrize(
    "alias",
    ["Kaffeetante", "Jean-Luc", "d'Artagnan", "Мария", "大好き", "R2 D2", "प्रिया", "น้ำผึ้ง", "שָׁלוֹם"],
)
def test_a_name_of_letters_is_one(alias):
    assert clean_alias(f" {alias} ") == alias


@pytest.mark.parametrize(
    "alias",
    [
        "",
        "x",
        "4711",
        "ann@example.org",
        "www.spam.example",
        "spam.example",
        "https://x",
        "call 0431 555 12",
        "Call me 0-1-7-5-5",
        "a" * 31,
        "<b>Bo</b>",
        "=1+1",
        "😀😀",
        "\u202e\u200b\u200f",
        "{{ name }}",
        "Bo\u0338\u0321\u0322\u0354\u033b",
    ],
)
def test_what_is_no_name_is_refused(alias):
    with refused("invalid_alias"):
        clean_alias(alias)


def test_invisible_characters_and_line_breaks_do_not_stay():
    assert clean_alias("Coffee\u200b\nfriend") == "Coffee friend"


@pytest.mark.parametrize(
    "twin", ["Kaffeetante", "KAFFEETANTE", "Kaffee tante", "Каffееtаntе", "Kaffeetante·"]
)
def test_nobody_takes_a_name_that_looks_like_anothers(advocate, other, twin):
    show_on_board(advocate, shown_as="alias", alias="Kaffeetante")
    with refused("alias_taken"):
        show_on_board(other, shown_as="alias", alias=twin)
    other.refresh_from_db()
    assert other.shown_as == ""


def test_one_can_choose_ones_own_name_again(advocate):
    for _time in range(2):
        show_on_board(advocate, shown_as="alias", alias="Kaffeetante")
    assert Consent.objects.filter(withdrawn_at=None).count() == 1


def test_a_name_that_was_given_up_is_free(advocate, other):
    show_on_board(advocate, shown_as="alias", alias="Kaffeetante")
    hide(advocate)
    show_on_board(other, shown_as="alias", alias="Kaffeetante")
    assert Advocate.objects.get(alias="Kaffeetante") == other


def test_a_first_name_that_is_not_known_cannot_be_shown(program):
    nameless = join_program(program, find_or_add_person("x@example.org"))
    with refused("no_name"):
        show_on_board(nameless, shown_as="first_name")


@pytest.mark.parametrize("shown_as", ["", "full_name", "\x00"])
def test_there_is_no_other_way_to_be_shown(advocate, shown_as):
    with refused("not_possible"):
        show_on_board(advocate, shown_as=shown_as)


def test_who_leaves_is_named_no_more(advocate):
    show_on_board(advocate, shown_as="first_name")
    leave(advocate)
    advocate.refresh_from_db()
    assert (advocate.state, advocate.shown_as) == ("left", "")
    assert Consent.objects.get().withdrawn_at


def test_who_has_left_cannot_be_named(advocate):
    leave(advocate)
    with refused("not_possible"):
        show_on_board(advocate, shown_as="first_name")


def test_who_is_paused_by_us_cannot_leave_to_come_back(advocate):
    Advocate.objects.update(state="paused")
    with refused("not_possible"):
        leave(advocate)


def test_who_never_left_cannot_come_back(advocate):
    with refused("not_possible"):
        come_back(advocate)


def test_an_erased_advocate_has_no_name_on_the_board(advocate):
    show_on_board(advocate, shown_as="alias", alias="Kaffeetante")
    erase_person(advocate.person, reason="asked")
    advocate.refresh_from_db()
    assert (advocate.shown_as, advocate.alias, advocate.alias_key) == ("", "", None)
