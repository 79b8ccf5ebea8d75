"""Addresses of personal pages: signed, with an expiry, saying nothing about who it is."""

from datetime import timedelta

from django.core import signing
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode

from .conf import setting


def make_token(kind: str, pk: int) -> str:
    """An unguessable part of an address for one row."""
    signed = signing.dumps(pk, salt=f"wagtail_referrals.{kind}")
    # Wagtail's addresses are letters, digits, "_" and "-" only.
    return urlsafe_base64_encode(signed.encode())


def read_token(kind: str, token: str, *, days: int | None = None) -> int | None:
    """The row's key, or None when the token is forged, of another kind or too old.

    It holds for ``days``, or for TOKEN_DAYS.
    """
    try:
        pk = signing.loads(
            urlsafe_base64_decode(token[:500]).decode(),
            salt=f"wagtail_referrals.{kind}",
            max_age=timedelta(days=setting("TOKEN_DAYS") if days is None else days),
        )
    except (signing.BadSignature, ValueError):
        return None
    return pk if isinstance(pk, int) else None
