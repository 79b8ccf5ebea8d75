"""Answers that say nothing but where to click: somebody of the staff looks before a coupon goes."""

from __future__ import annotations

import re
from dataclasses import fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .submit import Answers

# Fewer words than this beside a link tell nothing of an experience.
FEWEST_WORDS = 4

_LINK = re.compile(
    r"<a\b[^>]*>|\[/?(?:url|link)\b[^\]]*\]|\]\([^)\s]*\)|\bhttps?:\S+|\bhxxps?:\S+|//\S+"
    r"|\bwww\.\S+|\b[\w-]+\.(?:com|net|org|info|biz|top|xyz|site|online|shop|click|ru|cn)\b\S*",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]{2,}")
_TAG = re.compile(r"<[^<>]*>")
# Scripts that put no spaces between words: every two characters count for one.
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]{2}")


def is_only_links(answers: Answers) -> bool:
    """Whether the open words are links and hardly anything else, or the name is one."""
    # An address may end like one of a site's.
    if _LINK.search(answers.name):
        return True
    words = answers.words[:10_000]
    if not _LINK.search(words):
        return False
    rest = _TAG.sub(" ", _LINK.sub(" ", words))
    return len(_WORD.findall(rest)) + len(_UNSPACED.findall(rest)) < FEWEST_WORDS


def kept_answers(answers: Answers) -> dict[str, Any]:
    """What the questions meant, as JSON, beside the answers themselves: for when it is released."""
    kept = {one.name: getattr(answers, one.name) for one in fields(answers) if one.name != "data"}
    return {**kept, "named": dict(getattr(answers.heard, "__dict__", {}))}
