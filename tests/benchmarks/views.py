from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
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
