"""How much of something is allowed within a time."""

from __future__ import annotations

from datetime import datetime

from django.db.models import F

from .models import Quota


def take(key: str, *, most: int, ends_at: datetime, wanted: int = 1) -> bool:
    """Use up ``wanted`` of ``most``; False, and nothing is used, when less is left.

    ``key`` names what it is and its time ("friend_mail:17:2026-11-22"). One conditional UPDATE
    decides; in a transaction that is rolled back nothing is used.
    """
    rows = Quota.objects.filter(key=key, used__lte=most - wanted)
    if wanted > most:
        return False
    if rows.update(used=F("used") + wanted):
        return True
    Quota.objects.bulk_create([Quota(key=key, ends_at=ends_at)], ignore_conflicts=True)
    return bool(rows.update(used=F("used") + wanted))
