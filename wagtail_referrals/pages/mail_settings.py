"""Where the reader of a mail says which mails they want, or none; behind the links in it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import translation
from django.utils.cache import add_never_cache_headers
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from ..conf import setting
from ..messages.addresses import find_by_token
from ..messages.kinds import CATEGORIES, PARTNERS
from ..messages.preferences import (
    declined_by,
    say_not_me,
    stop_mails,
    want_mails_again,
    want_only,
)
from ..partners.models import Partner
from ..people.models import Person
from ..people.suppression import is_suppressed
from ..programs.models import Program
from .landing import see_other
from .notices import notice_response
from .rates import sent_too_many

READ_AND_SEND = ["GET", "HEAD", "POST"]
# What a mailbox provider posts for who clicks "unsubscribe" there (RFC 8058).
ONE_CLICK = "List-Unsubscribe"

View = Callable[..., HttpResponse]


def theirs(view: View) -> View:
    """Find whose mails they are and speak their language; nothing of it is kept.

    The token in the address is what allows it: nothing here is done for a session.
    """

    @csrf_exempt
    @require_http_methods(READ_AND_SEND)
    @wraps(view)
    def found(request: HttpRequest, token: str) -> HttpResponse:
        request.encoding = "utf-8"
        whose = find_by_token(token)
        locale = whose[0].locale if whose else ""
        with translation.override(locale or translation.get_language() or settings.LANGUAGE_CODE):
            if whose is None:
                response: HttpResponse = notice_response(request, "unknown_mail")
            else:
                response = view(request, *whose, token)
            if isinstance(response, TemplateResponse):
                response.render()
        add_never_cache_headers(response)
        response["X-Robots-Tag"] = "noindex"
        response["Referrer-Policy"] = "no-referrer"
        return response

    return found


def _page(
    request: HttpRequest, person: Person, program: Program, token: str, **context: Any
) -> HttpResponse:
    context = {
        "referrals_base": setting("BASE_TEMPLATE"),
        "page": None,
        "program": program,
        "address": masked(person.email),
        "is_off": not person.email or is_suppressed(person.email),
        "mail_url": _path("mail", token),
        "off_url": _path("mail_off", token),
        "not_me_url": _path("mail_not_me", token),
        **context,
    }
    name = context.pop("template", "mail_settings")
    return TemplateResponse(request, f"wagtail_referrals/pages/{name}.html", context)


def _path(name: str, token: str) -> str:
    return reverse(f"wagtail_referrals:{name}", args=[token])


def masked(email: str) -> str:
    """Enough of an address for its owner to know it: whoever was sent the mail on learns no more.

    "a…@example.org"
    """
    local, at, domain = email.rpartition("@")
    return f"{local[:1]}…@{domain}" if at else ""


@theirs
def mail_settings(
    request: HttpRequest, person: Person, program: Program, token: str
) -> HttpResponse:
    """GET shows what they get, POST changes it."""
    if request.method != "POST":
        choices = _choices(person)
        return _page(request, person, program, token, choices=choices, saved="saved" in request.GET)
    change = request.POST.get("change", "")
    if sent_too_many(request, f"mail-{person.pk}") or change not in ("save", "on"):
        return see_other(request.path)
    if change == "on":
        want_mails_again(person)
    else:
        wanted, asked = request.POST.getlist("wanted"), _asked(person)
        want_only(person, wanted, asked=asked)
    return see_other(f"{request.path}?saved")


def _asked(person: Person) -> list[str]:
    """The categories they are asked about: who is no partner knows of no partnership."""
    is_partner = Partner.objects.filter(advocate__person=person).exists()
    return [key for key in CATEGORIES if key != PARTNERS or is_partner]


def _choices(person: Person) -> list[dict[str, Any]]:
    declined = declined_by(person)
    return [
        {"key": key, "label": CATEGORIES[key], "wanted": key not in declined}
        for key in _asked(person)
    ]


@theirs
def off(request: HttpRequest, person: Person, program: Program, token: str) -> HttpResponse:
    """POST stops every mail. A GET changes nothing: scanners open each link of a mail."""
    if request.method != "POST":
        return _page(request, person, program, token, template="mail_off")
    stop_mails(person)
    if ONE_CLICK in request.POST:
        # A machine: it follows no redirect.
        return HttpResponse(status=204)
    return see_other(_path("mail", token))


@theirs
def not_me(request: HttpRequest, person: Person, program: Program, token: str) -> HttpResponse:
    """Somebody else's address was given: GET asks, POST notes it and stops every mail."""
    if request.method != "POST":
        return _page(request, person, program, token, template="mail_not_me")
    say_not_me(person, program)
    return see_other(request.path)
