"""A mail server of the test's own, that does to its clients what servers do."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes
from typing import Any

import pytest
from aiosmtpd.controller import Controller

# What a server may answer to the end of a mail: words, or nothing because it hung up.
DROP = "drop the connection"


class MailServer:
    """Keeps what it gets, in its order; ``answer`` and ``answer_rcpt`` say what it refuses."""

    def __init__(self) -> None:
        self.envelopes: list[Any] = []
        self.connections = 0
        self.port = 0
        self.seconds = 0.0
        self.answer: Callable[[Any], str] = lambda envelope: ""
        self.answer_rcpt: Callable[[str], str] = lambda address: ""
        # Called when a mail is taken in, before the client is told so.
        self.taken: Callable[[str], None] = lambda message_id: None

    def refuse(self, words: str) -> None:
        """Answer every mail with these words; "" takes them."""
        self.answer = lambda envelope: words

    @property
    def message_ids(self) -> list[str]:
        return [message_id(envelope.content) for envelope in list(self.envelopes)]

    @property
    def recipients(self) -> list[str]:
        return [address for envelope in list(self.envelopes) for address in envelope.rcpt_tos]

    async def handle_EHLO(self, server: Any, session: Any, envelope: Any, hostname: str) -> str:  # noqa: N802 - aiosmtpd's name
        self.connections += 1
        session.host_name = hostname
        return "250 HELP"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if refused := self.answer_rcpt(address):
            return refused
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        answer = self.answer(envelope)
        if answer == DROP:
            server.transport.abort()
            await asyncio.sleep(0)
            return "250 nobody hears this"
        if answer:
            return answer
        self.envelopes.append(envelope)
        self.taken(message_id(envelope.content))
        await asyncio.sleep(self.seconds)
        return "250 OK"


def message_id(content: bytes) -> str:
    return str(message_from_bytes(content)["Message-ID"]).strip()


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """A server that listens on a port of its own, in a thread."""
    handler = MailServer()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        handler.port = probe.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=handler.port)
    controller.start()
    try:
        yield handler
    finally:
        controller.stop()


@pytest.fixture
def server(settings: Any) -> Iterator[MailServer]:
    """The mail server that the site sends to."""
    with mail_server() as handler:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST = "127.0.0.1"
        settings.EMAIL_PORT = handler.port
        yield handler
