"""Several workers count the same hours at once: each hour is in the rollups as it is."""

import threading
from datetime import timedelta
from functools import partial

import pytest
from django.db import connections
from django.utils import timezone

from tests.concurrency.racing import race, refusals
from wagtail_referrals.insights import keeping
from wagtail_referrals.insights.rollup_models import ChangedHour, Level, RollupState
from wagtail_referrals.insights.rollups import Span, count_facts, update_rollups
from wagtail_referrals.referrals.clicks import record_click

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

NOW = timezone.now()
WORKERS = 3


@pytest.fixture
def clicks(advocate):
    """Of the last days, and one of long ago."""
    for number, hours in enumerate((3, 4, 27, 50, 70 * 24)):
        record_click(advocate.pk, str(number), at=NOW - timedelta(hours=hours))
    return advocate


def counted(advocate):
    found = count_facts([advocate.program_id], Span(NOW - timedelta(days=90), NOW))
    return found["clicked", ""].count


def test_workers_that_come_at_once_count_everything_once(clicks):
    results = race([partial(update_rollups, at=NOW)] * WORKERS)
    assert not refusals(results)
    assert counted(clicks) == 5
    assert not ChangedHour.objects.exists()


def count_while_a_click_comes_late(advocate, monkeypatch):
    """One worker has counted but not stored; a click comes late, and another worker counts it."""
    has_counted, go_on, store = threading.Event(), threading.Event(), keeping._store

    def wait_and_store(state, job, rows, since):
        if threading.current_thread() is slow and job.level == Level.HOUR and not go_on.is_set():
            has_counted.set()
            assert go_on.wait(30)
        return store(state, job, rows, since)

    def count():
        try:
            update_rollups(at=NOW)
        finally:
            connections.close_all()

    monkeypatch.setattr(keeping, "_store", wait_and_store)
    slow = threading.Thread(target=count)
    slow.start()
    assert has_counted.wait(30)
    update_rollups(at=NOW)
    record_click(advocate.pk, "late", at=NOW - timedelta(hours=4))
    update_rollups(at=NOW)
    assert counted(advocate) == 6
    go_on.set()
    slow.join(30)
    assert not slow.is_alive()


def test_who_counted_before_a_change_does_not_store_it_after_another(clicks, monkeypatch):
    count_while_a_click_comes_late(clicks, monkeypatch)
    assert counted(clicks) == 6


def test_without_the_version_the_change_is_lost(clicks, monkeypatch):
    def take_anyway(state, **values):
        return RollupState.objects.update(**values)

    monkeypatch.setattr(keeping, "_take", take_anyway)
    count_while_a_click_comes_late(clicks, monkeypatch)
    assert counted(clicks) == 5
