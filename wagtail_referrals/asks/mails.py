"""The mails that ask for a recommendation or an introduction."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import NoReverseMatch, reverse
from django.utils import translation

from ..messages.queue import queue_message
from ..partners.introductions import wanted_for, wanted_token
from ..programs.models import Program
from ..programs.variants import offers_for_anybody
from ..referrals.models import Advocate
from ..referrals.own_link import membership, own_page_url
from ..referrals.promised import for_advocate, for_friends
from ..referrals.share import share_in_mail
from .models import Ask

# Whom the owner would like to meet: so many are named in one mail.
MOST_NAMED = 3


def queue_referral_ask(ask: Ask, page: Any, at: datetime) -> bool:
    """Ask for a recommendation; False when there is no page to do it on.

    It leads advocates to their own page, others to where they can join.
    """
    assert ask.person is not None
    advocate = membership(ask.program, ask.person)
    link = own_page_url(advocate) if advocate else (page and page.full_url) or _join(ask.program)
    if not link:
        return False
    with translation.override(ask.person.locale or settings.LANGUAGE_CODE):
        context = {
            "link": link,
            **(share_in_mail(advocate) if advocate else {}),
            **_offers(ask.program, advocate),
        }
    _queue("referral_ask", ask, context, at)
    return True


def queue_introduction_ask(ask: Ask, page: Any, at: datetime) -> bool:
    """Ask for an introduction, by name where the owner says whom they would like to meet."""
    if page is None or not page.full_url:
        return False
    form = f"{page.full_url}introduce/"
    lines = [
        {
            "text": ", ".join(filter(None, [wanted.name, wanted.role])),
            "url": f"{form}?wanted={wanted_token(wanted)}",
            "note": wanted.why,
        }
        for wanted in wanted_for(ask.program).filter(introductions=None)[:MOST_NAMED]
    ]
    context = {"link": form, "lines": lines, "wanted": lines[0]["text"] if lines else ""}
    _queue("introduction_ask", ask, context, at)
    return True


def _queue(kind: str, ask: Ask, context: dict[str, Any], at: datetime) -> None:
    assert ask.person is not None
    queue_message(
        kind, about=ask.pk, person=ask.person, program=ask.program, context=context, at=at
    )


def _offers(program: Program, advocate: Advocate | None) -> dict[str, str]:
    """What both get, as the pages say it."""
    friend, own = offers_for_anybody(program)
    if advocate:
        friend, own = for_friends(advocate), for_advocate(advocate)
    return {
        "friend_gets": friend.headline if friend else "",
        "you_get": own.headline if own else "",
    }


def _join(program: Program) -> str:
    """Where somebody asks for a link of their own; "" on a site that leaves those pages out."""
    with suppress(NoReverseMatch):
        return f"{program.site.root_url}{reverse('wagtail_referrals:me_renew')}"
    return ""
