"""Mails as they go over the wire, written in less time than Django takes.

Django parses and folds each header of each mail anew: that costs more than all else of a
delivery. Ours are a few short ones and two texts. What is out of the ordinary is left to Django.
"""

from __future__ import annotations

import re
import secrets
from binascii import b2a_qp
from email.header import Header
from email.message import Message
from email.policy import Compat32
from email.utils import formataddr, formatdate, parseaddr
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

_BREAK = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class _Written(Compat32):
    """Headers go out as they stand."""

    def fold(self, name: str, value: str) -> str:
        return f"{name}: {value}{self.linesep}"

    def fold_binary(self, name: str, value: str) -> bytes:
        return self.fold(name, value).encode("ascii")


_UNIX, _WIRE = _Written(), _Written(linesep="\r\n")


class _Part(Message):
    def as_bytes(self, unixfrom: bool = False, policy: Any = None, linesep: str = "") -> bytes:
        """Before version 6.0, Django says what lines end with here."""
        if linesep:
            policy = _WIRE if linesep == "\r\n" else _UNIX
        return super().as_bytes(unixfrom, policy or self.policy)


class Mail(EmailMultiAlternatives):
    """A mail of plain text and the same as HTML."""

    def message(self, **options: Any) -> Any:
        """What a mail server is given. ``policy`` (Django 6.0) says what lines end with."""
        headers = self._headers()
        if headers is None:
            return super().message(**options)
        policy = _WIRE if getattr(options.get("policy"), "linesep", "") == "\r\n" else _UNIX
        whole = _Part(policy)
        for name, value in headers.items():
            whole[name] = value
        whole["MIME-Version"] = "1.0"
        boundary = f"={secrets.token_hex(16)}"
        whole["Content-Type"] = f'multipart/alternative; boundary="{boundary}"'
        html = str(self.alternatives[0][0])
        whole.set_payload([_part(policy, "plain", str(self.body)), _part(policy, "html", html)])
        return whole

    def _headers(self) -> dict[str, str] | None:
        """The headers, ready to be sent; None when there is something unusual about the mail."""
        usual = not (self.attachments or self.cc or self.bcc) and len(self.to) == 1
        if not usual or [kind for _html, kind in self.alternatives] != ["text/html"]:
            return None
        addresses = {"From": self.from_email, "To": self.to[0]}
        if self.reply_to:
            addresses["Reply-To"] = ", ".join(self.reply_to)
        written = {name: _written(value) for name, value in addresses.items()}
        if not all(written.values()):
            return None
        return {
            "Subject": _one_line(str(self.subject)),
            **written,
            "Date": formatdate(localtime=settings.EMAIL_USE_LOCALTIME),
            **{name: _one_line(str(value)) for name, value in self.extra_headers.items()},
        }


def _part(policy: Compat32, kind: str, text: str) -> Message:
    part = _Part(policy)
    part["Content-Type"] = f'text/{kind}; charset="utf-8"'
    part["Content-Transfer-Encoding"] = "quoted-printable"
    lines = "\n".join(text.splitlines())
    part.set_payload(b2a_qp(lines.encode(), istext=True).decode("ascii"))
    return part


def _one_line(value: str) -> str:
    """The value of a header. Raises ValueError for one that would begin another."""
    if _BREAK.search(value):
        raise ValueError("A header has to be one line.")
    if value.isascii() and len(value) < 900:
        return value
    return Header(value, "utf-8", maxlinelen=76).encode(linesep="\r\n")


@lru_cache(500)
def _written(address: str) -> str:
    """An address with its name, encoded; "" for one that Django has to look at."""
    name, mailbox = parseaddr(address)
    plain = mailbox.isascii() and mailbox.count("@") == 1 and not re.search(r"[\s,]", mailbox)
    return formataddr((name, mailbox), "utf-8") if plain and not _BREAK.search(address) else ""
