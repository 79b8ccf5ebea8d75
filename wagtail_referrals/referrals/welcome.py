"""What an advocate is told first."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone, translation

from ..messages.queue import queue_message
from .models import Advocate
from .own_link import own_page_url
from .promised import for_advocate
from .share import share_in_mail


def welcome(advocate: Advocate, *, at: datetime | None = None) -> None:
    """Queue the mail with their own link, in the transaction that made them an advocate; once.

    Not for who gets another mail with the link at that moment, and not for partners, whose
    mails are others. ``advocate.person`` and ``advocate.program.site`` should be loaded.
    """
    person = advocate.person
    if not person.email:
        return
    with translation.override(person.locale or settings.LANGUAGE_CODE):
        context = _context(advocate)
    queue_message(
        "welcome",
        about=advocate.pk,
        person=person,
        program=advocate.program,
        context=context,
        at=at or timezone.now(),
    )


def _context(advocate: Advocate) -> dict[str, Any]:
    reward = for_advocate(advocate)
    return {
        "reward": reward.headline if reward else "",
        "own_page": own_page_url(advocate),
        **share_in_mail(advocate),
    }
