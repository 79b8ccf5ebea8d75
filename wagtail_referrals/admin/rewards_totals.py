"""What rewards are worth, by state and currency: amounts of two currencies never meet."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, QuerySet, Sum

from ..programs.money import CENT, format_money
from ..rewards.models import RewardState


@dataclass(frozen=True)
class Total:
    """Rewards of one state and currency; the amounts are "" for what is no money."""

    state: str
    currency: str
    count: int
    worth: str
    owed: str


def totals_of(rewards: QuerySet) -> list[Total]:
    """The totals of these rewards, in the order of a reward's life."""
    rows = (
        rewards.order_by()
        .values("state", "currency")
        .annotate(count=Count("pk"), worth=Sum("balance"), owed=Sum("owed"))
    )
    order = list(RewardState)
    return [
        Total(
            str(RewardState(row["state"]).label),
            row["currency"],
            row["count"],
            _money(row["worth"], row["currency"]),
            _money(row["owed"], row["currency"]) if row["owed"] else "",
        )
        for row in sorted(rows, key=lambda row: (order.index(row["state"]), row["currency"]))
    ]


def _money(amount: Decimal | None, currency: str) -> str:
    # SQLite adds in floating point.
    return format_money((amount or Decimal(0)).quantize(CENT), currency) if currency else ""
