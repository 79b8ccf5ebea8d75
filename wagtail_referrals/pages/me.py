"""A customer's own page behind a mailed link."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from ..referrals.own_link import find_by_token
from .notices import notice_response


@require_safe
def my_page(request: HttpRequest, token: str) -> HttpResponse:
    """Who has the address sees what is theirs."""
    advocate = find_by_token(token)
    if advocate is None:
        return notice_response(request, "unknown_partner")
    return notice_response(request, "link_sent", {"program": advocate.program})


@require_safe
def renew_my_link(request: HttpRequest) -> HttpResponse:
    """Where somebody asks for a new link."""
    return notice_response(request, "link_sent")


@require_safe
def my_link_sent(request: HttpRequest) -> HttpResponse:
    """The same for everybody."""
    return notice_response(request, "link_sent")
