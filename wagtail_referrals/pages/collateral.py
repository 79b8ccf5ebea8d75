"""Taking collateral away: public pieces by their number, the rest by an address of one's own."""

from __future__ import annotations

import mimetypes

from django.http import FileResponse, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_safe

from ..partners.collateral_models import Collateral
from ..partners.shelf import (
    DOWNLOAD,
    SEND,
    address_of,
    count_use,
    draft,
    file_of,
    find_by_token,
    find_public,
)
from ..referrals.visitors import is_person_opening
from .notices import notice_response


class _MailRedirect(HttpResponseRedirect):
    """To a draft in the visitor's own mail program."""

    allowed_schemes = ["mailto"]


@require_safe
def take(request: HttpRequest, key: int | str) -> HttpResponseBase:
    """The file, or the way to where it is; counted unless it is a machine that asks."""
    found = _find(key)
    if found is None:
        return notice_response(request, "unknown_collateral")
    response = served(found)
    if response is None:
        return notice_response(request, "unknown_collateral")
    if is_person_opening(str(request.method), request.META):
        count_use(found, DOWNLOAD)
    return response


@require_safe
def send(request: HttpRequest, key: int | str) -> HttpResponseBase:
    """Open a mail of one's own with the words and the address; counted like taking it."""
    found = _find(key)
    if found is None:
        return notice_response(request, "unknown_collateral")
    if is_person_opening(str(request.method), request.META):
        count_use(found, SEND)
    path = address_of(found, key if isinstance(key, str) else "")
    response = _MailRedirect(draft(found, f"{found.program.site.root_url}{path}"))
    return _kept_by_nobody(response)


def _find(key: int | str) -> Collateral | None:
    return find_public(key) if isinstance(key, int) else find_by_token(key)


def served(collateral: Collateral) -> HttpResponseBase | None:
    """The piece itself; None when its file is not there any more.

    It is saved, not shown: what somebody uploaded never runs as a page of ours.
    """
    if collateral.url:
        return _kept_by_nobody(HttpResponseRedirect(collateral.url))
    source = file_of(collateral)
    try:
        file = source.file.open("rb")
    except (AttributeError, OSError):
        return None
    kind = mimetypes.guess_type(source.filename)[0] or "application/octet-stream"
    response = FileResponse(file, as_attachment=True, filename=source.filename, content_type=kind)
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return _kept_by_nobody(response)


def _kept_by_nobody(response: HttpResponseBase) -> HttpResponseBase:
    """Each use is counted, and an address of one's own is named to no other site."""
    add_never_cache_headers(response)
    response["X-Content-Type-Options"] = "nosniff"
    response["X-Robots-Tag"] = "noindex"
    response["Referrer-Policy"] = "no-referrer"
    return response
