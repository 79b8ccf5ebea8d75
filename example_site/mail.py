"""Mails of the demo: written into a folder, one file each, and read back from there."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.message import EmailMessage as ParsedMessage
from email.parser import BytesParser
from email.utils import format_datetime, parsedate_to_datetime
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone

NAME_PATTERN = re.compile(r"\d{20}-[0-9a-f]{8}")
_date: ContextVar[datetime | None] = ContextVar("date", default=None)


@contextmanager
def dated(at: datetime) -> Iterator[None]:
    """Mails sent in here bear this date: the demo's past is made in one go."""
    token = _date.set(at)
    try:
        yield
    finally:
        _date.reset(token)


def folder() -> Path:
    return Path(settings.EMAIL_FILE_PATH)


class FolderBackend(BaseEmailBackend):
    """Keeps what a mail server would have sent."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        folder().mkdir(parents=True, exist_ok=True)
        for message in email_messages:
            at = _date.get() or timezone.now()
            message.extra_headers["Date"] = format_datetime(at)
            # The time comes first so that names sort as the mails were sent.
            name = f"{int(at.timestamp() * 1_000_000):020d}-{uuid.uuid4().hex[:8]}"
            (folder() / f"{name}.eml").write_bytes(message.message().as_bytes())
        return len(email_messages)


@dataclass(frozen=True)
class Mail:
    name: str
    subject: str
    sender: str
    to: str
    date: datetime | None
    text: str
    html: str


def read(name: str) -> Mail | None:
    """One mail, or nothing: a name from an address may be anything."""
    path = folder() / f"{name}.eml"
    if not NAME_PATTERN.fullmatch(name) or not path.is_file():
        return None
    message = BytesParser(policy=policy.default).parsebytes(path.read_bytes())
    assert isinstance(message, ParsedMessage)
    date = message["Date"]
    return Mail(
        name=name,
        subject=str(message["Subject"] or ""),
        sender=str(message["From"] or ""),
        to=str(message["To"] or ""),
        date=parsedate_to_datetime(str(date)) if date else None,
        text=_part(message, "plain"),
        html=_part(message, "html"),
    )


def _part(message: ParsedMessage, kind: str) -> str:
    part = message.get_body(preferencelist=(kind,))
    return str(part.get_content()) if part is not None else ""


def newest_names() -> list[str]:
    if not folder().is_dir():
        return []
    return sorted((path.stem for path in folder().glob("*.eml")), reverse=True)
