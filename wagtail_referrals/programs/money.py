"""Amounts of money: Decimal with an ISO currency, checked and shown."""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.numbers import format_currency, get_currency_precision, list_currencies
from django.core.exceptions import ValidationError
from django.db.models import DecimalField, Value
from django.db.models.functions import Round
from django.utils.translation import get_language, to_locale

from ..exceptions import MESSAGES, InvalidInput

CENT = Decimal("0.01")
LARGEST = Decimal("9999999999.99")


def clean_amount(value: Any) -> Decimal:
    """A sum of money from 0.00 to 9,999,999,999.99. Raises InvalidInput("invalid_amount")."""
    try:
        amount = Decimal(str(value).replace("_", "?"))
        cents = amount.quantize(CENT)
    except (InvalidOperation, ValueError):
        raise InvalidInput("invalid_amount") from None
    if not amount.is_finite() or amount != cents or not 0 <= amount <= LARGEST:
        raise InvalidInput("invalid_amount")
    return abs(cents)


def as_money(said: Any) -> Decimal | None:
    """What somebody else's program said, as an amount, below zero too; None where it is none."""
    if isinstance(said, bool) or not isinstance(said, int | float | str | Decimal):
        return None
    try:
        amount = Decimal(str(said)[:40])
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and abs(amount) <= LARGEST else None


def clean_currency(value: Any) -> str:
    """An ISO 4217 code with at most two decimals. Raises InvalidInput("invalid_currency")."""
    code = str(value or "").strip().upper()
    if code not in list_currencies() or get_currency_precision(code) > 2:
        raise InvalidInput("invalid_currency")
    return code


def validate_currency(value: str) -> None:
    """A validator for model fields."""
    try:
        clean_currency(value)
    except InvalidInput:
        raise ValidationError(str(MESSAGES["invalid_currency"])) from None


def round_money(amount: Decimal, currency: str) -> Decimal:
    """To the smallest coin of the currency (a cent, a whole yen), halves up, as a till does."""
    coin = Decimal(1).scaleb(-get_currency_precision(currency))
    return amount.quantize(coin, rounding=ROUND_HALF_UP).quantize(CENT)


def sum_in_database(*terms: Any) -> Round:
    """The sum of columns and amounts, exact to the cent: SQLite reckons in floating point."""
    total = Value(Decimal(0), output_field=DecimalField(max_digits=12, decimal_places=2))
    return Round(sum(terms, start=total), precision=2)


def format_money(amount: Decimal | int, currency: str) -> str:
    """As the reader's language writes it: €10.00, 10,00 €. Whole sums lose their zeros."""
    # A difference may be -0, which is equal to 0 and would be kept in its place.
    return _format_money(Decimal(amount) or Decimal(0), currency, get_language() or "en")


@lru_cache(1024)
def _format_money(amount: Decimal, currency: str, language: str) -> str:
    # Kept, as a fact says the same few sums over and over: on pages, in mails, for staff.
    try:
        locale: Locale | str = Locale.parse(to_locale(language))
    except (UnknownLocaleError, ValueError):
        locale = "en"
    whole = amount == amount.to_integral_value()
    text = format_currency(amount, currency, locale=locale, currency_digits=not whole)
    return text if not whole else _without_zeros(amount, currency, locale)


def amount_text(amount: Decimal | str, currency: str = "") -> str:
    """An amount as people write it; the bare number where nobody says in which currency."""
    return format_money(Decimal(amount), currency) if currency else str(amount)


def _without_zeros(amount: Decimal, currency: str, locale: Locale | str) -> str:
    pattern = Locale.parse(str(locale)).currency_formats["standard"].pattern
    return format_currency(
        amount, currency, pattern.replace(".00", ""), locale=locale, currency_digits=False
    )
