"""What an advocate hands out: the link, a ready-made text and a way to send it."""

from __future__ import annotations

import io
from dataclasses import dataclass
from urllib.parse import quote

import segno
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ..programs.models import Offer, Program
from .links import link_url
from .models import Advocate


@dataclass(frozen=True)
class Channel:
    """One way to share, with its own link so that clicks are known by it."""

    name: str
    label: str | Promise
    href: str


@dataclass(frozen=True)
class ShareKit:
    """Everything an advocate needs to pass the offer on."""

    link: str
    code: str
    text: str
    channels: list[Channel]


# Addresses that open the advocate's own app with a draft; nothing is requested before a click.
CHANNELS: dict[str, tuple[str | Promise, str]] = {
    "whatsapp": (_("WhatsApp"), "https://wa.me/?text={text}"),
    "email": (_("E-mail"), "mailto:?subject={subject}&body={text}"),
    "sms": (_("Text message"), "sms:?&body={text}"),
    "telegram": (_("Telegram"), "https://t.me/share/url?url={link}&text={words}"),
}


def share_words(program: Program, offer: Offer | None = None) -> str:
    """The ready-made words without the link. They say that the advocate gets something.

    ``offer`` is what the friends get where it is not the program's.
    """
    if program.share_text:
        return program.share_text
    name = program.site.site_name or program.name
    offer = offer or program.friend_offer
    if offer is None:
        return gettext("I can recommend %(name)s.") % {"name": name}
    return gettext(
        "I can recommend %(name)s. With my link you get %(offer)s, and I get a thank-you too."
    ) % {"name": name, "offer": offer.headline}


def share_text(program: Program, link: str, offer: Offer | None = None) -> str:
    """Ready-made words and the link."""
    return f"{share_words(program, offer)} {link}"


def share_kit(advocate: Advocate) -> ShareKit:
    """Link, text and channels of an advocate."""
    program = advocate.program
    link = link_url(advocate)
    return ShareKit(
        link=link,
        code=advocate.display_code,
        text=share_text(program, link_url(advocate, "copy"), advocate.friend_offer),
        channels=[_channel(advocate, name) for name in CHANNELS],
    )


def _channel(advocate: Advocate, name: str) -> Channel:
    label, template = CHANNELS[name]
    link = link_url(advocate, name)
    words = share_words(advocate.program, advocate.friend_offer)
    text, subject = f"{words} {link}", _subject(advocate)
    values = {"text": text, "words": words, "link": link, "subject": subject}
    quoted = {key: quote(str(value), safe="") for key, value in values.items()}
    return Channel(name=name, label=label, href=template.format(**quoted))


def _subject(advocate: Advocate) -> str:
    program = advocate.program
    return gettext("A recommendation: %(name)s") % {"name": program.site.site_name or program.name}


def link_code(advocate: Advocate) -> bytes:
    """Their link as a QR code to print: an SVG."""
    picture = io.BytesIO()
    code = segno.make(link_url(advocate, "qr"), micro=False, error="q")
    code.save(picture, kind="svg", scale=12, border=4)
    return picture.getvalue()
