"""Writing purchases from before a program's start, some hundred at once."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from django.utils import timezone

from ..late import tell_late
from ..people.models import Person
from ..people.register import lock_customers
from ..programs.models import Program
from ..transactions import retried
from .bulk_insert import insert_new
from .models import Event
from .purchase_lines import Purchase
from .report import PURCHASE

_EVENT_FIELDS = (
    "external_id",
    "source_key",
    "fingerprint",
    "person_id",
    "amount",
    "currency",
    "metadata",
    "occurred_at",
)


@retried
def store_chunk(
    program: Program, purchases: list[Purchase], newcomers: set[str]
) -> tuple[int, dict[str, str]]:
    """Write a chunk: how many people were added, and the orders another one wrote meanwhile.

    The database's unique keys decide, for a webhook may tell of the same order right now.
    """
    first = {}
    for purchase in sorted(purchases, key=lambda p: p.at, reverse=True):
        first[purchase.email_key] = purchase
    added = [
        (purchase.email, key, purchase.at, purchase.at)
        for key, purchase in first.items()
        if key in newcomers
    ]
    insert_new(Person, ("email", "email_key", "created_at", "customer_since"), added)
    people = {
        key: (pk, since)
        for pk, key, since in Person.objects.order_by()
        .filter(email_key__in=first)
        .values_list("pk", "email_key", "customer_since")
    }
    now = timezone.now()
    insert_new(
        Event,
        _EVENT_FIELDS,
        [
            (
                purchase.order_id,
                purchase.source_key,
                purchase.fingerprint,
                people[purchase.email_key][0],
                purchase.amount,
                purchase.currency,
                purchase.items,
                purchase.at,
            )
            for purchase in purchases
        ],
        program_id=program.pk,
        kind=PURCHASE,
        recorded_at=now,
    )
    tell_late(purchase.at for purchase in purchases)
    others = _others(program, [purchase.source_key for purchase in purchases], now)
    _became_customers(
        people, [purchase for purchase in purchases if purchase.source_key not in others]
    )
    return len(added), others


def _others(program: Program, keys: list[str], now: datetime) -> dict[str, str]:
    """The fingerprints of those that were there before us, by source key."""
    there = Event.objects.order_by().filter(program=program, kind=PURCHASE, source_key__in=keys)
    if there.filter(recorded_at=now).count() == len(keys):
        return {}
    return dict(there.exclude(recorded_at=now).values_list("source_key", "fingerprint"))


def _became_customers(
    people: dict[str | None, tuple[int, datetime | None]], purchases: list[Purchase]
) -> None:
    """Note each one's earliest purchase; people of one day share an UPDATE."""
    earliest: dict[str, datetime] = {}
    for purchase in purchases:
        at = earliest.get(purchase.email_key, purchase.at)
        earliest[purchase.email_key] = min(at, purchase.at)
    earlier = {
        people[key][0]: at
        for key, at in earliest.items()
        if (since := people[key][1]) is None or at < since
    }
    by_time: dict[datetime, list[int]] = defaultdict(list)
    # Another worker may have told of one of them since they were read.
    known = lock_customers(earlier) if earlier else {}
    for pk, since in known.items():
        if since is None or earlier[pk] < since:
            by_time[earlier[pk]].append(pk)
    for at, pks in sorted(by_time.items()):
        Person.objects.filter(pk__in=sorted(pks)).update(customer_since=at)
    tell_late(known[pk] for pks in by_time.values() for pk in pks)
