"""What a mail tells mailboxes beside its text."""

from __future__ import annotations

from django.core.mail import EmailMultiAlternatives

from .addresses import off_url
from .kinds import ASKED_FOR, STAFF
from .models import Message
from .unwanted import category_of


def add_headers(mail: EmailMultiAlternatives, message: Message) -> None:
    """The button "unsubscribe" of the reader's mailbox, for what they did not ask for (RFC 8058).

    One POST to the address stops every mail; a GET, as scanners send it, changes nothing.
    """
    if message.person is None or category_of(message.kind) in (ASKED_FOR, STAFF):
        return
    mail.extra_headers["List-Unsubscribe"] = f"<{off_url(message.person, message.program)}>"
    mail.extra_headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
