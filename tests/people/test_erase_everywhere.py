"""After an erasure the whole database holds no trace: every column of every table is read."""

from typing import Any

import pytest
from django.db import connection

from tests.people.rich_story import ALIAS, EMAIL, NAME, NOTE, PHONE, TRACES, tell_all
from wagtail_referrals.feedback.erase import erase_responses
from wagtail_referrals.people import erase
from wagtail_referrals.people.erase import erase_person
from wagtail_referrals.people.models import Person
from wagtail_referrals.people.suppression import is_suppressed
from wagtail_referrals.referrals.erase import erase_referrals

# What a browser holds, and the site's own accounts, are not ours.
NOT_OURS = {"django_session", "auth_user"}


@pytest.fixture
def ann(db: None, django_user_model: Any) -> Person:
    clerk = django_user_model.objects.create_user("clerk", "clerk@example.org", "x")
    return tell_all(clerk).advocate.person


def traces(*words: str) -> list[str]:
    """Every column of any table that holds one of the words, in whatever type."""
    found = []
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor)) - NOT_OURS
        for table in sorted(tables):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608
            columns = [column[0] for column in cursor.description]
            for row in cursor.fetchall():
                found += [
                    f"{table}.{column}: {value}"
                    for column, value in zip(columns, row, strict=True)
                    if any(word.lower() in _plain(value) for word in words)
                ]
    return found


def _plain(value: Any) -> str:
    """As it would be read: JSON may write a sign as \\u2013, a search index as bytes."""
    if isinstance(value, bytes | memoryview):
        value = bytes(value).decode(errors="replace")
    return str(value).lower()


@pytest.mark.parametrize("word", TRACES)
def test_the_story_leaves_traces_of_everything(ann: Person, word: str) -> None:
    assert traces(word)


def test_nothing_in_the_whole_database_says_who_it_was(ann: Person) -> None:
    erase_person(ann, reason=f"{NAME} of {EMAIL} wants it")
    assert traces(*TRACES) == []


@pytest.mark.parametrize("eraser", [erase_referrals, erase_responses])
def test_with_one_eraser_off_it_is_found(
    ann: Person, eraser: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the search above is able to find something."""
    others = [one for one in erase._erasers if one is not eraser]
    assert len(others) == len(erase._erasers) - 1
    monkeypatch.setattr(erase, "_erasers", others)
    erase_person(ann, reason="Asked for it")
    assert traces(*TRACES)


def test_what_somebody_is_called_elsewhere_is_redacted_too(ann: Person) -> None:
    assert traces(ALIAS) and traces(PHONE) and traces(NOTE)
    erase_person(ann, reason=f"The one called {ALIAS}, {PHONE}")
    assert traces(ALIAS, PHONE, NOTE) == []


def test_the_digest_that_keeps_them_from_being_written_to_stays(ann: Person) -> None:
    erase_person(ann, reason="Asked for it")
    assert is_suppressed(EMAIL)
