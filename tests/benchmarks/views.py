from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils import timezone

from .models import PlainClick


def plain_redirect(request: HttpRequest, code: str) -> HttpResponse:
    """What counts a click in the plainest way: one INSERT, then a redirect."""
    PlainClick.objects.create(
        advocate_id=1,
        visitor=request.META["REMOTE_ADDR"],
        channel=request.GET.get("via", ""),
        occurred_at=timezone.now(),
    )
    return HttpResponseRedirect("/welcome/")


class OwnPage:
    """What a customer's own page shows, loaded beforehand by the benchmark."""

    values: dict[str, Any] = {}


def plain_own(request: HttpRequest) -> HttpResponse:
    """The same HTML, of which nothing is asked for."""
    return TemplateResponse(request, "wagtail_referrals/pages/me.html", OwnPage.values)
