"""Look-ups whose SQL is kept say what the queryset says, whatever happened since."""

import threading

import pytest
from django.db import connection

from tests.fixtures import make_program
from wagtail_referrals.lookups import Lookup, padded
from wagtail_referrals.programs.models import Program

LOOKUP = Lookup(lambda: Program.objects.select_related("site", "friend_offer"), "slug")


def test_it_finds_what_the_queryset_finds_with_all_that_is_related(
    program, django_assert_num_queries
):
    program = Program.objects.get(pk=program.pk)
    site, columns = program.site, program.__dict__.keys()
    for _ in range(2):
        with django_assert_num_queries(1):
            found = LOOKUP.first("friends")
            assert (found, found.site, found.friend_offer.amount) == (program, site, 10)
        assert found.__dict__.keys() == columns


def test_it_sees_what_changed(program):
    assert LOOKUP.first("friends").name == program.name
    Program.objects.update(name="Another", friend_offer=None)
    found = LOOKUP.first("friends")
    assert (found.name, found.friend_offer) == ("Another", None)


@pytest.mark.parametrize("value", ["nobody", "", "' OR 1=1", "x" * 2000])
def test_it_finds_nothing_where_there_is_nothing(program, value):
    assert LOOKUP.first(value) is None


def test_several_rows_come_in_the_order_of_the_queryset(program):
    make_program("a-friends", name="A")
    active = Lookup(lambda: Program.objects.filter(is_active=True).order_by("-name"), "currency")
    assert [found.slug for found in active.all("EUR")] == ["friends", "a-friends"]
    Program.objects.filter(slug="friends").update(is_active=False)
    assert [found.slug for found in active.all("EUR")] == ["a-friends"]


@pytest.mark.django_db(transaction=True)
def test_threads_ask_over_their_own_connections(transactional_db):
    from tests.fixtures import make_root

    make_root()
    make_program()
    found = []

    def ask():
        found.append(LOOKUP.first("friends").slug)
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ["friends"] * 8


def test_no_more_rows_come_than_are_asked_for(program):
    make_program("second", name="Second")
    newest = Lookup(lambda: Program.objects.order_by("-pk"), "currency", most=1)
    assert [one.slug for one in newest.all("EUR")] == ["second"]


def test_plain_values_come_by_their_names(program):
    names = Lookup(
        lambda: Program.objects.values_list("name", "site__hostname", named=True), "slug"
    )
    for _ in range(2):
        (row,) = names.all("friends")
        assert (row.name, row.site__hostname) == (program.name, program.site.hostname)


def test_among_some_keys_those_of_each_call_are_found(program):
    second = make_program("second", name="Second")
    among = Lookup(lambda: Program.objects.order_by("pk"), "currency", "pk__in")
    assert among.all("EUR", padded([program.pk], 3)) == [program]
    assert among.all("EUR", padded([program.pk, second.pk], 3)) == [program, second]
    assert among.all("USD", padded([second.pk], 3)) == []
