"""Where the reader of a mail says which mails they want, or none; behind the links in it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

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
from .private_pages import READ_AND_SEND, behind_link, private_page
from .rates import sent_too_many

# What a mailbox provider posts for who clicks "unsubscribe" there (RFC 8058).
ONE_CLICK = "List-Unsubscribe"

# Whose mails they are, and the program of the one that led here.
Reader = tuple[Person, Program]


def _refuse(request: HttpRequest, reader: Reader | None) -> HttpResponse | None:
    return notice_response(request, "unknown_mail") if reader is None else None


theirs = behind_link(find_by_token, locale_of=lambda reader: reader[0].locale, refuse=_refuse)


def _page(
    request: HttpRequest, reader: Reader, token: str, template: str, **context: Any
) -> HttpResponse:
    person, program = reader
    context = {
        "page": None,
        "program": program,
        "address": masked(person.email),
        "is_off": not person.email or is_suppressed(person.email),
        "mail_url": _path("mail", token),
        "off_url": _path("mail_off", token),
        "not_me_url": _path("mail_not_me", token),
        **context,
    }
    return private_page(request, template, context)


def _path(name: str, token: str) -> str:
    return reverse(f"wagtail_referrals:{name}", args=[token])


def masked(email: str) -> str:
    """Enough of an address for its owner to know it: whoever was sent the mail on learns no more.

    "a…@example.org"
    """
    local, at, domain = email.rpartition("@")
    return f"{local[:1]}…@{domain}" if at else ""


@require_http_methods(READ_AND_SEND)
@theirs
def mail_settings(request: HttpRequest, reader: Reader, token: str) -> HttpResponse:
    """GET shows what they get, POST changes it."""
    person, _program = reader
    if request.method != "POST":
        choices, saved = _choices(person), "saved" in request.GET
        return _page(request, reader, token, "mail_settings", choices=choices, saved=saved)
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


@require_http_methods(READ_AND_SEND)
@theirs
def off(request: HttpRequest, reader: Reader, token: str) -> HttpResponse:
    """POST stops every mail. A GET changes nothing: scanners open each link of a mail."""
    if request.method != "POST":
        return _page(request, reader, token, "mail_off")
    stop_mails(reader[0])
    if ONE_CLICK in request.POST:
        # A machine: it follows no redirect.
        return HttpResponse(status=204)
    return see_other(_path("mail", token))


@require_http_methods(READ_AND_SEND)
@theirs
def not_me(request: HttpRequest, reader: Reader, token: str) -> HttpResponse:
    """Somebody else's address was given: GET asks, POST notes it and stops every mail."""
    if request.method != "POST":
        return _page(request, reader, token, "mail_not_me")
    say_not_me(*reader)
    return see_other(request.path)
