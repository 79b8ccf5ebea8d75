"""The share kit on any page: an advocate who is signed in sees theirs, others how to get one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext_lazy as _
from wagtail import blocks

from .referrals.models import Advocate, AdvocateState
from .referrals.promised import for_advocate
from .referrals.share import share_kit

_PRIVATE = "_referrals_is_private"
Serve = Callable[..., HttpResponse]


class ShareKitBlock(blocks.StructBlock):
    """Pass it on. Behind a page cache it is the same for everybody: the way to one's own link."""

    heading = blocks.CharBlock(label=_("Heading"), required=False, max_length=120)
    text = blocks.TextBlock(label=_("Text"), required=False, max_length=500, rows=3)
    page = blocks.PageChooserBlock(
        label=_("Whose program"), help_text=_("A feedback page or a referral page of it.")
    )
    button_label = blocks.CharBlock(label=_("Button"), required=False, max_length=40)

    class Meta:
        icon = "group"
        label = _("Share kit")
        template = "wagtail_referrals/blocks/share_block.html"

    def get_context(self, value: Any, parent_context: Any = None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(value, parent_context=parent_context)
        page = value["page"]
        program_id = getattr(page.specific if page else None, "program_id", None)
        advocate = _signed_in((parent_context or {}).get("request"), program_id)
        context["share"] = share_kit(advocate) if advocate else None
        context["advocate_offer"] = for_advocate(advocate) if advocate else None
        context["own_url"] = reverse("wagtail_referrals:me_renew")
        return context


def _signed_in(request: HttpRequest | None, program_id: int | None) -> Advocate | None:
    """The advocate who looks at the page. Without a session's cookie nobody is looked for."""
    if not request or not program_id or not has_session(request):
        return None
    if not request.user.is_authenticated:
        return None
    related = ("person", "friend_offer", "program__site", "program__friend_offer")
    advocates = Advocate.objects.select_related(*related, "program__advocate_offer")
    found = advocates.filter(
        person__user=request.user.pk, program=program_id, state=AdvocateState.ACTIVE
    ).first()
    return found if found and found.program.is_open() else None


def has_session(request: HttpRequest) -> bool:
    """Whether somebody may be signed in; then the page differs by who sees it, and is private."""
    found = settings.SESSION_COOKIE_NAME in request.COOKIES
    if found:
        setattr(request, _PRIVATE, True)
    return found


def keep_private(serve: Serve) -> Serve:
    """A page with somebody's own link on it is kept in no cache (Wagtail's hook on_serve_page)."""

    def serve_page(page: Any, request: HttpRequest, args: Any, kwargs: Any) -> HttpResponse:
        def close(response: HttpResponse) -> None:
            if getattr(request, _PRIVATE, False):
                add_never_cache_headers(response)

        response = serve(page, request, args, kwargs)
        if hasattr(response, "add_post_render_callback"):
            # Which blocks are on it is known once it is rendered.
            response.add_post_render_callback(close)
        else:
            close(response)
        return response

    return serve_page
