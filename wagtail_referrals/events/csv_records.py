"""Records of a CSV file, line by line: one broken line never takes a good one with it."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterable, Iterator
from typing import NamedTuple, TextIO

# More than any honest line has; longer ones are cut, so that memory stays flat.
LONGEST_LINE = 100_000
# A quoted value may run over lines, but a quote that was never closed must not eat the file.
_MOST_LINES = 20


class Record(NamedTuple):
    """One record: the number of its first line, its values, and what is wrong with its form."""

    line: int
    values: list[str]
    fault: str = ""


def read_lines(file: TextIO) -> Iterator[str]:
    """The lines of a file opened with ``newline=""``; of an endless one only the beginning."""
    while line := file.readline(LONGEST_LINE):
        piece = line
        while len(piece) == LONGEST_LINE and piece[-1] not in "\r\n":
            piece = file.readline(LONGEST_LINE)
        yield line


def read_records(lines: Iterable[str]) -> Iterator[Record]:
    """Every record; the first one says how many values the others need."""
    numbered = _Numbered(lines)
    width = 0
    for number, line in numbered:
        if not line.strip():
            continue
        record = _record(number, line, numbered, width)
        width = width or len(record.values)
        yield record


class _Numbered:
    """Lines with their numbers, which can be put back."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = enumerate(lines, start=1)
        self._returned: deque[tuple[int, str]] = deque()

    def __iter__(self) -> _Numbered:
        return self

    def __next__(self) -> tuple[int, str]:
        return self._returned.popleft() if self._returned else next(self._lines)

    def put_back(self, lines: list[tuple[int, str]]) -> None:
        self._returned.extendleft(reversed(lines))


def _record(number: int, line: str, lines: _Numbered, width: int) -> Record:
    """The record that begins with this line; the next lines belong to it only if it is whole."""
    text = line
    borrowed: list[tuple[int, str]] = []
    fault = _fault_of_text(text)
    while not fault:
        try:
            values = next(csv.reader((text,), strict=True))
        except csv.Error as error:
            following = next(lines, None) if _is_open(error) else None
            if following and len(borrowed) < _MOST_LINES:
                borrowed.append(following)
                text += following[1]
                fault = _fault_of_text(following[1])
                continue
            borrowed += [following] if following else []
            fault = "unreadable"
        else:
            if not width or len(values) == width:
                return Record(number, values)
            fault = "columns"
    lines.put_back(borrowed)
    return Record(number, _roughly(line), fault)


def _is_open(error: csv.Error) -> bool:
    return "unexpected end of data" in str(error)


def _fault_of_text(text: str) -> str:
    if len(text) >= LONGEST_LINE:
        return "too_long"
    if text.isascii():
        return "unreadable" if "\0" in text else ""
    try:
        text.encode()  # fails on what the file's decoder let through as a surrogate
    except UnicodeEncodeError:
        return "undecodable"
    return "unreadable" if "\0" in text else ""


def _roughly(line: str) -> list[str]:
    """The values of a broken line, as well as they can be told."""
    line = line.rstrip("\r\n")
    try:
        return next(csv.reader((line,)), [])
    except csv.Error:
        return [line]
