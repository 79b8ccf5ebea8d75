"""Many who choose one name at once: one has it."""

from functools import partial

import pytest

from tests.concurrency.racing import Meeting, race, refusals, without_unique
from wagtail_referrals.people.models import Consent
from wagtail_referrals.people.register import find_or_add_person
from wagtail_referrals.referrals import own
from wagtail_referrals.referrals.join import join_program
from wagtail_referrals.referrals.models import Advocate

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def race_for_a_name(program, monkeypatch):
    """All have looked whether the name is free before the first of them takes it."""
    people = [find_or_add_person(f"a{number}@example.org") for number in range(8)]
    advocates = [join_program(program, person) for person in people]
    monkeypatch.setattr(own, "_is_taken", Meeting(8).after(own._is_taken))
    return race(
        [
            partial(own.show_on_board, advocate, shown_as="alias", alias="Kaffeetante")
            for advocate in advocates
        ]
    )


def test_of_8_who_choose_one_name_at_once_one_has_it(program, monkeypatch):
    results = race_for_a_name(program, monkeypatch)
    assert refusals(results) == {"alias_taken": 7}
    assert Advocate.objects.filter(alias="Kaffeetante").count() == 1
    assert Consent.objects.count() == 1


@pytest.mark.needs_database("postgresql")
def test_without_the_unique_key_many_have_it(program, monkeypatch):
    with without_unique(Advocate, "program_id", "alias_key"):
        race_for_a_name(program, monkeypatch)
        assert Advocate.objects.filter(alias="Kaffeetante").count() > 1
