"""Pages behind a mailed link: whose it is, in their language, and nothing of it kept anywhere."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import translation
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt

from ..conf import setting
from ..exceptions import InvalidInput
from ..forms import PublicForm
from .landing import see_other
from .notices import notice, notice_response, private
from .rates import sent_too_many

READ = ["GET", "HEAD"]
READ_AND_SEND = [*READ, "POST"]

T = TypeVar("T")
View = Callable[..., HttpResponse]


class LinkForm(PublicForm):
    """Where a new link is sent to."""

    email = forms.EmailField(
        label=_("Your e-mail address"),
        help_text=_("The one we write to you at."),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


def behind_link(
    find: Callable[[str], T | None],
    *,
    locale_of: Callable[[T], str],
    refuse: Callable[[HttpRequest, T | None], HttpResponse | None],
) -> Callable[[View], View]:
    """Find whose address it is, and speak their language: ``view(request, whose, token)``.

    ``refuse`` answers for an address of nobody's (None), or of somebody who has no page any more.
    The token in the address is what allows it: nothing here is done for a session.
    """

    def decorate(view: View) -> View:
        @csrf_exempt
        @wraps(view)
        def found(request: HttpRequest, token: str, **values: Any) -> HttpResponse:
            request.encoding = "utf-8"
            whose = find(token)
            with translation.override((whose and locale_of(whose)) or language()):
                refused = refuse(request, whose)
                return rendered(refused or view(request, whose, token, **values))

        return found

    return decorate


def language() -> str:
    """The reader's language."""
    return translation.get_language() or settings.LANGUAGE_CODE


def rendered(response: Any) -> HttpResponse:
    """In the language it was made in, and of a page whose address nobody else is to learn."""
    if isinstance(response, TemplateResponse):
        response.render()
    add_never_cache_headers(response)
    response["X-Robots-Tag"] = "noindex"
    response["Referrer-Policy"] = "no-referrer"
    return response


def private_page(
    request: HttpRequest, template: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    """A page of ours that is somebody's own."""
    context = {"referrals_base": setting("BASE_TEMPLATE"), **context}
    template = f"wagtail_referrals/pages/{template}.html"
    return private(TemplateResponse(request, template, context, status=status))


def dead_link(
    request: HttpRequest, reason: str, new_link: str = "", status: int | None = None
) -> HttpResponse:
    """Why a link leads nowhere, and the way to a new one where there is one."""
    said = notice(reason, link_url=new_link, link_label=_("Send me a new link"))
    response = notice_response(request, reason, {"notice": said} if new_link else {})
    response.status_code = status or response.status_code
    return response


def receive_address(
    request: HttpRequest, *, template: str, rate: str, ask: Callable[[str], None], sent: str
) -> HttpResponse:
    """The form that asks for a new link; the answer is the same whoever asks.

    ``ask`` mails the link, if there is one to mail; ``sent`` is where the answer stands.
    """
    request.encoding = "utf-8"
    form = LinkForm(request.POST if request.method == "POST" else None)
    context = {"form": form, "form_action": request.path}
    if request.method != "POST":
        return private_page(request, template, context)
    if sent_too_many(request, rate):
        form.refuse_too_many()
        return private_page(request, template, context, status=429)
    if not (form.is_valid() and form.passes_captcha()):
        return private_page(request, template, context)
    try:
        ask(form.cleaned_data["email"])
    except InvalidInput as error:
        form.add_error("email", str(error))
        return private_page(request, template, context)
    return see_other(sent)
