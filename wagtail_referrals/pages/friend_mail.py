"""An advocate has the site write to a friend, where the program allows it; a friend says no."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

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
from ..referrals.friend_mail_models import FriendMail
from ..referrals.models import Advocate, AdvocateState
from ..referrals.own_link import find_by_token as find_advocate
from .landing import see_other
from .notices import notice_response
from .private_pages import READ_AND_SEND, behind_link, dead_link, language, private_page
from .rates import sent_too_many

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
    if not _is_on(advocate):
        return {}
    return {"friend_mail_url": reverse("wagtail_referrals:me_friend", args=[token])}


def _is_on(advocate: Advocate) -> bool:
    program = advocate.program
    active = advocate.state == AdvocateState.ACTIVE
    return active and program.mails_to_friends and program.is_open()


def _refuse_advocate(request: HttpRequest, advocate: Advocate | None) -> HttpResponse | None:
    if advocate is None:
        return dead_link(request, "unknown_own_page", reverse("wagtail_referrals:me_renew"))
    return None if _is_on(advocate) else notice_response(request, "no_friend_mails")


@require_http_methods(READ_AND_SEND)
@behind_link(
    find_advocate, locale_of=lambda advocate: advocate.person.locale, refuse=_refuse_advocate
)
def write_to_a_friend(request: HttpRequest, advocate: Advocate, token: str) -> HttpResponse:
    """GET shows the form, POST sends; the answer is the same whoever the friend is."""
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
            locale=language(),
        )
    except ReferralsError as error:
        form.refuse(error)
        return _form_page(request, advocate, form, token)
    return see_other(f"{request.path}?sent")


def _form_page(
    request: HttpRequest, advocate: Advocate, form: FriendMailForm, token: str, status: int = 200
) -> HttpResponse:
    context = {
        "page": None,
        "program": advocate.program,
        "form": form,
        "form_action": request.path,
        "own_url": reverse("wagtail_referrals:me", args=[token]),
        "sent": "sent" in request.GET and not form.is_bound,
    }
    return private_page(request, "friend_mail", context, status=status)


def _refuse_friend(request: HttpRequest, mail: FriendMail | None) -> HttpResponse | None:
    return notice_response(request, "unknown_mail") if mail is None else None


@require_http_methods(READ_AND_SEND)
@behind_link(
    find_by_token,
    locale_of=lambda mail: mail.friend.locale if mail.friend else "",
    refuse=_refuse_friend,
)
def decline_mail(request: HttpRequest, mail: FriendMail, token: str) -> HttpResponse:
    """A friend is not interested. GET asks: scanners open each link of a mail."""
    if request.method == "POST":
        decline(mail)
        return see_other(request.path)
    context = {"page": None, "program": mail.program, "declined": mail.declined_at is not None}
    return private_page(request, "friend_off", context)
