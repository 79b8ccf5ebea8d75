"""A partner's page in the words of schema.org."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..feedback.testimonial_models import public
from ..partners.models import JointOffer
from . import structured
from .structured import Thing, thing

Place = tuple[str, str]


def about_partner(
    page: Any, root: str, full: str, offers: Sequence[JointOffer], places: Sequence[Place]
) -> list[Thing]:
    """Where the page is, whom it is about, what they offer, what customers say of them.

    ``root`` is the site's address without a slash, ``full`` the page's.
    """
    business = _business(page, root, full)
    return [
        structured.breadcrumbs(places),
        business,
        *(structured.joint_offer(offer, address=offer.url or full) for offer in offers),
        *_reviews(page, full),
    ]


def _business(page: Any, root: str, full: str) -> Thing:
    """A business in a town, or an organisation wherever it is: a LocalBusiness needs a place."""
    town = thing("PostalAddress", addressLocality=page.town) if page.town else None
    values = {
        "@id": f"{full}#business",
        "name": page.title,
        "description": page.summary,
        "url": full,
        "sameAs": page.partner.website if page.partner else "",
        "logo": _picture(page.logo, "max-600x600", root),
        "image": _picture(page.picture or page.logo, "max-1200x1200", root),
        "address": town,
    }
    return thing("LocalBusiness" if town else "Organization", **values)


def _picture(image: Any, spec: str, root: str) -> str:
    if image is None:
        return ""
    url: str = image.get_rendition(spec).url
    return url if "://" in url else f"{root}{url}"


def places_of(page: Any, root: str) -> list[Place]:
    """The way to the page from the home page on: titles and full addresses."""
    program = page.loaded_program
    if program is None:
        return []
    above = page.get_ancestors(inclusive=True).filter(depth__gt=1).live()
    found = [(one.title, one.relative_url(program.site)) for one in above]
    return [(title, f"{root}{url}") for title, url in found if url]


def _reviews(page: Any, full: str) -> list[Thing]:
    """What customers said of the partner, with stars and a name: search engines ask for both."""
    chosen = [
        block.value["testimonial"].pk
        for block in page.body or ()
        if block.block_type == "review" and block.value["testimonial"]
    ]
    if not chosen:
        return []
    told = public().filter(pk__in=chosen).exclude(stars=None).exclude(name="")
    return [
        thing(
            "Review",
            itemReviewed=thing("Organization", **{"@id": f"{full}#business", "name": page.title}),
            author=thing("Person", name=one.byline),
            reviewBody=one.words,
            reviewRating=thing(
                "Rating", ratingValue=one.stars, bestRating=one.stars_of or 5, worstRating=1
            ),
        )
        for one in told
    ]
