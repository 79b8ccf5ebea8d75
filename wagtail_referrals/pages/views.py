"""Addresses outside the page tree: an advocate's link, and where our forms are sent to."""

from __future__ import annotations

import functools
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils import translation
from django.utils.functional import SimpleLazyObject
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from ..lookups import Lookup
from ..programs.models import has_case_rules
from ..referrals.clicks import clean_channel, record_click
from ..referrals.links import Link, find_link
from ..referrals.visitors import is_person_opening, visitor_hash
from .notices import notice_response
from .program_page import FormPageMixin
from .rates import sent_too_many


@require_safe
def follow_link(request: HttpRequest, code: str) -> HttpResponse:
    """Count the click and lead to the friend's view, the code in its path."""
    link = find_link(code)
    if link is None or not link.landing:
        return notice_response(request, "closed" if link else "unknown")
    if is_person_opening(str(request.method), request.META):
        visitor = visitor_hash(request.META)
        if visitor != link.own_visitor and not _is_advocate(request, link):
            channel = clean_channel(request.GET.get("via", ""))
            offer, page = link.offer_id, link.page_id
            record_click(link.advocate_id, visitor, channel, offer_id=offer, page_id=page)
    response = HttpResponseRedirect(link.landing)
    response["Cache-Control"] = "no-store"
    return response


def _is_advocate(request: HttpRequest, link: Link) -> bool:
    """Whether it is the advocate trying their own link: from their own page, or signed in."""
    referer = str(request.META.get("HTTP_REFERER", ""))[:500]
    if "/thanks/" in referer and f"//{request.get_host()}/" in referer:
        return True
    if link.user_id is None or settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return False
    return bool(request.user.pk == link.user_id)


# Without a CSRF token, so that a shared cache can keep the page with the form. A token protects
# what a signed-in browser may do; these forms grant nothing to a session.
@csrf_exempt
def receive_form(
    request: HttpRequest, content_type_id: int, page_id: int, code: str = ""
) -> HttpResponse:
    """Hand a form to the page it belongs to. A GET leads back to the page."""
    # A client may name a character set whose texts no database can keep.
    request.encoding = "utf-8"
    page = _find_page(content_type_id, page_id)
    from_elsewhere = request.META.get("HTTP_SEC_FETCH_SITE") == "cross-site"
    if request.method != "POST" or from_elsewhere or _is_kept_from(page, request):
        return HttpResponseRedirect(page.form_address(request, code))
    # The page's language: this address has none of its own.
    with translation.override(page.locale.language_code):
        # Counted once the page looks at it: not every post is a whole form.
        # What has the same form on each of a thousand pages is counted once for all of them.
        form = page.form_of(code) or page.pk
        too_many: Any = SimpleLazyObject(lambda: sent_too_many(request, form))
        response = page.receive(request, code=code, too_many=too_many)
        if isinstance(response, TemplateResponse):
            response.render()
    return response


def _find_page(content_type_id: int, page_id: int) -> Any:
    try:
        model = ContentType.objects.get_for_id(content_type_id).model_class()
    except (ContentType.DoesNotExist, OverflowError):
        raise Http404 from None
    if model is None or not issubclass(model, FormPageMixin):
        raise Http404
    page = _live_pages(model).first(page_id)
    if page is None:
        raise Http404
    page.loaded_program = page.program
    if page.program:
        page.program.has_case_rules = page.has_case_rules
    return page


@functools.cache
def _live_pages(model: type[FormPageMixin]) -> Lookup:
    """The live pages of a type, each with its program."""
    pages: Any = model._default_manager
    program = model.program_path
    with_program = (f"{program}__{name}" for name in ("site", "friend_offer", "advocate_offer"))
    related = ("locale", *with_program)

    def live() -> QuerySet:
        rows: QuerySet = pages.order_by().select_related(*related).filter(live=True)
        return rows.annotate(has_case_rules=has_case_rules(f"{program}_id"))

    return Lookup(live, "pk")


def _is_kept_from(page: Any, request: HttpRequest) -> bool:
    """Whether Wagtail's privacy settings keep this visitor from the page."""
    restrictions = page.get_view_restrictions()
    return not all(restriction.accept_request(request) for restriction in restrictions)
