"""What a till says of an order, made fit for the rules and the database."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

from ..exceptions import InvalidInput
from ..people.identity import email_key
from ..programs.money import clean_amount, clean_currency
from .codes import code_key

Items = Iterable[Mapping[str, Any]]


@dataclass(frozen=True)
class Order:
    """An order in clean values; ``total`` is None as long as nobody knows it."""

    id: str
    total: Decimal | None
    currency: str
    buyer_key: str
    items: tuple[tuple[str, Decimal], ...]
    other_keys: frozenset[str]
    at: datetime

    @property
    def key(self) -> str:
        return order_key(self.id)


def clean_order(
    *,
    order_id: str | None = None,
    email: str = "",
    order_total: Any,
    currency: str = "",
    items: Items = (),
    other_codes: Iterable[str] = (),
    at: datetime | None = None,
) -> Order:
    """An Order; None for the id or the total: not known yet. Raises InvalidInput."""
    return Order(
        id="" if order_id is None else clean_order_id(order_id),
        total=None if order_total is None else clean_amount(order_total),
        currency="" if order_total is None else clean_currency(currency),
        buyer_key=email_key(email) if email else "",
        items=_clean_items(items),
        other_keys=frozenset(filter(None, map(code_key, other_codes or ()))),
        at=at or timezone.now(),
    )


def clean_order_id(value: Any) -> str:
    """1 to 255 printable characters. Raises InvalidInput("invalid_id")."""
    order_id = str(value if value is not None else "").strip()
    if not 1 <= len(order_id) <= 255 or not order_id.isprintable():
        raise InvalidInput("invalid_id")
    return order_id


def order_key(order_id: str) -> str:
    """A digest that tells "A1" from "a1" on every database."""
    return hashlib.sha256(order_id.encode()).hexdigest()


def _clean_items(items: Items) -> tuple[tuple[str, Decimal], ...]:
    try:
        return tuple(map(_clean_item, items or ()))
    except TypeError:
        raise InvalidInput("invalid_items") from None


def _clean_item(item: Any) -> tuple[str, Decimal]:
    try:
        sku, amount = str(item["sku"]).strip(), item["amount"]
    except (KeyError, TypeError, IndexError):
        raise InvalidInput("invalid_items") from None
    return sku, clean_amount(amount)
