"""Views that belong to no app: the icon, and the demo's mail folder."""

from __future__ import annotations

from io import StringIO

from django.contrib import messages
from django.core.management import CommandError, call_command
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.views.decorators.http import require_POST, require_safe

from example_site import mail


def favicon(request: HttpRequest) -> HttpResponse:
    return HttpResponsePermanentRedirect(static("example_site/art/mark.svg"))


@require_safe
def mail_list(request: HttpRequest) -> HttpResponse:
    page = Paginator(mail.newest_names(), 25).get_page(request.GET.get("p"))
    mails = [found for found in map(mail.read, page.object_list) if found]
    return render(request, "demo/mail_list.html", {"mails": mails, "mail_page": page})


@require_safe
def mail_detail(request: HttpRequest, name: str) -> HttpResponse:
    found = mail.read(name)
    if found is None:
        raise Http404
    return render(request, "demo/mail_detail.html", {"mail": found})


@require_safe
def mail_html(request: HttpRequest, name: str) -> HttpResponse:
    """The HTML part, for a sandboxed frame: mails style themselves inline."""
    found = mail.read(name)
    if found is None or not found.html:
        raise Http404
    response = HttpResponse(found.html)
    response["Content-Security-Policy"] = (
        "default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'; sandbox allow-popups"
    )
    return response


@require_POST
def run_due(request: HttpRequest) -> HttpResponse:
    """What cron does on a real site."""
    try:
        call_command("referrals_run_due", stdout=StringIO())
    except CommandError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Done. Whatever was due has been issued and sent.")
    return redirect("demo_mail")
