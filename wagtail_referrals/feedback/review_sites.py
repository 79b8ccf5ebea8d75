"""Places to write a public review: their addresses, and what they forbid.

Each rule has its source: they change.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .addresses import target_of

# What follows "google.": com, de, co.uk.
_COUNTRY = r"[a-z]{2,3}(?:\.[a-z]{2})?"
_is_address = URLValidator(schemes=["http", "https"])


@dataclass(frozen=True)
class Source:
    """Where a rule stands."""

    name: str
    url: str


@dataclass(frozen=True)
class ReviewSite:
    """One place. ``hosts`` are what its addresses end with, "tripadvisor." with any country.

    ``short`` is what an editor may type instead of an address, and ``address`` what becomes of it.
    """

    key: str
    label: str | Promise
    hint: str | Promise
    hosts: tuple[str, ...] = ()
    # Of these the ones where nobody writes a review.
    other_hosts: tuple[str, ...] = ()
    short: str = ""
    address: str = ""
    # Nothing may be given for a review, whatever it says.
    forbids_incentives: bool = False
    # Only those who are happy must not be asked: everybody, or nobody.
    forbids_choosing: bool = False
    # Not even asking is allowed.
    forbids_asking: bool = False
    source: Source | None = None

    def is_at(self, host: str) -> bool:
        if any(_is_host(host, known) for known in self.other_hosts):
            return False
        return any(_is_host(host, known) for known in self.hosts)

    def link(self, text: str) -> str:
        """The address of what an editor typed. Raises ValidationError that says how to mend it."""
        if self.short and re.fullmatch(self.short, text):
            return self.address.format(quote(text, safe=""))
        host = host_of(text)
        if not host:
            raise ValidationError(str(self.hint))
        if self.hosts and not self.is_at(host):
            raise ValidationError(
                _("This is no address of %(site)s. %(hint)s"),
                params={"site": self.label, "hint": self.hint},
            )
        return text


def host_of(text: str) -> str:
    """The host of an http or https address, or "" when it is none."""
    try:
        _is_address(text)
        return (urlsplit(text).hostname or "").rstrip(".")
    except (ValidationError, ValueError):
        return ""


def _is_host(host: str, known: str) -> bool:
    if known.endswith("."):
        return bool(re.fullmatch(rf"(?:.*\.)?{re.escape(known)}{_COUNTRY}", host))
    return host == known or host.endswith(f".{known}")


SITES: dict[str, ReviewSite] = {
    site.key: site
    for site in (
        ReviewSite(
            "google",
            "Google",
            _(
                "Enter the place id, or the link from “Ask for reviews” of your business profile, "
                "like https://g.page/r/…/review."
            ),
            hosts=("google.", "g.page", "goo.gl", "share.google"),
            other_hosts=tuple(
                f"{name}.google.com" for name in ("calendar", "docs", "drive", "meet")
            ),
            short=r"[A-Za-z0-9_-]{20,255}",
            address="https://search.google.com/local/writereview?placeid={}",
            forbids_incentives=True,
            forbids_choosing=True,
            source=Source(
                "Google, prohibited and restricted content: fake engagement",
                "https://support.google.com/contributionpolicy/answer/7400114",
            ),
        ),
        ReviewSite(
            "facebook",
            "Facebook",
            _("Enter the name of your page as its address has it, or the whole address."),
            hosts=("facebook.com", "fb.me", "fb.com"),
            short=r"[A-Za-z0-9.-]{3,75}",
            address="https://www.facebook.com/{}/reviews",
            forbids_incentives=True,
            source=Source(
                "Meta, community feedback policy",
                "https://www.facebook.com/business/news/keeping-reviews-authentic-trustworthy",
            ),
        ),
        ReviewSite(
            "trustpilot",
            "Trustpilot",
            _("Enter your domain, like example.org, or the address of your profile."),
            hosts=("trustpilot.com",),
            short=r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+",
            address="https://www.trustpilot.com/evaluate/{}",
            forbids_incentives=True,
            forbids_choosing=True,
            source=Source(
                "Trustpilot, guidelines for businesses",
                "https://legal.trustpilot.com/for-businesses/guidelines-for-businesses",
            ),
        ),
        ReviewSite(
            "tripadvisor",
            "Tripadvisor",
            _("Enter the address of your “Write a review” page on Tripadvisor."),
            hosts=("tripadvisor.",),
            forbids_incentives=True,
            source=Source(
                "Tripadvisor, incentives policy",
                "https://www.tripadvisor.com/TripAdvisorInsights/w591",
            ),
        ),
        ReviewSite(
            "industry",
            _("A site of your trade"),
            _("Enter an address that begins with https://."),
        ),
        ReviewSite(
            "own",
            _("Another address"),
            _("Enter an address that begins with https://."),
        ),
    )
}

# Not on the list: what they want is that nobody asks.
LEFT_OUT = (
    ReviewSite(
        "yelp",
        "Yelp",
        "",
        hosts=("yelp.", "yelp.to"),
        forbids_asking=True,
        source=Source(
            "Yelp, don’t ask for reviews",
            "https://www.yelp-support.com/article/Don-t-Ask-for-Reviews",
        ),
    ),
)


def site_choices() -> list[tuple[str, str | Promise]]:
    """For an editor's select. A function, so that a new site makes no migration."""
    return [(key, site.label) for key, site in SITES.items()]


def site_at(address: str) -> ReviewSite | None:
    """The site whose rules count for an address, however it was typed."""
    target = target_of(address)
    if target is None or not target.host:
        return None
    return next((site for site in (*LEFT_OUT, *SITES.values()) if site.is_at(target.host)), None)


def review_address(key: str, text: str) -> str:
    """Where a link to the site leads. Raises ValidationError that says how to mend the text."""
    text = text.strip()
    address = SITES.get(key, SITES["own"]).link(text)
    found = site_at(address)
    if found and found.forbids_asking:
        raise ValidationError(
            _("%(site)s forbids asking for reviews. Leave it out."), params={"site": found.label}
        )
    return address
