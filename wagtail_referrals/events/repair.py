"""A repaired attribution takes what the friend bought along to the other advocate."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import F, Sum

from ..referrals.models import Advocate, Referral, Stage
from ..referrals.refer import count_purchase
from .report import PURCHASE


def follow_repair(referral: Referral, old: Advocate, user: Any, reason: str) -> None:
    """Count the friend, and what they bought and kept, for the advocate it is credited to now."""
    bought = referral.events.filter(kind=PURCHASE)
    # First the rows that a refund changes first: one of the two waits for the other.
    bought.update(refunded=F("refunded"))
    referral.refresh_from_db(fields=["stage"])
    purchases = bought.filter(currency=referral.program.currency)
    kept = purchases.aggregate(sum=Sum(F("amount") - F("refunded")))["sum"] or Decimal(0)
    value = kept.quantize(Decimal("0.01"))
    friends = int(referral.stage == Stage.CONVERTED)
    if not friends and not value:
        return
    count_purchase(old, friends=-friends, value=-value)
    count_purchase(referral.advocate, friends=friends, value=value)
