"""Two workers tell of one buyer's first purchase: what the later of them replaces is told."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connections, transaction

from wagtail_referrals.insights.rollup_models import ChangedHour
from wagtail_referrals.people.models import Person
from wagtail_referrals.people.register import became_customer, find_or_add_person
from wagtail_referrals.transactions import retried

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

NOTED = datetime(2026, 3, 5, 12, tzinfo=UTC)


def test_what_another_worker_notes_meanwhile_is_told_when_it_is_replaced(db: None) -> None:
    person = find_or_add_person("cy@example.org")
    read_before = Person.objects.get(pk=person.pk)

    def note_an_earlier_one() -> None:
        try:
            retried(became_customer)(read_before, NOTED - timedelta(days=1))
        finally:
            connections.close_all()

    other = threading.Thread(target=note_an_earlier_one)
    with transaction.atomic():
        became_customer(person, NOTED)
        other.start()
        # It waits for the row, which it finds changed.
        other.join(0.3)
    other.join(30)
    assert Person.objects.get().customer_since == NOTED - timedelta(days=1)
    assert [row.starts_at for row in ChangedHour.objects.all()] == [NOTED]
