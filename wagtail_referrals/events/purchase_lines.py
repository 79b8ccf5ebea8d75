"""What a line of a file of purchases says."""

from __future__ import annotations

import hashlib
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.utils import timezone

from ..exceptions import InvalidInput
from ..people.identity import clean_email, email_key
from .csv_records import Record
from .report import clean_metadata, clean_time


class Purchase(NamedTuple):
    """A line that can be imported."""

    record: Record
    email: str
    email_key: str
    order_id: str
    at: datetime
    amount: Decimal
    currency: str
    items: dict[str, Any]
    source_key: str
    fingerprint: str


def clean_identity(email: str) -> tuple[str, str]:
    cleaned = clean_email(email)
    return cleaned, email_key(cleaned)


def clean_ordered_at(text: str) -> datetime:
    """A date is its midnight in the site's time zone, and so is a time without a zone there."""
    try:
        value = datetime.fromisoformat(text.strip())
    except ValueError:
        raise InvalidInput("invalid_time") from None
    if timezone.is_naive(value):
        value = timezone.make_aware(value, timezone.get_default_timezone())
    cleaned = clean_time(value)
    assert cleaned is not None
    return cleaned


def clean_items(text: str) -> dict[str, Any]:
    """How many or which, as the file says it."""
    text = text.strip()
    if not text:
        return {}
    if text.isdecimal() and text.isascii() and len(text) < 10:
        return {"items": int(text)}
    return clean_metadata({"items": text})


def fingerprint_of(key: str, amount: Decimal, currency: str) -> str:
    """What ``Report.fingerprint`` is for a purchase without codes, with the key known already."""
    return hashlib.sha256("\n".join([key, str(amount), currency, "", "", ""]).encode()).hexdigest()
