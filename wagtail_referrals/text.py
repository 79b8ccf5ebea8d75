"""Text that comes from outside, made fit for a column and for comparing."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Callable

from confusable_homoglyphs import confusables

from .exceptions import InvalidInput

# {{ first_name|there }}: a name, and what is said where it has no value.
_MERGE = re.compile(r"\{\{\s*(\w+)\s*(?:\|([^{}|]*))?\}\}")
_BRACES = re.compile(r"\{\{|\}\}")


def clean_line(text: object, length: int) -> str:
    """One line without control characters, at most ``length`` characters."""
    line = str(text or "")
    if not line.isprintable():
        line = "".join(" " if unicodedata.category(c)[0] == "C" else c for c in line)
    return " ".join(line.split())[:length].strip()


def clean_text(text: object, length: int) -> str:
    """Lines without control characters, at most ``length`` characters.

    Raises InvalidInput("invalid_text") for none, and for more.
    """
    raw = str(text or "").replace("\r\n", "\n").replace("\r", "\n")
    kept = (c for c in raw if c in "\n\t" or unicodedata.category(c)[0] != "C")
    clean = "".join(kept).strip()
    if not clean or len(clean) > length:
        raise InvalidInput("invalid_text")
    return clean


def clean_reason(text: object) -> str:
    """Why somebody did something, one line. Raises InvalidInput("invalid_reason") for none."""
    reason = clean_line(text, 500)
    if not reason:
        raise InvalidInput("invalid_reason")
    return reason


@functools.cache
def _latin_twin(char: str) -> str:
    for twin in confusables.confusables_data.get(char, ()):
        if len(twin["c"]) == 1 and twin["c"].isascii() and twin["c"].isalnum():
            return str(twin["c"])
    return char


def fold_lookalikes(text: str) -> str:
    """Letters of other scripts replaced by the Latin ones they are mistaken for."""
    folded = unicodedata.normalize("NFKC", text)
    if folded.isascii():
        return folded
    return "".join(c if c.isascii() else _latin_twin(c) for c in folded)


def merge_names(text: str) -> set[str]:
    """The names of what is put into a text by ``{{ name }}`` and ``{{ name|otherwise }}``."""
    return {name for name, _otherwise in _MERGE.findall(text)}


def merge(text: str, put: Callable[[str, str], str], literal: Callable[[str], str] = str) -> str:
    """The text with ``put(name, otherwise)`` in the place of each name.

    What stands between goes through ``literal``.
    """
    found, end = [], 0
    for match in _MERGE.finditer(text):
        found += [literal(text[end : match.start()]), put(match[1], (match[2] or "").strip())]
        end = match.end()
    return "".join([*found, literal(text[end:])])


def is_torn(text: str) -> bool:
    """Whether braces stand in a text that are none of a name's: one was left open."""
    return bool(_BRACES.search(_MERGE.sub("", text)))
