"""Words that differ: for whom, and with what was answered before put into them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.html import escape
from django.utils.translation import gettext_lazy as _

from ..text import clean_line, merge, merge_names

# Who can get other words. Coupon and review links are the same for all of them.
AUDIENCES: dict[str, str | Promise] = {
    "promoters": _("promoters (9 and 10)"),
    "passives": _("passives (7 and 8)"),
    "detractors": _("detractors (0 to 6)"),
    "first_timers": _("first-timers"),
    "regulars": _("regulars"),
}

# The texts of a page that can differ, by the names of their columns.
PAGE_TEXTS: dict[str, str | Promise] = {
    "title": _("title"),
    "thanks_heading": _("heading with the coupon"),
    "thanks_text": _("text above the coupon"),
}

_LENGTH = 80


@dataclass(frozen=True)
class Reader:
    """What is known of who reads, besides their answers. ``regular`` is None when unknown."""

    first_name: str = ""
    regular: bool | None = None


def audiences(score: int | None, regular: bool | None) -> set[str]:
    """Which of AUDIENCES somebody belongs to."""
    found = set()
    if score is not None:
        found.add("promoters" if score >= 9 else "passives" if score >= 7 else "detractors")
    if regular is not None:
        found.add("regulars" if regular else "first_timers")
    return found


def choose_words(text: str, others: Iterable[tuple[str, str]], belongs_to: set[str]) -> str:
    """The first of (audience, words) that fits, or the text itself."""
    return next((words for audience, words in others if audience in belongs_to), text)


def stored_words(stream: Any) -> list[dict[str, str]]:
    """What a StreamField of other words holds, without making its blocks."""
    return [block["value"] for block in stream.raw_data] if stream else []


def page_words(page: Any, name: str, belongs_to: set[str]) -> str:
    """One of PAGE_TEXTS of a page, in the words for them."""
    others = [
        (block.get("audience", ""), block.get("words", ""))
        for block in stored_words(page.other_words)
        if block.get("text") == name
    ]
    return choose_words(getattr(page, name), others, belongs_to)


def is_recalling(text: str) -> bool:
    """Whether there is something to be put into it."""
    return "{{" in text


def recalled_names(text: str) -> set[str]:
    """The names of what is put into it."""
    return merge_names(text)


def recall(text: str, answers: Mapping[str, Any]) -> str:
    """A plain text with the answers put in. It is to be escaped like any other text."""
    return _put_in(text, answers, str)


def recall_html(html: str, answers: Mapping[str, Any]) -> str:
    """HTML with the answers, escaped, put in."""
    return _put_in(html, answers, escape)


def _put_in(text: str, answers: Mapping[str, Any], form: Callable[[str], str]) -> str:
    if not is_recalling(text):
        return text
    return merge(text, lambda name, otherwise: form(_as_line(answers.get(name))) or otherwise)


def _as_line(answer: Any) -> str:
    """An answer as one short line; nothing for a tick."""
    if answer is None or isinstance(answer, bool):
        return ""
    several = answer if isinstance(answer, list | tuple) else [answer]
    return clean_line(", ".join(map(str, several)), _LENGTH)


def first_word(name: Any) -> str:
    """What somebody is called: the first of their names."""
    return next(iter(clean_line(name, _LENGTH).split()), "")
