"""What somebody confirms by a link that was mailed to them a moment ago: to join, leave, go."""

from __future__ import annotations

from contextlib import suppress

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from ..exceptions import ClaimRefused, InvalidInput, ReferralsError
from ..people.erase import erase_person
from ..people.models import Person
from ..programs.models import Program
from ..programs.variants import offers_for_anybody
from ..referrals.joining import find_by_join_token, join_by_link
from ..referrals.models import Advocate
from ..referrals.own import leave
from ..referrals.own_link import own_page_path
from ..referrals.own_mail import DATA, ERASE, LEAVE, find_change
from ..referrals.visitors import visitor_hash
from ..rewards.standing import what_is_open
from .data_file import FORMATS, data_file
from .landing import see_other
from .mail_settings import masked
from .me_form import JoinProgramForm
from .notices import notice_response
from .private_pages import READ_AND_SEND, behind_link, dead_link, private_page

Change = tuple[Advocate, str]
Joining = tuple[Program, Person]


def _refuse_change(request: HttpRequest, change: Change | None) -> HttpResponse | None:
    if change is None:
        return dead_link(request, "unknown_change", reverse("wagtail_referrals:me_renew"))
    return None


def _refuse_joining(request: HttpRequest, joining: Joining | None) -> HttpResponse | None:
    if joining is None:
        return dead_link(request, "unknown_own_page", reverse("wagtail_referrals:me_renew"))
    program, person = joining
    return notice_response(request, "not_open") if _is_closed(program, person) else None


def _is_closed(program: Program, person: Person) -> bool:
    return bool(person.blocked_at) or not program.is_open()


changing = behind_link(
    find_change, locale_of=lambda change: change[0].person.locale, refuse=_refuse_change
)
joining = behind_link(
    find_by_join_token, locale_of=lambda found: found[1].locale, refuse=_refuse_joining
)


@require_http_methods(READ_AND_SEND)
@changing
def confirm_change(request: HttpRequest, change: Change, token: str) -> HttpResponse:
    """GET says what it means and changes nothing, POST does it."""
    advocate, what = change
    if request.method == "POST" and what == LEAVE:
        return _leave(request, advocate)
    if request.method == "POST" and what == ERASE:
        return _erase(request, advocate)
    waiting, usable = what_is_open(advocate.person)
    context = {
        "page": None,
        "advocate": advocate,
        "program": advocate.program,
        "address": masked(advocate.person.email),
        "change": what,
        "waiting": waiting,
        "usable": usable,
        "own_url": own_page_path(advocate),
        "data_urls": _data_urls(token) if what == DATA else {},
    }
    return private_page(request, "me_confirm", context)


def _data_urls(token: str) -> dict[str, str]:
    """Where the copy is, by the kind of file."""
    return {kind: reverse("wagtail_referrals:me_data", args=[token, kind]) for kind in FORMATS}


def _leave(request: HttpRequest, advocate: Advocate) -> HttpResponse:
    # Sent twice: the page says how it stands.
    with suppress(ReferralsError):
        leave(advocate)
    return see_other(own_page_path(advocate))


def _erase(request: HttpRequest, advocate: Advocate) -> HttpResponse:
    with translation.override(settings.LANGUAGE_CODE):  # the log is read by staff
        reason = gettext("Asked for on their own page")
    try:
        erase_person(advocate.person, reason=reason)
    except ReferralsError as error:
        if error.code == "still_blocked":
            return notice_response(request, "not_forgotten")
    return notice_response(request, "forgotten")


@require_safe
@changing
def download_data(request: HttpRequest, change: Change, token: str, kind: str) -> HttpResponse:
    """All that we have about somebody, as a file."""
    advocate, what = change
    if what != DATA or kind not in FORMATS:
        return dead_link(request, "unknown_change", reverse("wagtail_referrals:me_renew"))
    return data_file(advocate.person, kind, name="my-data")


@require_http_methods(READ_AND_SEND)
@joining
def join(request: HttpRequest, found: Joining, token: str) -> HttpResponse:
    """GET shows what one agrees to, POST makes the membership and leads to its page."""
    program, person = found
    sent = request.POST if request.method == "POST" else None
    form = JoinProgramForm(sent, has_name=bool(person.name), has_terms=bool(program.terms))
    friend_offer, advocate_offer = offers_for_anybody(program)
    context = {
        "page": None,
        "program": program,
        "terms": program.terms,
        "address": masked(person.email),
        "advocate_offer": advocate_offer,
        "friend_offer": friend_offer,
        "form": form,
        "form_action": request.path,
    }
    if sent is None or not form.is_valid():
        return private_page(request, "me_join", context)
    visitor = visitor_hash(request.META)
    try:
        name = form.cleaned_data.get("name", "")
        advocate = join_by_link(program, person, name=name, visitor=visitor)
    except (ClaimRefused, InvalidInput):
        return notice_response(request, "not_open")
    return see_other(own_page_path(advocate))
