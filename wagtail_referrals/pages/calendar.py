"""An event as a file for somebody's calendar (RFC 5545)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils import timezone

# An event whose end nobody said.
USUAL_LENGTH = timedelta(hours=1)
MOST_OCTETS = 75


def ends_at(event: Any) -> datetime:
    """When it is over."""
    ends: datetime = event["ends"] or event["starts"] + USUAL_LENGTH
    return ends


def is_over(event: Any, at: datetime | None = None) -> bool:
    """Whether there is nothing to come to any more."""
    return ends_at(event) < (at or timezone.now())


def as_calendar(event: Any, *, uid: str, address: str, stamp: datetime | None = None) -> str:
    """The text of an .ics file. ``address`` is where the event is told of."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//wagtail-referrals//hub//EN",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        f"UID:{_text(uid)}",
        f"DTSTAMP:{_moment(stamp or timezone.now())}",
        f"DTSTART:{_moment(event['starts'])}",
        f"DTEND:{_moment(ends_at(event))}",
        f"SUMMARY:{_text(event['title'])}",
        f"DESCRIPTION:{_text(event['text'])}" if event["text"] else "",
        f"LOCATION:{_text(event['place'])}" if event["place"] else "",
        f"URL:{_one_line(event['url'] or address)}",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "".join(f"{_folded(line)}\r\n" for line in lines if line)


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(value: str) -> str:
    for sign in ("\\", ";", ","):
        value = value.replace(sign, f"\\{sign}")
    return "\\n".join(value.splitlines())


def _one_line(value: str) -> str:
    return "".join(value.split())


def _folded(line: str) -> str:
    """No line is longer than 75 octets, and no letter is torn apart."""
    parts, length = [""], 0
    for letter in line:
        octets = len(letter.encode())
        if length + octets > MOST_OCTETS:
            parts.append(" ")
            length = 1
        parts[-1] += letter
        length += octets
    return "\r\n".join(parts)
