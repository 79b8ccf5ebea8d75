"""Structured data for search engines: plain dicts in schema.org's words, written as JSON-LD.

About partners and events, never stars about ourselves: search engines want none of those.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.utils.html import strip_tags
from django.utils.safestring import SafeString, mark_safe

Thing = dict[str, Any]

# What would end the script's element or begin another.
_ESCAPES = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}


def as_script(things: Iterable[Thing]) -> SafeString:
    """The element that holds them. It is data: a policy for scripts does not stop it."""
    graph = [thing for thing in things if thing]
    if not graph:
        return SafeString("")
    data = {"@context": "https://schema.org", "@graph": graph}
    text = json.dumps(data, cls=DjangoJSONEncoder, ensure_ascii=False).translate(_ESCAPES)
    return mark_safe(f'<script type="application/ld+json">{text}</script>')  # noqa: S308


def thing(kind: str, **values: Any) -> Thing:
    """One thing without what is empty; times and days as ISO 8601."""
    said = {name: _said(value) for name, value in values.items() if value not in (None, "", [], {})}
    return {"@type": kind, **said}


def _said(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | datetime) else value


def breadcrumbs(places: Iterable[tuple[str, str]]) -> Thing:
    """Where a page is: (name, full address) from the home page on."""
    items = [
        thing("ListItem", position=number, name=name, item=address)
        for number, (name, address) in enumerate(places, start=1)
    ]
    return thing("BreadcrumbList", itemListElement=items) if len(items) > 1 else {}


def item_list(name: str, entries: Iterable[tuple[str, str]], *, first: int = 1) -> Thing:
    """A list of (name, full address), the first of them at that place of the whole list."""
    items = [
        thing("ListItem", position=number, name=label, url=address)
        for number, (label, address) in enumerate(entries, start=first)
    ]
    return thing("ItemList", name=name, itemListElement=items) if items else {}


def joint_offer(offer: Any, *, address: str) -> Thing:
    """What a partner offers our customers, at a full address."""
    return thing(
        "Offer",
        name=offer.title,
        description=offer.text,
        url=address,
        validFrom=offer.starts_on,
        validThrough=offer.ends_on,
        offeredBy=thing("Organization", name=offer.partner.name),
    )


def event(event: Any, *, address: str, organizer: str) -> Thing:
    """An event of a hub; ``event`` is what ``EventBlock`` holds."""
    place, link = event["place"], event["url"]
    is_online = not place
    location = (
        thing("VirtualLocation", url=link or address)
        if is_online
        else thing("Place", name=place, address=place)
    )
    mode = "OnlineEventAttendanceMode" if is_online else "OfflineEventAttendanceMode"
    return thing(
        "Event",
        name=event["title"],
        description=strip_tags(event["text"]),
        startDate=event["starts"],
        endDate=event["ends"],
        eventStatus="https://schema.org/EventScheduled",
        eventAttendanceMode=f"https://schema.org/{mode}",
        location=location,
        url=link or address,
        organizer=thing("Organization", name=organizer) if organizer else None,
    )
