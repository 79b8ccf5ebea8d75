"""Addresses of personal pages: signed, with an expiry, saying nothing about who it is."""

from datetime import timedelta
from typing import Any

from django.core import signing
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode

from .conf import setting


def make_token(kind: str, pk: int) -> str:
    """An unguessable part of an address for one row."""
    return sign_value(kind, pk)


def read_token(kind: str, token: str, *, days: float | None = None) -> int | None:
    """The row's key, or None when the token is forged, of another kind or too old.

    It holds for ``days``, or for TOKEN_DAYS.
    """
    pk = read_value(kind, token, days=days)
    return pk if isinstance(pk, int) else None


def sign_value(kind: str, value: Any) -> str:
    """The same for more than one row: ``value`` is a small thing that JSON can hold."""
    signed = signing.dumps(value, salt=f"wagtail_referrals.{kind}")
    # Wagtail's addresses are letters, digits, "_" and "-" only.
    return urlsafe_base64_encode(signed.encode())


def read_value(kind: str, token: str, *, days: float | None = None) -> Any:
    """What was signed, or None when the token is forged, of another kind or too old."""
    try:
        return signing.loads(
            urlsafe_base64_decode(token[:500]).decode(),
            salt=f"wagtail_referrals.{kind}",
            max_age=timedelta(days=setting("TOKEN_DAYS") if days is None else days),
        )
    except (signing.BadSignature, ValueError):
        return None
