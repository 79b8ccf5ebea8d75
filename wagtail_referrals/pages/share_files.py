"""What an advocate takes along: the link as a QR code, and cards to print; and counting shares."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.cache import add_never_cache_headers
from django.utils.safestring import mark_safe
from django.utils.translation import get_language, get_language_bidi
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from ..referrals.clicks import clean_channel, record_share
from ..referrals.links import find_link
from ..referrals.promised import for_friends
from ..referrals.share import find_for_files, link_code, link_code_inline
from ..referrals.visitors import is_person_opening, visitor_hash
from .notices import notice_response
from .rates import sent_too_many

QR_KINDS = {"png": "image/png", "svg": "image/svg+xml"}
# Two by five on A4, as sheets of business cards are cut.
CARDS_ON_A_SHEET = 10


@require_safe
def share_qr(request: HttpRequest, token: str, kind: str) -> HttpResponse:
    """An advocate's link as a QR code: a PNG, or an SVG to print in any size."""
    advocate = find_for_files(token)
    if advocate is None or kind not in QR_KINDS:
        return notice_response(request, "unknown_page")
    return picture_response(link_code(advocate, kind), kind)


def picture_response(picture: bytes, kind: str) -> HttpResponse:
    """A picture that runs nothing, of an address nobody else is to learn."""
    response = HttpResponse(picture, content_type=QR_KINDS[kind])
    response["Content-Disposition"] = f'inline; filename="code.{kind}"'
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return _for_them_alone(response)


@require_safe
def share_cards(request: HttpRequest, token: str) -> HttpResponse:
    """A sheet of cards to cut out: what a friend gets, the QR code, the code to say."""
    advocate = find_for_files(token)
    if advocate is None:
        return notice_response(request, "unknown_page")
    program = advocate.program
    context: dict[str, Any] = {
        "advocate": advocate,
        "shop": program.site.site_name or program.name,
        "address": program.site.root_url.partition("://")[2],
        "offer": for_friends(advocate),
        # Made of numbers by segno; the link itself does not stand in it.
        "qr": mark_safe(link_code_inline(advocate)),  # noqa: S308
        "cards": range(CARDS_ON_A_SHEET),
        "language": get_language() or "en",
        "direction": "rtl" if get_language_bidi() else "ltr",
    }
    template = "wagtail_referrals/pages/share_cards.html"
    return _for_them_alone(TemplateResponse(request, template, context))


def _for_them_alone(response: Any) -> HttpResponse:
    add_never_cache_headers(response)
    response["X-Content-Type-Options"] = "nosniff"
    response["X-Robots-Tag"] = "noindex"
    response["Referrer-Policy"] = "no-referrer"
    ready: HttpResponse = response
    return ready


# Sent by navigator.sendBeacon, which has no token; it grants nothing and answers with nothing.
@csrf_exempt
@require_POST
def share_beacon(request: HttpRequest, code: str, channel: str) -> HttpResponse:
    """Somebody pressed a button of the share kit: one row for a visitor's day and channel."""
    link = find_link(code)
    from_elsewhere = request.META.get("HTTP_SEC_FETCH_SITE") == "cross-site"
    # A beacon is a POST by its nature: whether a person sends it is read as of a GET.
    by_a_person = not from_elsewhere and is_person_opening("GET", request.META)
    counts = link and clean_channel(channel) and by_a_person
    # Who calls itself another browser each time is another visitor each time.
    if link and counts and not sent_too_many(request, f"share-{link.advocate_id}"):
        record_share(link.advocate_id, visitor_hash(request.META), channel)
    return HttpResponse(status=204)
