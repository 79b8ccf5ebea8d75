"""Whether words can be sent as mails of a kind: said next to what has to be mended."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.html import strip_tags
from django.utils.translation import gettext
from wagtail.blocks.stream_block import StreamBlockValidationError
from wagtail.blocks.struct_block import StructBlockValidationError

from ..text import is_torn, merge_names
from .kinds import ASKED_FOR, ASKS, FLAG, LINK, LIST, MailKind

Blocks = list[tuple[str, Any]]
# What a block shows: a kind without that field has no such block.
SHOWS = {"coupon": "code", "score": "numbers", "lines": "lines", "share": "share_link"}
_SAFE = re.compile(r"https?://[^\s/]+\.?\S*$", re.IGNORECASE)


def subject_problems(kind: MailKind, subject: str) -> list[str]:
    """What is wrong with a subject."""
    found = list(_words(kind, subject))
    if "\n" in subject or "\r" in subject:
        found.append(gettext("A subject is one line."))
    return found


def word_problems(kind: MailKind, blocks: Blocks) -> ValidationError | None:
    """What is wrong with the blocks of a mail, for the form to say at each of them."""
    wrong: dict[int, ValidationError] = {}
    for number, (name, value) in enumerate(blocks):
        parts = {part: words for part, words in _block(kind, name, value) if words}
        if not parts:
            continue
        if "" in parts:
            wrong[number] = ValidationError(parts[""])
        else:
            errors = {part: ValidationError(words) for part, words in parts.items()}
            wrong[number] = StructBlockValidationError(block_errors=errors)
    missing = [ValidationError(words) for words in _missing(kind, blocks)]
    if not wrong and not missing:
        return None
    return StreamBlockValidationError(block_errors=wrong, non_block_errors=missing)


def _block(kind: MailKind, name: str, value: Any) -> Iterator[tuple[str, list[str]]]:
    """Each part of a block with what is wrong with it; "" is the block itself."""
    if name in SHOWS and SHOWS[name] not in kind.named:
        yield "", [_cannot_show(kind, name)]
    elif name == "text":
        yield "text", list(_words(kind, source_of(value)))
        yield "only_with", list(_condition(kind, value.get("only_with") or ""))
    elif name == "button":
        yield "label", list(_words(kind, value.get("label") or ""))
        yield "link", list(_link(kind, value.get("link") or ""))
    elif name == "quote":
        for part in ("text", "who"):
            yield part, list(_words(kind, value.get(part) or ""))


def source_of(value: Any) -> str:
    """The markup of a text block."""
    text = value.get("text") or ""
    return str(getattr(text, "source", text))


def _cannot_show(kind: MailKind, name: str) -> str:
    if name == "coupon" and kind.for_review:
        return gettext(
            "A mail that asks for a review never carries a coupon: review sites allow nothing in "
            "return for a review."
        )
    return gettext("This mail has nothing to show here. Take the block out.")


def _words(kind: MailKind, words: str) -> Iterator[str]:
    plain = strip_tags(words)
    if is_torn(plain):
        yield gettext("A “{{” or a “}}” stands alone. Write it like {{ first_name }}.")
    elif is_torn(words):
        yield gettext("Write {{ first_name }} in one piece: nothing bold or linked inside it.")
    known = nameable(kind)
    for name in sorted(merge_names(plain) - set(known)):
        said = gettext("There is no field “%(name)s” in this mail. There are: %(known)s.")
        yield said % {"name": name[:50], "known": ", ".join(known)}


def nameable(kind: MailKind) -> list[str]:
    """The fields that can stand in words."""
    return [name for name, field in kind.named.items() if field.form not in (FLAG, LIST)]


def _condition(kind: MailKind, condition: str) -> Iterator[str]:
    name = condition.strip().removeprefix("!")
    if name and name not in kind.named:
        words = gettext("There is no field “%(name)s” in this mail. There are: %(known)s.")
        yield words % {"name": name, "known": ", ".join(kind.named)}


def _link(kind: MailKind, written: str) -> Iterator[str]:
    name = next(iter(merge_names(written)), written.strip())
    field = kind.named.get(name)
    if (field and field.form == LINK) or _SAFE.match(written.strip()):
        return
    links = [name for name, field in kind.named.items() if field.form == LINK]
    if links:
        words = gettext("Enter an address that begins with https://, or one of: %(links)s.")
        yield words % {"links": ", ".join(links)}
    else:
        yield gettext("Enter an address that begins with https://.")


def _missing(kind: MailKind, blocks: Blocks) -> Iterator[str]:
    """What its reader needs of it, and these words do not say."""
    names = {name for name, _value in blocks}
    named = _named(blocks)
    has_coupon = any(name == "coupon" for name, _value in kind.body)
    if has_coupon and "coupon" not in names and "code" not in named:
        yield gettext("Without the coupon its reader has no code: add the block “Coupon”.")
    buttons = {value["link"] for name, value in kind.body if name == "button"}
    if kind.category in (ASKED_FOR, ASKS) and buttons and not buttons & named:
        words = gettext("This mail leads to %(links)s: add a button, or name it in the text.")
        yield words % {"links": ", ".join(sorted(buttons))}


def _named(blocks: Blocks) -> set[str]:
    """The fields that the blocks name."""
    found: set[str] = set()
    for words in texts_of(blocks):
        found |= merge_names(words)
    for name, value in blocks:
        if name == "button":
            found.add(str(value.get("link") or "").strip())
    return found


def texts_of(blocks: Iterable[tuple[str, Any]]) -> Iterator[str]:
    """All words in the blocks."""
    for name, value in blocks:
        if name == "text":
            yield source_of(value)
        elif name in ("button", "quote"):
            yield from (str(value.get(part) or "") for part in ("label", "link", "text", "who"))
