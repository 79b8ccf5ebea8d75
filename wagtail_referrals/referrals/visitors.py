"""Telling visitors of one day apart without knowing them."""

import functools
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import date, datetime

from crawleruseragents import is_crawler
from django.utils import timezone

from ..conf import setting
from .models import DailySalt

# Kept per process so that a click asks the database once a day: {day: salt}.
_known_salts: dict[date, str] = {}

PREFETCH_HEADERS = ("HTTP_SEC_PURPOSE", "HTTP_PURPOSE", "HTTP_X_MOZ", "HTTP_X_PURPOSE")


def visitor_hash(meta: Mapping[str, str], at: datetime | None = None) -> str:
    """32 hex digits, the same for one browser during one UTC day and meaningless after it.

    ``meta`` is a request's META. The address itself is never stored.
    """
    salt = _salt((at or timezone.now()).date())
    address = str(meta.get(setting("CLIENT_IP_META"), ""))
    if not address:
        return secrets.token_hex(16)  # nobody can be told apart: better a new one than all one
    browser = str(meta.get("HTTP_USER_AGENT", ""))[:512]
    visitor = f"{address}\n{browser}".encode()
    return hmac.new(salt.encode(), visitor, hashlib.sha256).hexdigest()[:32]


def _salt(day: date) -> str:
    # Another thread may empty the dict between any two lines: what is returned is our own.
    salt = _known_salts.get(day)
    if salt is None:
        DailySalt.objects.bulk_create(
            [DailySalt(day=day, salt=secrets.token_hex(32))], ignore_conflicts=True
        )
        salt = DailySalt.objects.get(day=day).salt
        _known_salts.clear()
        _known_salts[day] = salt
    return salt


def throw_away_salts(today: date) -> int:
    """Delete the salts of the days before; from then on their hashes lead nowhere."""
    _known_salts.clear()
    deleted, _rows = DailySalt.objects.filter(day__lt=today).delete()
    return deleted


@functools.lru_cache(maxsize=2048)
def _is_bot(user_agent: str) -> bool:
    return not user_agent or bool(is_crawler(user_agent))


def is_person_opening(method: str, meta: Mapping[str, str]) -> bool:
    """Whether a request is somebody opening a link: no bot, no HEAD, no prefetch."""
    if method != "GET" or any("prefetch" in meta.get(key, "") for key in PREFETCH_HEADERS):
        return False
    return not _is_bot(str(meta.get("HTTP_USER_AGENT", ""))[:512])
