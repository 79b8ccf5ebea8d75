"""Addresses of personal pages: signed, with an expiry, saying nothing about who it is."""

from datetime import timedelta

from django.core import signing

from .conf import setting


def make_token(kind: str, pk: int) -> str:
    """An unguessable part of an address for one row."""
    return signing.dumps(pk, salt=f"wagtail_referrals.{kind}")


def read_token(kind: str, token: str) -> int | None:
    """The row's key, or None when the token is forged, of another kind or too old."""
    try:
        pk = signing.loads(
            token[:500],
            salt=f"wagtail_referrals.{kind}",
            max_age=timedelta(days=setting("TOKEN_DAYS")),
        )
    except signing.BadSignature:
        return None
    return pk if isinstance(pk, int) else None
