"""Where an address in a link leads, as browsers read it: they mend a lot of what is typed."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple
from urllib.parse import unquote

_BROKEN = re.compile(r"[\t\r\n]")
_AROUND = "".join(map(chr, range(33)))
# However many slashes there are; two of them and no scheme are the page's own scheme.
_ABSOLUTE = re.compile(r"(?:https?:/*|//+)([^/?#]*)([^?#]*)", re.IGNORECASE)
_PATH = re.compile(r"/[^?#]*")
_FULL_STOP = "\u3002"


class Target(NamedTuple):
    """``host`` is "" for the site that the link is on."""

    host: str
    path: str


def target_of(address: str) -> Target | None:
    """Where a browser goes (https://url.spec.whatwg.org); None for what is no place on the web."""
    text = _BROKEN.sub("", address.strip(_AROUND)).replace("\\", "/")
    if found := _ABSOLUTE.match(text):
        host = _host(found[1])
        return Target(host, unquote(found[2])) if host else None
    found = _PATH.match(text)
    return Target("", unquote(found[0])) if found else None


def _host(authority: str) -> str:
    """As it is looked up: without user and port, in plain letters."""
    typed = unicodedata.normalize("NFKC", unquote(authority.rpartition("@")[2]))
    seen = "".join(c for c in typed if unicodedata.category(c) != "Cf")
    return seen.replace(_FULL_STOP, ".").partition(":")[0].rstrip(".").lower()
