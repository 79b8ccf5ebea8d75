"""A partner's own page behind a mailed link: what is theirs to see, to hand out and to change."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import translation
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from ..conf import setting
from ..exceptions import InvalidInput, ReferralsError
from ..forms import PublicForm
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
from .notices import notice, notice_response, private
from .rates import sent_too_many

READ = ["GET", "HEAD"]
READ_AND_SEND = [*READ, "POST"]

MOST_INTRODUCTIONS = 200

View = Callable[..., HttpResponse]


class LinkForm(PublicForm):
    """Where a new link is sent to."""

    email = forms.EmailField(
        label=_("Your e-mail address"),
        help_text=_("The one we write to you at."),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


def theirs(view: View) -> View:
    """Find the partner whose address it is, and speak its language; nothing of it is kept.

    The token in the address is what allows it: nothing here is done for a session.
    """

    @csrf_exempt
    @wraps(view)
    def found(request: HttpRequest, token: str) -> HttpResponse:
        request.encoding = "utf-8"
        partner = find_by_token(token)
        with translation.override((partner and partner.person.locale) or _language()):
            if partner is None:
                return _rendered(_refused(request, "unknown_partner"))
            if partner.state == PartnerState.ENDED:
                return _rendered(_refused(request, "partner_ended", status=404))
            return _rendered(view(request, partner, token))

    return found


def _language() -> str:
    return translation.get_language() or settings.LANGUAGE_CODE


def _rendered(response: Any) -> HttpResponse:
    """In the language it was made in, and of a page whose address nobody else is to learn."""
    if isinstance(response, TemplateResponse):
        response.render()
    add_never_cache_headers(response)
    response["X-Robots-Tag"] = "noindex"
    response["Referrer-Policy"] = "no-referrer"
    return response


def _refused(request: HttpRequest, reason: str, status: int | None = None) -> HttpResponse:
    new_link = {"link_url": reverse("wagtail_referrals:partner_renew")}
    said = notice(reason, **new_link, link_label=_("Send me a new link"))
    link = {"notice": said} if reason == "unknown_partner" else {}
    response = notice_response(request, reason, link)
    response.status_code = status or response.status_code
    return response


def _page(
    request: HttpRequest, template: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    context = {"referrals_base": setting("BASE_TEMPLATE"), **context}
    template = f"wagtail_referrals/pages/{template}.html"
    return private(TemplateResponse(request, template, context, status=status))


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
    return _page(request, "partner_own", context)


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
        "shelf": shelf_of_partner(partner, _language()) if partner.is_active else [],
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
        return _page(request, "partner_edit", context)
    if sent_too_many(request, f"partner-edit-{partner.pk}"):
        form.refuse_too_many()
        return _page(request, "partner_edit", context, status=429)
    if not form.is_valid():
        return _page(request, "partner_edit", context)
    try:
        revise(page, form.cleaned_data)
    except ReferralsError:
        form.add_error(None, str(_("Somebody is working on your page. Try again tomorrow.")))
        return _page(request, "partner_edit", context)
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
        return _rendered(_refused(request, "unknown_invitation"))
    hub = hub_of(partner.program)
    if hub is None:
        return _rendered(_refused(request, "form_not_ready", status=404))
    return see_other(hub.address(request, "join", token))


@csrf_exempt
@require_http_methods(READ_AND_SEND)
def renew_link(request: HttpRequest) -> HttpResponse:
    """Whoever is a partner gets a new link; the answer is the same for everybody else."""
    request.encoding = "utf-8"
    form = LinkForm(request.POST if request.method == "POST" else None)
    context = {"form": form, "form_action": request.path}
    if request.method != "POST":
        return _page(request, "partner_renew", context)
    if sent_too_many(request, "partner-link"):
        form.refuse_too_many()
        return _page(request, "partner_renew", context, status=429)
    if not (form.is_valid() and form.passes_captcha()):
        return _page(request, "partner_renew", context)
    try:
        ask_for_link(form.cleaned_data["email"])
    except InvalidInput as error:
        form.add_error("email", str(error))
        return _page(request, "partner_renew", context)
    return see_other(reverse("wagtail_referrals:partner_renewed"))


@require_safe
def renewed(request: HttpRequest) -> HttpResponse:
    """The same for everybody."""
    return notice_response(request, "link_sent")
