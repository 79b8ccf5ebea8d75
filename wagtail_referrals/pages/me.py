"""A customer's own page behind a mailed link: what is theirs to see, to use and to choose."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe
from wagtail.models import Site

from ..exceptions import ReferralsError
from ..lookups import Lookup
from ..messages.addresses import mail_settings_url
from ..partners.mail import own_page_path as partner_page_path
from ..partners.shelf import shelf_of_advocate
from ..people.models import Consent
from ..programs.models import TermsVersion
from ..referrals.board import rank_of
from ..referrals.models import Advocate, AdvocateState, ShownAs
from ..referrals.own import come_back, hide, show_on_board
from ..referrals.own_link import find_by_token, own_page_path, pages_of_user
from ..referrals.own_mail import CHANGES, ask_for_own_link, ask_to_confirm
from ..referrals.promised import for_advocate
from ..referrals.share import share_kit
from ..rewards.milestones import next_milestone
from ..rewards.standing import (
    find_coupon,
    latest_rewards,
    referral_rows,
    reward_row,
    what_is_ready,
)
from ..rewards.telling import Telling
from .friend_mail import friend_mail_context
from .landing import see_other
from .mail_settings import masked
from .me_form import BoardForm
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

LAST_PAGE = 1000


def _refuse(request: HttpRequest, advocate: Advocate | None) -> HttpResponse | None:
    if advocate is None:
        return dead_link(request, "unknown_own_page", reverse("wagtail_referrals:me_renew"))
    return None


theirs = behind_link(
    find_by_token, locale_of=lambda advocate: advocate.person.locale, refuse=_refuse
)


@require_http_methods(READ_AND_SEND)
@theirs
def my_page(request: HttpRequest, advocate: Advocate, token: str) -> HttpResponse:
    """GET shows it. POST changes what may be changed by whoever has the link, and mails the
    link by which the rest is confirmed."""
    if request.method != "POST":
        return _page(request, advocate, token, BoardForm(advocate))
    change = request.POST.get("change", "")
    if change == "board":
        return _board(request, advocate, token)
    if change == "come_back":
        # Sent twice, or we paused them: the page says how it stands.
        with suppress(ReferralsError):
            come_back(advocate)
        return see_other(request.path)
    if change in CHANGES:
        ask_to_confirm(advocate, change)
        return see_other(f"{request.path}?mailed")
    return see_other(request.path)


def _board(request: HttpRequest, advocate: Advocate, token: str) -> HttpResponse:
    """They want to be named, in another way, or not any more."""
    form = BoardForm(advocate, request.POST)
    if sent_too_many(request, f"me-{advocate.pk}"):
        form.refuse_too_many()
        return _page(request, advocate, token, form, status=429)
    if not form.is_valid():
        return _page(request, advocate, token, form)
    shown_as, alias = form.cleaned_data["shown_as"], form.cleaned_data["alias"]
    if shown_as == ShownAs.NOBODY:
        hide(advocate)
        return see_other(f"{request.path}?saved")
    try:
        show_on_board(advocate, shown_as=shown_as, alias=alias)
    except ReferralsError as error:
        form.add_error("alias" if shown_as == ShownAs.ALIAS else "shown_as", str(error))
        return _page(request, advocate, token, form)
    return see_other(f"{request.path}?saved")


def _page(
    request: HttpRequest, advocate: Advocate, token: str, form: BoardForm, status: int = 200
) -> HttpResponse:
    number = _page_number(request)
    telling = Telling(timezone.now())
    ready, rewards = what_is_ready(advocate, telling), latest_rewards(advocate)
    friends, has_older = referral_rows(advocate, rewards, telling, page=number)
    is_active = advocate.state == AdvocateState.ACTIVE
    context = {
        "page": None,
        "advocate": advocate,
        "program": advocate.program,
        "address": masked(advocate.person.email),
        "saved": "saved" in request.GET,
        "mailed": "mailed" in request.GET,
        "share": share_kit(advocate) if is_active else None,
        "advocate_offer": for_advocate(advocate),
        "friends": friends,
        "older": number + 1 if has_older else None,
        "newer": number - 1 if number > 1 else None,
        "coupons": ready.rows,
        "credit": ready.credit,
        "rewards": [reward_row(reward, telling) for reward in rewards],
        "form": form,
        "form_action": request.path,
        **_more(advocate, token),
    }
    return private_page(request, "me", context, status=status)


def _more(advocate: Advocate, token: str) -> dict[str, Any]:
    """What comes next, where they stand, what they can hand on, and what they agreed to."""
    is_active = advocate.state == AdvocateState.ACTIVE
    partner = getattr(advocate, "partner", None)
    return {
        "milestone": next_milestone(advocate) if is_active else None,
        "rank": rank_of(advocate),
        "shelf": shelf_of_advocate(advocate, language()) if is_active else [],
        "agreed": _agreed(advocate),
        "others": _others(advocate),
        "mail_url": mail_settings_url(advocate.person, advocate.program),
        # A partner leaves on the partner's page.
        "partner_url": partner_page_path(partner) if partner else "",
        "can_leave": is_active and partner is None,
        "token": token,
        **friend_mail_context(advocate, token),
    }


def _page_number(request: HttpRequest) -> int:
    value = request.GET.get("page", "")[:8]
    return min(max(int(value), 1), LAST_PAGE) if value.isascii() and value.isdigit() else 1


_yes_to_terms = Lookup(
    lambda: Consent.objects.filter(kind=Consent.Kind.TERMS, withdrawn_at=None).order_by(
        "-given_at", "-pk"
    ),
    "person",
)


def _agreed(advocate: Advocate) -> Consent | None:
    """Their last yes to the terms of this program, as those stood then."""
    given = _yes_to_terms.all(advocate.person_id)
    program = advocate.program
    if not given or given[0].wording == program.terms:
        return given[0] if given else None
    # They agreed to earlier ones, or to those of another program.
    known = TermsVersion.objects.filter(program=program.pk).values_list("body", flat=True)
    bodies = set(known)
    return next((one for one in given if one.wording in bodies), None)


_memberships: Lookup[Any] = Lookup(
    lambda: Advocate.objects.order_by("program__name", "pk").values_list("pk", "program__name"),
    "person",
)


def _others(advocate: Advocate) -> list[dict[str, str]]:
    """Their pages in other programs."""
    rows = _memberships.all(advocate.person_id)
    others = [(Advocate(pk=pk), name) for pk, name in rows if pk != advocate.pk]
    return [{"name": name, "url": own_page_path(one)} for one, name in others]


@require_safe
@theirs
def my_coupon(request: HttpRequest, advocate: Advocate, token: str, pk: int) -> HttpResponse:
    """One coupon by itself, large: to be shown at the till."""
    coupon = find_coupon(advocate, pk)
    own = reverse("wagtail_referrals:me", args=[token])
    if coupon is None:
        return see_other(own)
    context = {"page": None, "program": advocate.program, "coupon": coupon, "own_url": own}
    return private_page(request, "me_coupon", context)


@csrf_exempt
@require_http_methods(READ_AND_SEND)
def renew_my_link(request: HttpRequest) -> HttpResponse:
    """Whoever takes part gets a new link, who may join the way in; all get the same answer."""
    if own := _signed_in(request):
        response = HttpResponseRedirect(own_page_path(own))
        return rendered(response)
    site = Site.find_for_request(request)

    def ask(email: str) -> None:
        ask_for_own_link(email, locale=language(), site=site.pk if site else None)

    sent = reverse("wagtail_referrals:me_sent")
    return receive_address(request, template="me_renew", rate="me-link", ask=ask, sent=sent)


def _signed_in(request: HttpRequest) -> Advocate | None:
    """The membership of whoever is signed in. Nobody's session is made or asked for."""
    if request.method == "POST" or settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return None
    user = getattr(request, "user", None)
    return pages_of_user(user.pk).first() if user and user.is_authenticated else None


@require_safe
def my_link_sent(request: HttpRequest) -> HttpResponse:
    """The same for everybody."""
    return notice_response(request, "own_link_sent")
