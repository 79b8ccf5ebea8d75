"""A partner's own page behind a mailed link: what is theirs to see, to hand out and to change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from ..exceptions import ReferralsError
from ..partners.introduction_mails import introduction_path
from ..partners.introduction_models import Direction
from ..partners.introductions import of_partner, wanted_for, wanted_token
from ..partners.join import ask_for_link
from ..partners.mail import JOIN, find_by_token
from ..partners.models import Partner, PartnerState
from ..partners.numbers import numbers_of
from ..partners.shelf import shelf_of_partner
from ..partners.states import pause, resume
from ..referrals.share import link_code, share_kit
from .drafts import PAGE_FIELDS, links_of, revise
from .hubs import hub_of, page_of
from .join_form import ProfileForm
from .landing import see_other
from .notices import notice_response
from .private_pages import (
    READ_AND_SEND,
    behind_link,
    dead_link,
    language,
    private_page,
    receive_address,
    rendered,
)
from .rates import sent_too_many

MOST_INTRODUCTIONS = 200


def _refuse(request: HttpRequest, partner: Partner | None) -> HttpResponse | None:
    if partner is None:
        return _refused(request, "unknown_partner")
    if partner.state == PartnerState.ENDED:
        return _refused(request, "partner_ended", status=404)
    return None


def _refused(request: HttpRequest, reason: str, status: int | None = None) -> HttpResponse:
    new_link = reverse("wagtail_referrals:partner_renew") if reason == "unknown_partner" else ""
    return dead_link(request, reason, new_link, status)


theirs = behind_link(find_by_token, locale_of=lambda partner: partner.person.locale, refuse=_refuse)


@require_http_methods(READ_AND_SEND)
@theirs
def own_page(request: HttpRequest, partner: Partner, token: str) -> HttpResponse:
    """GET shows it, POST pauses and resumes."""
    if request.method == "POST":
        change = {"pause": pause, "resume": resume}.get(request.POST.get("change", ""))
        if change:
            _ignoring_what_is_done(change, partner)
        return see_other(request.path)
    page = page_of(partner)
    context = {
        "partner": partner,
        "program": partner.program,
        "page": None,
        "partner_page": page,
        "page_url": page.full_url if page and page.live else "",
        "share": share_kit(partner.advocate) if partner.is_active else None,
        "numbers": numbers_of(partner),
        "saved": "saved" in request.GET,
        "edit_url": reverse("wagtail_referrals:partner_edit", args=[token]),
        "code_url": reverse("wagtail_referrals:partner_code", args=[token]),
        **_more(request, partner),
    }
    return private_page(request, "partner_own", context)


def _more(request: HttpRequest, partner: Partner) -> dict[str, Any]:
    """Introductions both ways, whom we would like to meet, and material to hand on."""
    introductions = list(of_partner(partner)[:MOST_INTRODUCTIONS])
    hub = hub_of(partner.program) if partner.is_active else None
    introduce_url = hub.address(request, "introduce") if hub else ""
    wanted = wanted_for(partner.program, partner) if hub else ()
    return {
        "from_us": [
            {"introduction": one, "url": introduction_path(one)}
            for one in introductions
            if one.direction == Direction.GIVEN
        ],
        "from_you": [one for one in introductions if one.direction == Direction.RECEIVED],
        "introduce_url": introduce_url,
        "wanted": [
            {"contact": one, "url": f"{introduce_url}?wanted={wanted_token(one)}"} for one in wanted
        ],
        "shelf": shelf_of_partner(partner, language()) if partner.is_active else [],
    }


def _ignoring_what_is_done(change: Callable[..., None], partner: Partner) -> None:
    try:
        change(partner, by_itself=True)
    except ReferralsError:
        # Sent twice, or we were first: the page says how it stands.
        return


@require_http_methods(READ_AND_SEND)
@theirs
def edit_profile(request: HttpRequest, partner: Partner, token: str) -> HttpResponse:
    """What the partner wrote, to be written anew; an editor looks at it before it goes live."""
    page = page_of(partner)
    if page is None:
        return _refused(request, "unknown_page")
    own = reverse("wagtail_referrals:partner", args=[token])
    draft = page.get_latest_revision_as_object()
    form = ProfileForm(
        request.POST if request.method == "POST" else None,
        request.FILES if request.method == "POST" else None,
        initial={
            **{name: getattr(draft, name) for name in PAGE_FIELDS},
            "links": "\n".join(links_of(draft)),
        },
    )
    form.without_captcha()
    context = {"partner": partner, "program": partner.program, "form": form, "own_url": own}
    if request.method != "POST":
        return private_page(request, "partner_edit", context)
    if sent_too_many(request, f"partner-edit-{partner.pk}"):
        form.refuse_too_many()
        return private_page(request, "partner_edit", context, status=429)
    if not form.is_valid():
        return private_page(request, "partner_edit", context)
    try:
        revise(page, form.cleaned_data)
    except ReferralsError:
        form.add_error(None, str(_("Somebody is working on your page. Try again tomorrow.")))
        return private_page(request, "partner_edit", context)
    return see_other(f"{own}?saved")


@require_safe
@theirs
def own_code(request: HttpRequest, partner: Partner, token: str) -> HttpResponse:
    """The partner's link as a QR code, to print."""
    response = HttpResponse(link_code(partner.advocate), content_type="image/svg+xml")
    response["Content-Disposition"] = 'inline; filename="code.svg"'
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_safe
def open_invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Where an invitation leads: to the form on the program's hub, wherever that stands now."""
    partner = find_by_token(token, JOIN)
    if partner is None:
        return rendered(_refused(request, "unknown_invitation"))
    hub = hub_of(partner.program)
    if hub is None:
        return rendered(_refused(request, "form_not_ready", status=404))
    return see_other(hub.address(request, "join", token))


@csrf_exempt
@require_http_methods(READ_AND_SEND)
def renew_link(request: HttpRequest) -> HttpResponse:
    """Whoever is a partner gets a new link; the answer is the same for everybody else."""
    return receive_address(
        request,
        template="partner_renew",
        rate="partner-link",
        ask=ask_for_link,
        sent=reverse("wagtail_referrals:partner_renewed"),
    )


@require_safe
def renewed(request: HttpRequest) -> HttpResponse:
    """The same for everybody."""
    return notice_response(request, "link_sent")
