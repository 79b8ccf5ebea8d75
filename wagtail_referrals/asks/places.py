"""Where an ask leads. Pages are of a room below: they say themselves what can be asked on them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..people.models import Person
from ..programs.models import Program
from .models import Touchpoint

# A program's live pages for one kind of ask, the first one first.
Finder = Callable[[Program], list[Any]]
_finders: dict[str, Finder] = {}


def lead_to(asks_for: str, finder: Finder) -> None:
    """Have asks for that lead to the pages ``finder`` finds."""
    _finders[asks_for] = finder


def needs_page(asks_for: str) -> bool:
    """Whether it can be asked for on a page of a certain kind only."""
    return asks_for in _finders


def pages_for(asks_for: str, program: Program) -> list[Any]:
    """The program's live pages on which it can be asked for."""
    return _finders[asks_for](program) if asks_for in _finders else []


class Places:
    """The pages asks lead to; each program's are looked for once."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, int], list[Any]] = {}

    def page(self, touchpoint: Touchpoint, person: Person | None = None) -> Any:
        """The page for this person, in their language if there is one; None without any.

        A recommendation can be asked for on any live page that the owner chose.
        """
        chosen = touchpoint.page if touchpoint.page_id else None
        if not needs_page(touchpoint.asks_for):
            return chosen if chosen and chosen.live else None
        pages = self._pages(touchpoint.asks_for, touchpoint.program)
        if chosen:
            pages = [page for page in pages if page.translation_key == chosen.translation_key]
            pages.sort(key=lambda page: page.pk != chosen.pk)
        locale = person.locale if person else ""
        own = (page for page in pages if page.locale.language_code == locale)
        return next(own, next(iter(pages), None))

    def _pages(self, asks_for: str, program: Program) -> list[Any]:
        key = asks_for, program.pk
        if key not in self._found:
            self._found[key] = pages_for(asks_for, program)
        return list(self._found[key])
