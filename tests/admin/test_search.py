"""What is searched for is found by the indexes, however long the lists are."""

from typing import Any

import pytest

from wagtail_referrals.admin.events import EventIndexView
from wagtail_referrals.admin.rule_rehearsal import _by
from wagtail_referrals.admin.search import advocate_code_q, mailbox_q, of_person, person_q
from wagtail_referrals.events.models import Event
from wagtail_referrals.people.models import Person
from wagtail_referrals.referrals.models import Advocate

SEARCHES = {
    "people": (Person, person_q("ann")),
    "mailboxes": (Person, mailbox_q("ann@example.org")),
    "events": (Event, EventIndexView().search_with("order-1")),
    "events of a person": (Event, of_person("person", "ann@example.org")),
    "what a rule is tried on": (Event, _by("order-1")),
    "what a rule is tried on, by address": (Event, _by("ann@example.org")),
    "advocates": (Advocate, advocate_code_q("code_key", "ABCD")),
}


# The others read a table as small as this one whole.
@pytest.mark.needs_database("sqlite")
@pytest.mark.parametrize("what", SEARCHES)
def test_a_search_reads_no_table_whole(db: Any, what: str) -> None:
    model, condition = SEARCHES[what]
    plan = model._default_manager.filter(condition).order_by().explain()
    assert "SCAN" not in plan, plan
