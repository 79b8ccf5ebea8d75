"""A fact as it was reported, cleaned."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone

from ..coupons.codes import LINK_LENGTH, code_key
from ..coupons.redeem import clean_order_id
from ..exceptions import InvalidInput
from ..people.identity import email_key
from ..programs.money import clean_amount, clean_currency

PURCHASE, REFUND = "purchase", "refund"
# The bank took the money back; and the order's total is another one now.
CHARGEBACK, ORDER_CHANGED = "chargeback", "order.changed"
MONEY_KINDS = (PURCHASE, REFUND, CHARGEBACK, ORDER_CHANGED)
OF_PURCHASE = (REFUND, CHARGEBACK, ORDER_CHANGED)
# Facts of the inside, which have verbs of their own.
OWN_KINDS = (
    "feedback.submitted",
    "referral.claimed",
    "referral.graded",
    "introduction.received",
    "introduction.won",
)
_KIND = re.compile(r"[a-z0-9_.]{1,50}")


@dataclass(frozen=True)
class Report:
    """A fact as it was reported, cleaned."""

    kind: str
    external_id: str
    email: str = ""
    amount: Decimal | None = None
    currency: str = ""
    coupon_code: str = ""
    referral_code: str = ""
    refund_of: str = ""
    occurred_at: datetime | None = None
    metadata: dict[str, Any] = field(default_factory=dict)

    @property
    def source_key(self) -> str:
        return hashlib.sha256(self.external_id.encode()).hexdigest()

    @property
    def fingerprint(self) -> str:
        """Equal for two reports that say the same. Details may differ between deliveries."""
        said = [
            email_key(self.email) if self.email else "",
            str(self.amount) if self.amount is not None else "",
            self.currency,
            code_key(self.coupon_code),
            code_key(self.referral_code, LINK_LENGTH),
            self.refund_of,
        ]
        return hashlib.sha256("\n".join(said).encode()).hexdigest()


def clean_report(**values: Any) -> Report:
    """A Report of what was said. Raises InvalidInput with the reason."""
    kind = str(values["kind"] or "")
    if not _KIND.fullmatch(kind):
        raise InvalidInput("invalid_kind")
    money = values.get("amount") is not None or kind in MONEY_KINDS
    email = str(values.get("email") or "").strip()
    if email or kind == PURCHASE:
        email_key(email)
    refund_of = values.get("refund_of")
    return Report(
        kind=kind,
        external_id=clean_order_id(values["external_id"]),
        email=email,
        amount=clean_amount(values.get("amount")) if money else None,
        currency=clean_currency(values.get("currency")) if money else "",
        coupon_code=str(values.get("coupon_code") or "")[:200],
        referral_code=str(values.get("referral_code") or "")[:200],
        refund_of=clean_order_id(refund_of) if refund_of or kind in OF_PURCHASE else "",
        occurred_at=clean_time(values.get("occurred_at")),
        metadata=clean_metadata(values.get("metadata")),
    )


def clean_time(value: datetime | None) -> datetime | None:
    if value is None:
        return None
    if not isinstance(value, datetime):
        raise InvalidInput("invalid_time")
    aware = timezone.make_aware(value) if timezone.is_naive(value) else value
    # Two machines' clocks differ; a day is more than that.
    if not datetime(1990, 1, 1, tzinfo=aware.tzinfo) <= aware <= timezone.now() + timedelta(days=1):
        raise InvalidInput("invalid_time")
    return aware


def _depth(value: Any) -> int:
    children = value.values() if isinstance(value, dict) else value
    if not isinstance(value, dict | list | tuple):
        return 0
    return 1 + max(map(_depth, children), default=0)


def clean_metadata(value: dict[str, Any] | None) -> dict[str, Any]:
    if not value:
        return {}
    try:
        text = json.dumps(value, cls=DjangoJSONEncoder, allow_nan=False)
        json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False).encode()
    except (TypeError, ValueError, RecursionError):
        raise InvalidInput("invalid_metadata") from None
    too_deep = _depth(value) > 20
    if not isinstance(value, dict) or len(text) > 20_000 or "\\u0000" in text or too_deep:
        raise InvalidInput("invalid_metadata")
    return dict(json.loads(text))
