"""What schema.org and the search engines ask of structured data: a small table, written by hand.

After https://schema.org/docs/full.html and the search engines' lists of required properties, as
they stood in 2026. Only what our pages use.
"""

import json
import re
from datetime import datetime
from html.parser import HTMLParser
from typing import Any

# The properties of each type, its parents' with them.
THING = {"@type", "@id", "name", "description", "url", "image", "sameAs"}
TYPES: dict[str, set[str]] = {
    "ItemList": THING | {"itemListElement", "numberOfItems", "itemListOrder"},
    "BreadcrumbList": THING | {"itemListElement", "numberOfItems", "itemListOrder"},
    "ListItem": THING | {"position", "item", "nextItem", "previousItem"},
    "Organization": THING
    | {"logo", "telephone", "email", "address", "areaServed", "knowsAbout", "makesOffer"}
    | {"slogan", "knowsLanguage", "aggregateRating", "review", "employee", "parentOrganization"},
    "Person": THING | {"jobTitle", "worksFor", "email", "telephone"},
    "Place": THING | {"address", "telephone", "geo"},
    "VirtualLocation": THING,
    "PostalAddress": THING | {"addressLocality", "addressCountry", "postalCode", "streetAddress"},
    "Offer": THING
    | {"validFrom", "validThrough", "price", "priceCurrency", "availability", "offeredBy"}
    | {"eligibleQuantity", "category", "itemOffered", "seller"},
    "Event": THING
    | {"startDate", "endDate", "location", "eventStatus", "eventAttendanceMode", "organizer"}
    | {"offers", "performer", "previousStartDate"},
    "Review": THING | {"author", "itemReviewed", "reviewBody", "reviewRating", "datePublished"},
    "Rating": THING | {"ratingValue", "bestRating", "worstRating"},
    "AggregateRating": THING
    | {"ratingValue", "bestRating", "worstRating", "ratingCount", "reviewCount", "itemReviewed"},
}
TYPES["LocalBusiness"] = TYPES["Organization"] | TYPES["Place"] | {"priceRange", "openingHours"}
# What a search engine leaves a thing out for, when it is missing.
REQUIRED: dict[str, set[str]] = {
    "ItemList": {"itemListElement"},
    "BreadcrumbList": {"itemListElement"},
    "ListItem": {"position"},
    "Event": {"name", "startDate", "location"},
    "Place": {"address"},
    "VirtualLocation": {"url"},
    "LocalBusiness": {"name", "address"},
    "Organization": {"name"},
    "Offer": {"name"},
    "Review": {"author", "itemReviewed"},
    "AggregateRating": {"ratingValue", "itemReviewed"},
}
MOMENTS = ("startDate", "endDate", "validFrom", "validThrough", "datePublished")
ADDRESSES = ("url", "item", "image", "logo", "@id")
ONLY_VALUES = {
    "eventStatus": r"https://schema\.org/Event(Scheduled|Cancelled|Postponed|Rescheduled)",
    "eventAttendanceMode": r"https://schema\.org/(Online|Offline|Mixed)EventAttendanceMode",
}


class _Scripts(HTMLParser):
    """What a browser takes for the text of JSON-LD elements."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.is_inside = False

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.is_inside = tag == "script" and dict(attrs).get("type") == "application/ld+json"
        if self.is_inside:
            self.found.append("")

    def handle_endtag(self, tag: str) -> None:
        self.is_inside = False

    def handle_data(self, data: str) -> None:
        if self.is_inside:
            self.found[-1] += data


def structured_data(html: str) -> list[dict[str, Any]]:
    """Every thing that a page says of itself, checked. Raises AssertionError."""
    reader = _Scripts()
    reader.feed(html)
    things: list[dict[str, Any]] = []
    for text in reader.found:
        data = json.loads(text)
        assert data["@context"] == "https://schema.org"
        things += data["@graph"]
    for thing in things:
        check(thing)
    return things


def things_of(html: str, kind: str) -> list[dict[str, Any]]:
    """Those of one type."""
    return [thing for thing in structured_data(html) if thing["@type"] == kind]


def check(thing: dict[str, Any]) -> None:
    """Nothing in it that its type does not have, nothing missing that it needs."""
    kind = thing["@type"]
    assert kind in TYPES, f"{kind} is not in the table"
    assert not set(thing) - TYPES[kind], f"{kind} has no {set(thing) - TYPES[kind]}"
    missing = REQUIRED.get(kind, set()) - set(thing)
    assert not missing, f"{kind} lacks {missing}"
    if kind == "ListItem":
        assert {"name", "item"} <= set(thing) or "url" in thing or "item" in thing
    for name, value in thing.items():
        _check_value(name, value)


def _check_value(name: str, value: Any) -> None:
    assert value not in (None, "", [], {}), f"{name} is empty"
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, dict):
            check(one)
        elif name in MOMENTS:
            datetime.fromisoformat(one)
        elif name in ADDRESSES:
            assert re.match(r"https?://[^/\s]+/", one), f"{name} is no full address: {one}"
        elif name in ONLY_VALUES:
            assert re.fullmatch(ONLY_VALUES[name], one), f"{name}: {one}"
    if name == "itemListElement":
        places = [item["position"] for item in value]
        assert places == list(range(places[0], places[0] + len(places)))
