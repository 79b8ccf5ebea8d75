"""Guessing is slow, and tells nothing: what an anonymous client is told of a code."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.cache import cache

from ..conf import setting
from ..exceptions import CouponRefused

HOUR = 3600
# What lies in the code, or in this person with it. Other reasons a visitor can mend.
SECRET = frozenset(
    [
        "unknown",
        "void",
        "not_yet_valid",
        "expired",
        "used_up",
        "wrong_person",
        "blocked",
        "self_referral",
        "first_order_only",
        "already_customer",
        "limit_reached",
    ]
)


@contextmanager
def one_answer(client: str) -> Iterator[None]:
    """Inside of it a refusal is the same for every code that cannot be used.

    ``client`` is any text that names who asks, like an address; "" for staff and programs, who
    hear the true reason. Raises CouponRefused: "not_valid", or "wait" after too many.
    """
    if not client:
        yield
        return
    name = "wagtail_referrals:wrong:" + hashlib.sha256(client.encode()).hexdigest()
    # Counted before it is tried, so that many at once are no more than one after the other.
    most = setting("WRONG_CODES_PER_HOUR")
    if most is not None and _count(name) > most:
        raise CouponRefused("wait")
    wrong = False
    try:
        yield
    except CouponRefused as error:
        wrong = error.code in SECRET
        if wrong:
            raise CouponRefused("not_valid") from None
        raise
    finally:
        if not wrong and most is not None:
            _count(name, -1)


def _count(name: str, delta: int = 1) -> int:
    """The hour begins with the first code; a cache that keeps nothing limits nothing."""
    cache.add(name, 0, HOUR)
    try:
        return int(cache.incr(name, delta))
    except ValueError:
        return 0
