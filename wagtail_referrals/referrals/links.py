"""An advocate's link: its address, and where it leads."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.cache import cache
from django.urls import reverse

from ..conf import setting
from ..coupons.codes import LINK_LENGTH, code_key, display_code
from ..lookups import Lookup
from ..programs.experiment_models import Subject
from ..programs.variants import is_tested
from .models import Advocate, AdvocateState
from .promised import for_friends


@dataclass(frozen=True)
class Link:
    """What a click has to know. ``landing`` is the address of the friend's view, or ""."""

    advocate_id: int
    own_visitor: str
    user_id: int | None
    landing: str
    offer_id: int | None = None
    page_id: int | None = None


def link_path(advocate: Advocate, channel: str = "") -> str:
    """``/<prefix>/r/CODE/``, with the channel it is shared by."""
    path = reverse("wagtail_referrals:link", args=[advocate.display_code])
    return f"{path}?via={channel}" if channel else path


def link_url(advocate: Advocate, channel: str = "") -> str:
    """The absolute address of an advocate's link."""
    return f"{advocate.program.site.root_url}{link_path(advocate, channel)}"


_by_code_key = Lookup(
    lambda: (
        Advocate.objects.order_by()
        .select_related(
            "person",
            "friend_offer",
            "program__site",
            "program__friend_offer",
            "program__advocate_offer",
        )
        .filter(state=AdvocateState.ACTIVE)
    ),
    "code_key",
)


def find_advocate(code: str) -> Advocate | None:
    """The advocate with this code, however it was typed."""
    key = code_key(code, LINK_LENGTH)
    return _by_code_key.first(key) if key else None


def find_link(code: str) -> Link | None:
    """Where a code leads, from the cache or by one query."""
    key = code_key(code, LINK_LENGTH)
    if not key:
        return None
    link: Link | None = cache.get(_cache_key(key))
    if link is None:
        link = _load_link(key)
        if link and link.landing:
            cache.set(_cache_key(key), link, setting("LINK_CACHE_SECONDS"))
    return link


def _cache_key(key: str) -> str:
    return f"wagtail_referrals:link:{key}"


def _load_link(key: str) -> Link | None:
    advocate = (
        Advocate.objects.select_related(
            *("person", "landing_page", "friend_offer"),
            *("program__site", "program__landing_page", "program__friend_offer"),
        )
        .annotate(is_tested=is_tested(Subject.FRIEND_OFFER, "program"))
        .filter(code_key=key, state=AdvocateState.ACTIVE)
        .first()
    )
    if advocate is None:
        return None
    own = advocate.landing_page
    page = own if own and own.live else advocate.program.landing_page
    # Relative to the program's own site, so that it holds behind a proxy and on another port.
    address = page.relative_url(advocate.program.site) if page and page.live else None
    landing = f"{address}with/{display_code(key)}/" if address else ""
    offer = advocate.friend_offer or advocate.program.friend_offer
    if advocate.is_tested:
        offer = for_friends(advocate)
    return Link(
        advocate.pk,
        advocate.own_visitor,
        advocate.person.user_id,
        landing,
        offer.pk if offer else None,
        page.pk if page else None,
    )


def forget_link(advocate: Advocate) -> None:
    """Drop a link from the cache after a change."""
    cache.delete(_cache_key(advocate.code_key))
