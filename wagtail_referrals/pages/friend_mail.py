"""An advocate has the site write to a friend, where the program allows it; a friend says no."""

from __future__ import annotations

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
from django.views.decorators.http import require_http_methods

from ..conf import setting
from ..exceptions import ReferralsError
from ..forms import PublicForm, no_web_address
from ..referrals.friend_mail import (
    LONGEST_NOTE,
    clean_note,
    decline,
    find_by_token,
    holds_address,
    name_sender,
    sender_name,
    write_to_friend,
)
from ..referrals.models import Advocate
from ..referrals.own_link import find_by_token as find_advocate
from .landing import see_other
from .notices import notice_response
from .rates import sent_too_many

READ_AND_SEND = ["GET", "HEAD", "POST"]
# Which field an error belongs to; any other stands above the form.
_FIELDS = {
    "invalid_email": "email",
    "self_referral": "email",
    "invalid_name": "name",
    "invalid_note": "note",
    "sender_unnamed": "sender",
}


class FriendMailForm(PublicForm):
    """Whom to write to, and a few words."""

    sender = forms.CharField(
        label=_("Your first name"),
        help_text=_("It stands in the subject, so that your friend knows who recommends us."),
        max_length=40,
        validators=[no_web_address],
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )
    email = forms.EmailField(
        label=_("Your friend's e-mail address"),
        help_text=_("Only of somebody who would be glad about it."),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    name = forms.CharField(
        label=_("Your friend's first name"),
        required=False,
        max_length=40,
        validators=[no_web_address],
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    note = forms.CharField(
        label=_("A few words from you"),
        help_text=_("At most 300 characters, without links."),
        required=False,
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, advocate: Advocate, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if sender_name(advocate.person):
            del self.fields["sender"]

    def clean_sender(self) -> str:
        sender = str(self.cleaned_data["sender"])
        if holds_address(sender):
            self.add_error("sender", str(no_web_address.message))
        return sender

    def clean_note(self) -> str:
        try:
            return clean_note(self.cleaned_data["note"])
        except ReferralsError as error:
            self.add_error("note", str(error))
            return ""

    def refuse(self, error: ReferralsError) -> None:
        """Say what the verb said, next to the field it is about."""
        field = _FIELDS.get(error.code)
        self.add_error(field if field in self.fields else None, str(error))


def friend_mail_context(advocate: Advocate, token: str) -> dict[str, Any]:
    """What ``includes/friend_mail.html`` needs on an advocate's own page; {} where it is off."""
    if not (advocate.program.mails_to_friends and advocate.program.is_open()):
        return {}
    return {"friend_mail_url": reverse("wagtail_referrals:me_friend", args=[token])}


# The token in the address is what allows it: nothing here is done for a session.
@csrf_exempt
@require_http_methods(READ_AND_SEND)
def write_to_a_friend(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows the form, POST sends; the answer is the same whoever the friend is."""
    request.encoding = "utf-8"
    advocate = find_advocate(token)
    locale = (advocate and advocate.person.locale) or _language()
    with translation.override(locale):
        if advocate is None:
            return _rendered(notice_response(request, "unknown_advocate"))
        if not friend_mail_context(advocate, token):
            return _rendered(notice_response(request, "no_friend_mails"))
        return _rendered(_write(request, advocate, token))


def _write(request: HttpRequest, advocate: Advocate, token: str) -> HttpResponse:
    form = FriendMailForm(request.POST if request.method == "POST" else None, advocate=advocate)
    if request.method != "POST":
        return _form_page(request, advocate, form, token)
    if sent_too_many(request, f"friend-mail-{advocate.pk}"):
        form.refuse_too_many()
        return _form_page(request, advocate, form, token, status=429)
    if not (form.is_valid() and form.passes_captcha()):
        return _form_page(request, advocate, form, token)
    data = form.cleaned_data
    name_sender(advocate.person, data.get("sender", ""))
    try:
        write_to_friend(
            advocate,
            email=data["email"],
            name=data["name"],
            note=data["note"],
            locale=_language(),
        )
    except ReferralsError as error:
        form.refuse(error)
        return _form_page(request, advocate, form, token)
    return see_other(f"{request.path}?sent")


def _form_page(
    request: HttpRequest, advocate: Advocate, form: FriendMailForm, token: str, status: int = 200
) -> HttpResponse:
    context = {
        "referrals_base": setting("BASE_TEMPLATE"),
        "page": None,
        "program": advocate.program,
        "form": form,
        "form_action": request.path,
        "own_url": reverse("wagtail_referrals:me", args=[token]),
        "sent": "sent" in request.GET and not form.is_bound,
    }
    template = "wagtail_referrals/pages/friend_mail.html"
    return TemplateResponse(request, template, context, status=status)


@csrf_exempt
@require_http_methods(READ_AND_SEND)
def decline_mail(request: HttpRequest, token: str) -> HttpResponse:
    """A friend is not interested. GET asks: scanners open each link of a mail."""
    request.encoding = "utf-8"
    mail = find_by_token(token)
    with translation.override((mail and mail.friend and mail.friend.locale) or _language()):
        if mail is None:
            return _rendered(notice_response(request, "unknown_mail"))
        if request.method == "POST":
            decline(mail)
            return _rendered(see_other(request.path))
        context = {
            "referrals_base": setting("BASE_TEMPLATE"),
            "page": None,
            "program": mail.program,
            "declined": mail.declined_at is not None,
        }
        template = "wagtail_referrals/pages/friend_off.html"
        return _rendered(TemplateResponse(request, template, context))


def _language() -> str:
    return translation.get_language() or settings.LANGUAGE_CODE


def _rendered(response: Any) -> HttpResponse:
    if isinstance(response, TemplateResponse):
        response.render()
    add_never_cache_headers(response)
    response["X-Robots-Tag"] = "noindex"
    response["Referrer-Policy"] = "no-referrer"
    ready: HttpResponse = response
    return ready
