"""Quiet hours: at night mails wait, by the clock of whoever reads them.

Where somebody lives is told by their language. "de-AT" names a place, and "it" is as good as
one; "en" is spoken under many clocks, and then the site's own counts. So it does for readers of
the site's first language: Django's "en-us", left as it is, says nothing of where anybody lives.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta, tzinfo
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.core import get_global, parse_locale
from django.conf import settings
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from .kinds import ASKED_FOR
from .models import Message
from .unwanted import category_of

# A coupon is read by who has just filled in a form for it.
COUPONS = ("friend_coupon", "coupon_to_hand_on", "reward_issued")
JUST_NOW = timedelta(minutes=10)


def quiet_until(message: Message, at: datetime) -> datetime | None:
    """When the quiet time is over in which a mail would arrive; None when it can go now."""
    begin, end = message.program.quiet_from, message.program.quiet_to
    if begin is None or end is None or begin == end or cannot_wait(message, at):
        return None
    return _end_of_quiet(message.locale or settings.LANGUAGE_CODE, begin, end, at)


def cannot_wait(message: Message, at: datetime) -> bool:
    """Whether somebody looks into the inbox for it, whatever the hour."""
    if category_of(message.kind) == ASKED_FOR:
        return True
    if message.kind not in COUPONS or at - message.created_at > JUST_NOW:
        return False
    # What waited for its time has nobody waiting at the screen.
    ripe = parse_datetime(str(message.context.get("hold_until", "")))
    return ripe is None or ripe >= message.created_at


def _end_of_quiet(locale: str, begin: time, end: time, at: datetime) -> datetime | None:
    zones = zones_of(locale, at)
    moment = at
    # Until it is day for all of them. Where it never is, the site's own clock counts.
    while later := _latest_end(zones, begin, end, moment):
        moment = later
        if moment - at > timedelta(days=1):
            zones, moment = (timezone.get_default_timezone(),), at
    return moment if moment > at else None


def _latest_end(zones: Iterable[tzinfo], begin: time, end: time, at: datetime) -> datetime | None:
    return max((over for zone in zones if (over := _end_in(zone, begin, end, at))), default=None)


def _end_in(zone: tzinfo, begin: time, end: time, at: datetime) -> datetime | None:
    local = at.astimezone(zone)
    clock = local.time()
    over_midnight = begin > end
    if not (clock >= begin or clock < end if over_midnight else begin <= clock < end):
        return None
    day = local.date() + timedelta(days=1 if over_midnight and clock >= begin else 0)
    over = datetime.combine(day, end, zone).astimezone(UTC)
    # In the night of a change of clocks an hour comes twice.
    return max(over, at + timedelta(minutes=1))


def zones_of(locale: str, at: datetime) -> tuple[tzinfo, ...]:
    """The clocks its reader may live by."""
    own = timezone.get_default_timezone()
    names, has_region = _zones_of_language(locale)
    # A clock of a place was chosen; UTC is what a new project has.
    is_ours = locale.lower() == settings.LANGUAGE_CODE.lower() and settings.TIME_ZONE != "UTC"
    if str(own) in names or is_ours:
        return (own,)
    # Every mail of an hour asks the same of up to thirty zones.
    hour = at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    return _different(names, has_region, hour) or (own,)


@lru_cache(256)
def _different(names: tuple[str, ...], has_region: bool, at: datetime) -> tuple[tzinfo, ...]:
    """One zone for each clock; none where a language alone does not say which."""
    clocks = {zone.utcoffset(at): zone for zone in map(ZoneInfo, names)}
    return () if len(clocks) > 1 and not has_region else tuple(clocks.values())


@cache
def _zones_of_language(locale: str) -> tuple[tuple[str, ...], bool]:
    """The names of the zones of its territory, and whether the locale itself names that."""
    try:
        language, territory, script, *_rest = parse_locale(locale, sep="-")
    except ValueError:
        return (), False
    likely = get_global("likely_subtags")
    tag = likely.get(f"{language}_{script}") or likely.get(language) or ""
    place = territory or tag.rpartition("_")[2]
    names = get_global("territory_zones").get(place, [])
    return tuple(name for name in names if _is_known(name)), bool(territory)


def _is_known(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return False
    return True
