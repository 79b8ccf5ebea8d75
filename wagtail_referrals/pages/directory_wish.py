"""What a visitor wants of a directory, as it stands in the address."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

MAX_WORDS = 8
MAX_LENGTH = 100
MAX_TOPICS = 6
MAX_PAGE = 10_000


@dataclass(frozen=True)
class Wish:
    """``topics`` are slugs, of which a partner has to have all; ``letter`` is one of A–Z or #."""

    words: str = ""
    kind: str = ""
    topics: tuple[str, ...] = ()
    takes_new: bool = False
    letter: str = ""
    page: int = 1

    @classmethod
    def read(cls, params: Any) -> Wish:
        """From a QueryDict. What makes no sense is left out."""
        slugs = (slug for slug in params.getlist("topic") if re.fullmatch(r"[-\w]{1,60}", slug))
        return cls(
            words=clean_words(params.get("q", "")),
            kind=params.get("kind", "")[:20].replace("\0", ""),
            topics=tuple(sorted(set(slugs))[:MAX_TOPICS]),
            takes_new=params.get("new") == "1",
            letter=_letter(params.get("letter", "")),
            page=_number(params.get("page", "")),
        )

    def known(self, *, kinds: Collection[str] | Mapping[str, Any], topics: Collection[str]) -> Wish:
        """The same without kinds and topics that there are not."""
        return replace(
            self,
            kind=self.kind if self.kind in kinds else "",
            topics=tuple(slug for slug in self.topics if slug in topics),
        )

    def but(self, **changes: Any) -> Wish:
        """The same with changes, from the first page."""
        return replace(self, **{"page": 1, **changes})

    def toggled(self, slug: str) -> tuple[str, ...]:
        """The topics with one more, or one less."""
        return tuple(sorted(set(self.topics) ^ {slug}))

    @property
    def params(self) -> list[tuple[str, str]]:
        """What says it in an address, always in the same order."""
        params = [
            ("q", self.words),
            ("kind", self.kind),
            *(("topic", slug) for slug in self.topics),
            ("new", "1" if self.takes_new else ""),
            ("letter", self.letter),
            ("page", str(self.page) if self.page > 1 else ""),
        ]
        return [(name, value) for name, value in params if value]

    @property
    def filters(self) -> list[tuple[str, str]]:
        """What the form for the words has to keep."""
        return replace(self, words="", letter="", page=1).params

    def after(self, base: str) -> str:
        """The address, after that of the list itself."""
        return f"{base}?{urlencode(self.params)}" if self.params else base

    @property
    def is_simple(self) -> bool:
        """Whether it is the whole list, or one filter, and not what somebody searched for."""
        filters = len(self.topics) + bool(self.kind) + self.takes_new
        return not self.words and not self.letter and filters <= 1

    @property
    def is_empty(self) -> bool:
        """Whether nothing is filtered."""
        return not replace(self, page=1).params


def clean_words(raw: str) -> str:
    """The words of a search: no signs that a search engine would take for orders."""
    words = re.findall(r"\w+(?:['’.&-]\w+)*", raw[:500])[:MAX_WORDS]
    return " ".join(words)[:MAX_LENGTH].strip()


def _letter(raw: str) -> str:
    letter = raw[:1].upper()
    return letter if letter.isalpha() or letter == "#" else ""


def _number(raw: str) -> int:
    is_number = raw.isascii() and raw.isdigit() and len(raw) < 6
    return min(max(int(raw), 1), MAX_PAGE) if is_number else 1
