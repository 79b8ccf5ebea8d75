"""The mail that a message is: words, values, sender and addresses at its end."""

from __future__ import annotations

from email.utils import parseaddr, quote
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import translation

from ..conf import setting
from ..programs.models import Program
from ..text import clean_line
from .addresses import MailAddresses, mail_addresses
from .kinds import MailKind, mail_kinds
from .mime import Mail
from .models import Message
from .own_words import compiled_for
from .values import plain_values


class UnknownMail(LookupError):
    """There is no such kind of mails: its words are gone."""


def compose(message: Message, connection: BaseEmailBackend | None = None) -> EmailMultiAlternatives:
    """The mail as it will be sent, in the language of its reader. Raises UnknownMail."""
    assert message.person is not None
    kind = mail_kinds().get(message.kind)
    if kind is None:
        raise UnknownMail(message.kind)
    program = message.program
    addresses = mail_addresses(message.person, program) if kind.footer else None
    compiled, language = compiled_for(kind, program, message.locale)
    with translation.override(language):
        values = plain_values(
            kind,
            {
                **message.context,
                "first_name": message.person.first_name,
                "site_name": program.site.site_name or program.name,
                "program_name": program.name,
            },
        )
    subject, text, html = compiled.written({**values, **_footer(kind, addresses)})
    mail = Mail(
        subject=subject,
        body=text,
        from_email=sender(program),
        to=[message.person.email],
        reply_to=_reply_to(message.context, program),
        headers={
            "Message-ID": message.message_id,
            "Auto-Submitted": "auto-generated",
            **_unsubscribe(kind, addresses),
        },
        connection=connection,
    )
    mail.attach_alternative(html, "text/html")
    return mail


def sender(program: Program) -> str:
    """From whom the mails of a program come."""
    usual: str = setting("FROM_EMAIL") or settings.DEFAULT_FROM_EMAIL
    name = clean_line(program.mail_from_name, 80)
    if not (name or program.mail_from):
        return usual
    usual_name, usual_address = parseaddr(usual)
    name, address = name or usual_name, program.mail_from or usual_address
    return f'"{quote(name)}" <{address}>' if name else address


def _reply_to(context: dict[str, Any], program: Program) -> list[str] | None:
    address = clean_line(context.get("reply_to") or program.mail_reply_to, 254)
    return [address] if address else None


def _footer(kind: MailKind, addresses: MailAddresses | None) -> dict[str, str]:
    if addresses is None:
        return {}
    known = {"mail_settings": addresses.settings, "not_me": addresses.not_me}
    return {name: known[name] for name in kind.footer}


def _unsubscribe(kind: MailKind, addresses: MailAddresses | None) -> dict[str, str]:
    """RFC 8058: one click in the mailbox stops every mail."""
    if addresses is None or "mail_settings" not in kind.footer:
        return {}
    return {
        "List-Unsubscribe": f"<{addresses.off}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
