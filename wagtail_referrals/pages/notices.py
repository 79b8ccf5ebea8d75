"""Friendly dead ends: a page for every reason why there is no coupon."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.cache import add_never_cache_headers
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ..conf import setting


@dataclass(frozen=True)
class Notice:
    """What happened and the way on. None of them says anything about anybody else."""

    reason: str
    title: str | Promise
    text: str | Promise
    link_url: str = ""
    link_label: str | Promise = ""


# The same whether it was sent or still waits: a stranger may read this.
_IN_THE_MAIL = _(
    "What you get comes by e-mail as soon as it is ready: look in your inbox, and among the "
    "unwanted mail, too."
)
NOTICES: dict[str, tuple[str | Promise, str | Promise]] = {
    "unknown": (
        _("We don't know this code"),
        _("It may have been mistyped, or the link was cut off. Ask your friend to send it again."),
    ),
    "closed": (
        _("This offer has ended"),
        _("We are sorry, you can't get it any more. You are welcome all the same."),
    ),
    "full": (
        _("All gifts are taken"),
        _(
            "So many people came that there is nothing left to give at the moment. "
            "You are welcome all the same."
        ),
    ),
    "self_referral": (
        _("This is your own link"),
        _("Pass it on to a friend: the offer is for somebody who does not know us yet."),
    ),
    "already_customer": (
        _("Good to see you again"),
        _("This offer is for people who are new here. Thank you for being a customer already."),
    ),
    "already_referred": (
        _("You have your offer already"),
        _IN_THE_MAIL,
    ),
    "blocked": (
        _("We cannot give you this offer"),
        _("We are sorry. If you think that this is a mistake, please write to us."),
    ),
    "sent": (
        _("You have asked for it already"),
        _IN_THE_MAIL,
    ),
    "unknown_invitation": (
        _("We don't know this invitation"),
        _("The link may have been cut off. Open it from the message you got, as a whole."),
    ),
    "invitation_expired": (
        _("This invitation has expired"),
        _("You can still tell us what you think: the form is open to everybody."),
    ),
    "unknown_introduction": (
        _("This page has expired"),
        _("The link may have been cut off, or is too old. Write to us, and we tell you more."),
    ),
    "no_new_clients": (
        _("They take no new clients at the moment"),
        _("Thank you for thinking of them. Their page says when that changes."),
    ),
    "no_applications": (
        _("We invite our partners ourselves"),
        _("Applications are closed at the moment. Thank you for thinking of us."),
    ),
    "form_not_ready": (
        _("The form is not there yet"),
        _("We are still at work on it. Your link holds: open it again in a few days."),
    ),
    "joined": (
        _("Thank you, we have it"),
        _(
            "We read it and come back to you. The link to your own page, where you can change "
            "what you wrote, is in your inbox; look among the unwanted mail, too."
        ),
    ),
    "unknown_partner": (
        _("We don't know this link"),
        _("It may have been cut off, or it is too old. Have a new one sent to you."),
    ),
    "unknown_own_page": (
        _("We don't know this link"),
        _("It may have been cut off, or it is too old. Have a new one sent to you."),
    ),
    "unknown_change": (
        _("This link is too old"),
        _("It holds for an hour only. Ask for it once more on your own page."),
    ),
    "own_link_sent": (
        _("Look into your inbox"),
        _(
            "If there is something we can send to this address, it is on its way to you. Look "
            "among the unwanted mail, too."
        ),
    ),
    "forgotten": (
        _("You are forgotten"),
        _("Nothing that says who you are is left with us. Thank you for everything."),
    ),
    "not_forgotten": (
        _("We cannot do this by ourselves"),
        _("Please write to us: one of us looks at it."),
    ),
    "not_open": (
        _("You cannot join at the moment"),
        _("The program has ended, or it is not for this address. Thank you for asking."),
    ),
    "unknown_page": (
        _("There is no page here any more"),
        _("It was taken down. Write to us if you think that this is a mistake."),
    ),
    "partner_ended": (
        _("This partnership has ended"),
        _("Your link leads nowhere any more. Write to us if you would like to take it up again."),
    ),
    "link_sent": (
        _("Look into your inbox"),
        _("If we know this address, a new link is on its way to you."),
    ),
    "unknown_collateral": (
        _("This is not here any more"),
        _("It may have been replaced, or the link has expired. Ask whoever gave it to you."),
    ),
    "unknown_mail": (
        _("We don't know this link"),
        _("It may have been cut off. Open it from the mail you got, as a whole."),
    ),
    "no_friend_mails": (
        _("Send it yourself"),
        _(
            "We don't write to friends for you at the moment. Your own words from your own mailbox "
            "work better anyway: the link is on your page."
        ),
    ),
    "too_old": (
        _("This page has expired"),
        _IN_THE_MAIL,
    ),
}


def notice(reason: str, text: str = "", **link: Any) -> Notice:
    """The words for a reason, or ``text``; for one we don't know, those for an unknown code."""
    known = reason if reason in NOTICES else "unknown"
    title, words = NOTICES[known]
    return Notice(known, title, text or words, **link)


# A double click, a reload, a second tab: later than that, the mail has it.
SAME_MOMENT = timedelta(minutes=10)


def private(response: TemplateResponse) -> TemplateResponse:
    """Mark a personal page: not to be cached, indexed, or named to other sites."""
    add_never_cache_headers(response)
    response["X-Robots-Tag"] = "noindex"
    response["Referrer-Policy"] = "same-origin"
    return response


def notice_response(
    request: HttpRequest, reason: str, context: dict[str, Any] | None = None, text: str = ""
) -> TemplateResponse:
    """A page that says why there is nothing here, and 404 for what does not exist."""
    context = {
        "referrals_base": setting("BASE_TEMPLATE"),
        "notice": notice(reason, text, link_url="/", link_label=_("Go to the start page")),
        **(context or {}),
    }
    template = "wagtail_referrals/pages/referral_notice.html"
    status = 404 if reason.startswith("unknown") else 200
    return private(TemplateResponse(request, template, context, status=status))
