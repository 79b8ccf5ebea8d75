"""What a mail server's refusal means: later, never, or that nobody lives at the address."""

from __future__ import annotations

import re
from enum import Enum
from smtplib import (
    SMTPConnectError,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPServerDisconnected,
)


class Verdict(Enum):
    # The server closes for now: no attempt of this mail, and none of the next ones.
    SERVER_AWAY = "server_away"
    # The connection broke: perhaps because of this very mail, so it is an attempt.
    BROKEN = "broken"
    TRY_AGAIN = "try_again"
    # There is no such mailbox.
    NOBODY_THERE = "nobody_there"


CLOSING = 421
# "Mailbox unavailable", "user not local", "mailbox name not allowed" (RFC 5321, 4.2.3).
NO_MAILBOX = (550, 551, 553)
_ENHANCED = re.compile(r"\b5\.(\d{1,3})\.\d{1,3}\b")
# The second number of an enhanced code (RFC 3463): an address; a matter of policy.
_ADDRESS, _POLICY = "1", "7"


def verdict_on(error: Exception) -> Verdict:
    """What follows from an error of sending one mail."""
    replies = replies_of(error)
    if isinstance(error, SMTPConnectError) or any(code == CLOSING for code, _words in replies):
        return Verdict.SERVER_AWAY
    if isinstance(error, SMTPServerDisconnected | OSError) and not replies:
        return Verdict.BROKEN
    refused = isinstance(error, SMTPRecipientsRefused)
    if any(_is_nobody(code, words, refused) for code, words in replies):
        return Verdict.NOBODY_THERE
    return Verdict.TRY_AGAIN


def _is_nobody(code: int, words: str, refused: bool) -> bool:
    """Whether a reply speaks of the address. After the text of a mail it may speak of the text."""
    if code not in NO_MAILBOX:
        return False
    found = _ENHANCED.search(words)
    subject = found[1] if found else ""
    return subject == _ADDRESS or (refused and subject != _POLICY)


def replies_of(error: Exception) -> list[tuple[int, str]]:
    """The codes and words of the server, as far as there are any."""
    if isinstance(error, SMTPRecipientsRefused):
        return [(code, _text(words)) for code, words in error.recipients.values()]
    if isinstance(error, SMTPResponseException):
        return [(error.smtp_code, _text(error.smtp_error))]
    return []


def _text(words: bytes | str) -> str:
    return words.decode(errors="replace") if isinstance(words, bytes) else str(words)


def in_short(error: Exception) -> str:
    """What went wrong without whom it concerned: servers repeat the address in their words."""
    parts = [type(error).__name__]
    for code, words in replies_of(error):
        found = _ENHANCED.search(words)
        parts += [str(code), *([found[0]] if found else [])]
    return " ".join(parts)[:500]
