"""A text with places in it that are filled for each mail, parts that fall away, and lists."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

# Two characters of nobody's, which stand around the number of a place while a text is written.
_OPEN, _CLOSE = "\ue000", "\ue001"
_MARK = re.compile(f"{_OPEN}([0-9]+|end){_CLOSE}")
_END = f"{_OPEN}end{_CLOSE}"
_STRAY = str.maketrans("", "", _OPEN + _CLOSE)


@dataclass(frozen=True, slots=True)
class Put:
    """A value, or what is said where it has none."""

    name: str
    otherwise: str = ""


@dataclass(frozen=True, slots=True)
class When:
    """A part that is there with a value only, or ("!name") without it only."""

    name: str
    negated: bool
    parts: Parts = ()


@dataclass(frozen=True, slots=True)
class Each:
    """A part that is repeated for each of a list, with that one's values."""

    name: str
    parts: Parts = ()


Part = str | Put | When | Each
Parts = tuple[Part, ...]


def fill(parts: Parts, values: Mapping[str, Any]) -> str:
    """The text with its values: texts, and lists of such mappings."""
    found: list[str] = []
    _fill(parts, values, found.append)
    return "".join(found)


def _fill(parts: Parts, values: Mapping[str, Any], add: Callable[[str], None]) -> None:
    for part in parts:
        if isinstance(part, str):
            add(part)
        elif isinstance(part, Put):
            add(values.get(part.name) or part.otherwise)
        elif isinstance(part, Each):
            for item in values.get(part.name) or ():
                _fill(part.parts, item, add)
        elif bool(values.get(part.name)) is not part.negated:
            _fill(part.parts, values, add)


class Sheet:
    """Where a text is written: what is put in here are marks, which ``parts`` makes places of."""

    def __init__(self) -> None:
        self._places: list[Put | When | Each] = []

    def put(self, name: str, otherwise: str = "") -> str:
        """The place of a value."""
        return self._mark(Put(name, otherwise))

    def when(self, condition: str, content: str) -> str:
        """A part that is there when ``condition`` ("name" or "!name") holds; "" always does."""
        if not condition:
            return content
        name = condition.removeprefix("!")
        return f"{self._mark(When(name, name != condition))}{content}{_END}"

    def each(self, name: str, content: str) -> str:
        """A part that is repeated."""
        return f"{self._mark(Each(name))}{content}{_END}"

    def _mark(self, place: Put | When | Each) -> str:
        self._places.append(place)
        return f"{_OPEN}{len(self._places) - 1}{_CLOSE}"

    def parts(self, written: str) -> Parts:
        """A text that was written with these marks."""
        stack: list[tuple[Put | When | Each | None, list[Part]]] = [(None, [])]
        for number, piece in enumerate(_MARK.split(written)):
            if number % 2 == 0:
                if piece:
                    stack[-1][1].append(piece)
                continue
            place = None if piece == "end" else self._places[int(piece)]
            if isinstance(place, Put):
                stack[-1][1].append(place)
            elif place is not None:
                stack.append((place, []))
            else:
                begun, inside = stack.pop()
                stack[-1][1].append(_closed(begun, tuple(inside)))
        return tuple(stack[0][1])


def _closed(begun: Put | When | Each | None, inside: Parts) -> Part:
    if isinstance(begun, When):
        return When(begun.name, begun.negated, inside)
    assert isinstance(begun, Each)
    return Each(begun.name, inside)


def without_marks(text: str) -> str:
    """Somebody's words, in which nothing can be taken for a mark."""
    return text.translate(_STRAY)
