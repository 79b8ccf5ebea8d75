"""What an advocate hands out: the link, ready-made words, ways to send them, a QR code."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import segno
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from wagtail.images import get_image_model

from ..programs.models import Offer, Program
from ..tokens import make_token, read_token
from .channels import CHANNELS, Channel
from .links import link_url
from .models import Advocate, AdvocateState
from .promised import for_friends, words_to_test
from .share_words import (
    StoredText,
    TestedText,
    picture_of,
    share_words,
    stored_texts,
    words_to_choose,
)

FILES = "share"


@dataclass(frozen=True)
class ShareLink:
    """A button of the kit: ``href`` opens a draft in the advocate's own app."""

    name: str
    label: str | Promise
    href: str
    takes_words: bool = True


@dataclass(frozen=True)
class TextToChoose:
    """Other words, without and with the link, and their own ways to be sent."""

    words: str
    text: str
    channels: list[ShareLink]


@dataclass(frozen=True)
class Picture:
    """What goes with the words, to be saved and sent along."""

    url: str
    width: int
    height: int
    alt: str


@dataclass(frozen=True)
class ShareKit:
    """Everything an advocate needs to pass the offer on.

    ``text`` is what ``channels`` send, ``others`` are more to choose from. ``beacon`` is the
    address that counts a share, but for the channel at its end. ``files`` are addresses by name:
    png, svg and cards; none for an advocate who is not stored, as in a preview.
    """

    link: str
    code: str
    text: str
    channels: list[ShareLink]
    others: list[TextToChoose] = field(default_factory=list)
    picture: Picture | None = None
    beacon: str = ""
    files: dict[str, str] = field(default_factory=dict)


class Told(NamedTuple):
    """What the words of an advocate are made of: asked for once for all ways to share."""

    offer: Offer | None
    tested: TestedText | None
    stored: list[StoredText]


def share_text(
    program: Program,
    link: str,
    offer: Offer | None = None,
    channel: str = "email",
    tested: TestedText | None = None,
) -> str:
    """Ready-made words and the link; for a mail, if nothing else is said."""
    return f"{share_words(program, offer, channel, tested)} {link}"


def share_kit(advocate: Advocate) -> ShareKit:
    """Link, texts and channels of an advocate."""
    program, told = advocate.program, _told(advocate)
    first, *others = words_to_choose(program, told.offer, "", told.tested, told.stored)
    picture_id = picture_of(told.stored)
    link = link_url(advocate, "copy")
    return ShareKit(
        link=link_url(advocate),
        code=advocate.display_code,
        text=f"{first} {link}",
        channels=_share_links(advocate, told),
        others=[
            TextToChoose(
                words, f"{words} {link}", _share_links(advocate, told, words, only_with_words=True)
            )
            for words in others
        ],
        picture=load_picture(picture_id) if picture_id else None,
        beacon=_beacon(advocate),
        files=_files(advocate) if advocate.pk else {},
    )


def load_picture(picture_id: int) -> Picture | None:
    """A picture in a size that fits every channel; None when its file is gone."""
    image = get_image_model().objects.filter(pk=picture_id).first()
    try:
        rendition = image.get_rendition("max-1200x1200") if image else None
    except Exception:  # a broken file keeps nobody from sharing
        return None
    if rendition is None:
        return None
    return Picture(rendition.url, rendition.width, rendition.height, rendition.alt)


def _told(advocate: Advocate) -> Told:
    stored = stored_texts(advocate.program)
    return Told(for_friends(advocate), words_to_test(advocate), stored)


def _share_links(
    advocate: Advocate, told: Told, words: str = "", *, only_with_words: bool = False
) -> list[ShareLink]:
    """The ways that open a draft, with these words or with those chosen for each."""
    return [
        _share_link(advocate, told, channel, words)
        for channel in CHANNELS.values()
        if channel.draft and (channel.takes_words or not only_with_words)
    ]


# What a mail offers beside the link and the words: what opens from a mailbox.
IN_MAILS = ("whatsapp", "telegram", "facebook")


def share_in_mail(advocate: Advocate) -> dict[str, Any]:
    """What a mail's place for sharing needs, in the language of the moment: link, words, ways."""
    link, told = link_url(advocate, "email"), _told(advocate)
    ways = (_share_link(advocate, told, CHANNELS[name], "") for name in IN_MAILS)
    return {
        "share_link": link,
        "share_text": share_text(advocate.program, link, told.offer, tested=told.tested),
        "share_ways": [{"text": str(way.label), "url": way.href} for way in ways],
    }


def _share_link(advocate: Advocate, told: Told, channel: Channel, words: str) -> ShareLink:
    if not words:
        own = told.tested, told.stored
        words = share_words(advocate.program, told.offer, channel.key, *own)
    link = link_url(advocate, channel.key)
    href = channel.href(words=words, link=link, subject=subject_of(advocate.program))
    return ShareLink(channel.key, channel.label, href, channel.takes_words)


def subject_of(program: Program) -> str:
    """The subject of a mail an advocate sends."""
    return gettext("A recommendation: %(name)s") % {"name": program.site.site_name or program.name}


def _beacon(advocate: Advocate) -> str:
    path = reverse("wagtail_referrals:share_beacon", args=[advocate.display_code, "copy"])
    return path.removesuffix("copy/")


def _files(advocate: Advocate) -> dict[str, str]:
    token = make_token(FILES, advocate.pk)
    return {
        "png": reverse("wagtail_referrals:share_qr", args=[token, "png"]),
        "svg": reverse("wagtail_referrals:share_qr", args=[token, "svg"]),
        "cards": reverse("wagtail_referrals:share_cards", args=[token]),
    }


def find_for_files(token: str) -> Advocate | None:
    """The advocate whose pictures and cards an address leads to; None when it is not one's.

    Nor for who was erased, or is not an advocate any more.
    """
    key = read_token(FILES, token)
    advocates = Advocate.objects.select_related(
        "person", "friend_offer", "program__site", "program__friend_offer"
    )
    active = advocates.filter(state=AdvocateState.ACTIVE, person__erased_at=None)
    return active.filter(pk=key).first() if key else None


def _qr(advocate: Advocate) -> Any:
    """Their link; a quarter of the picture may be dirty."""
    return segno.make(link_url(advocate, "qr"), micro=False, error="q")


def link_code(advocate: Advocate, kind: str = "svg") -> bytes:
    """Their link as a QR code to print: an SVG, or a PNG."""
    picture = io.BytesIO()
    _qr(advocate).save(picture, kind=kind, scale=12, border=4)
    return picture.getvalue()


def link_code_inline(advocate: Advocate) -> str:
    """The same as SVG to stand in a page, without a style of its own. Made of numbers only."""
    return str(_qr(advocate).svg_inline(omitsize=True, border=0))
