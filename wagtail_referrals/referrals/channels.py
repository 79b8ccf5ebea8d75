"""The ways to share a link: what each is called, the draft it opens, how much it takes."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = str | Promise
# How a text looks to who gets it: a bubble of a messenger, a mail, a post, or in the hand.
CHAT, MAIL, POST, HAND = "chat", "mail", "post", "hand"


@dataclass(frozen=True)
class Channel:
    """One way to share, with a link of its own so that clicks are known by it.

    ``draft`` opens the advocate's own app; it names {text} (words and link), {words}, {link} or
    {subject}. ``counted`` is what staff call it. ``most`` is how many characters fit, None: any;
    ``link_counts`` is how many a link takes there, None: as many as it has.
    """

    key: str
    label: Words
    counted: Words
    draft: str = ""
    looks: str = HAND
    most: int | None = None
    link_counts: int | None = None

    @property
    def takes_words(self) -> bool:
        """Whether a text goes along; some take the link alone."""
        return "{text}" in self.draft or "{words}" in self.draft

    def href(self, *, words: str, link: str, subject: str) -> str:
        """The address that opens a draft; "" where there is none. Nothing is sent by it."""
        values = {"text": f"{words} {link}", "words": words, "link": link, "subject": subject}
        return self.draft.format(**{name: quote(value, safe="") for name, value in values.items()})

    def length(self, words: str, link: str) -> int:
        """How many characters the words and the link take."""
        counted = len(link) if self.link_counts is None else self.link_counts
        return len(words) + 1 + counted

    def is_too_long(self, words: str, link: str) -> bool:
        """Whether it does not fit."""
        return self.most is not None and self.length(words, link) > self.most


# In the order they are offered. No address is opened before somebody presses its button.
CHANNELS: dict[str, Channel] = {
    channel.key: channel
    for channel in (
        Channel("copy", _("Copy link"), _("copied link")),
        Channel("share", _("Share…"), _("share button"), looks=CHAT),
        Channel("whatsapp", _("WhatsApp"), _("WhatsApp link"), "https://wa.me/?text={text}", CHAT),
        Channel(
            "email",
            _("E-mail"),
            _("e-mail link"),
            "mailto:?subject={subject}&body={text}",
            MAIL,
        ),
        Channel("sms", _("Text message"), _("text message link"), "sms:?&body={text}", CHAT),
        Channel(
            "telegram",
            _("Telegram"),
            _("Telegram link"),
            "https://t.me/share/url?url={link}&text={words}",
            CHAT,
        ),
        Channel(
            "facebook",
            _("Facebook"),
            _("Facebook link"),
            "https://www.facebook.com/sharer/sharer.php?u={link}",
            POST,
        ),
        Channel(
            "x",
            _("X"),
            _("X link"),
            "https://x.com/intent/tweet?text={words}&url={link}",
            POST,
            most=280,
            link_counts=23,
        ),
        Channel(
            "linkedin",
            _("LinkedIn"),
            _("LinkedIn link"),
            "https://www.linkedin.com/sharing/share-offsite/?url={link}",
            POST,
        ),
        Channel(
            "bluesky",
            _("Bluesky"),
            _("Bluesky link"),
            "https://bsky.app/intent/compose?text={text}",
            POST,
            most=300,
        ),
        Channel("qr", _("QR code"), _("QR code")),
        Channel("till", _("Say the code"), _("code said at the till")),
        # Mails to friends that the site sends: counted, not offered as a button.
        Channel("mail", _("Mail to a friend"), _("mail sent by the site"), looks=MAIL),
    )
}


def channel_choices() -> list[tuple[str, Words]]:
    """The ways that take a text of their own."""
    return [(key, one.label) for key, one in CHANNELS.items() if one.takes_words or key == "share"]


# GSM 03.38: what fits 160 to a message; any other character makes it 70.
_GSM = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_DOUBLE = set("^{}\\[~]|€\f")


def text_messages(text: str) -> int:
    """As how many text messages a text is sent, and paid for."""
    if set(text) <= _GSM | _GSM_DOUBLE:
        length = sum(2 if char in _GSM_DOUBLE else 1 for char in text)
        alone, in_parts = 160, 153
    else:
        length = len(text.encode("utf-16-le")) // 2
        alone, in_parts = 70, 67
    return 1 if length <= alone else -(-length // in_parts)
