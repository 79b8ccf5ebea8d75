"""Text that comes from outside, made fit for a column and for comparing."""

import functools
import unicodedata

from confusable_homoglyphs import confusables

from .exceptions import InvalidInput


def clean_line(text: object, length: int) -> str:
    """One line without control characters, at most ``length`` characters."""
    line = "".join(" " if unicodedata.category(c)[0] == "C" else c for c in str(text or ""))
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
