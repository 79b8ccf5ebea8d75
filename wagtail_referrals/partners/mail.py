"""What a partner is told by mail, and the addresses in it that are theirs alone."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils import timezone

from ..messages.queue import queue_message
from ..people.suppression import is_suppressed
from ..programs.models import Program
from ..tokens import make_token, read_token
from .models import Partner

INVITATION = "partner_invitation"
LINK = "partner_link"
PUBLISHED = "partner_published"
STATE = "partner_state"

OWN_PAGE = "partner"
JOIN = "partner_invitation"


def own_page_path(partner: Partner) -> str:
    """Where a partner sees what is theirs; the address holds for TOKEN_DAYS."""
    return reverse("wagtail_referrals:partner", args=[make_token(OWN_PAGE, partner.pk)])


def join_path(partner: Partner) -> str:
    """Where somebody who was invited finds the form; the address holds for TOKEN_DAYS."""
    return reverse("wagtail_referrals:partner_join", args=[make_token(JOIN, partner.pk)])


def find_by_token(token: str, kind: str = OWN_PAGE) -> Partner | None:
    """The partner such an address belongs to; None for one that is forged or too old.

    Also for who was erased, or is on the block list.
    """
    key = read_token(kind, token)
    partners = Partner.objects.select_related(
        "program__site",
        "program__friend_offer",
        "program__advocate_offer",
        "advocate__person",
        "advocate__friend_offer",
        "advocate__program__site",
    )
    partner = partners.filter(pk=key).first() if key else None
    gone = partner is None or partner.person.erased_at or partner.person.blocked_at
    return None if gone else partner


def absolute(program: Program, path: str) -> str:
    """A path on the program's site."""
    return f"{program.site.root_url}{path}"


def tell(partner: Partner, kind: str, *, about: object, **context: Any) -> None:
    """Queue a mail to the main contact, with the way to the partner's own page.

    Who asked not to be contacted since gets the link they ask for, and nothing else.
    """
    email = partner.person.email
    if not email or (kind != LINK and is_suppressed(email)):
        return
    queue_message(
        kind,
        about=about,
        person=partner.person,
        program=partner.program,
        context={
            "partner_name": partner.name,
            "own_page": absolute(partner.program, own_page_path(partner)),
            **context,
        },
    )


def send_link(partner: Partner) -> None:
    """Mail them the way to their own page, at most once an hour however often it is asked for."""
    hour = timezone.now().strftime("%Y%m%d%H")
    tell(partner, LINK, about=f"{partner.pk}:{hour}")
