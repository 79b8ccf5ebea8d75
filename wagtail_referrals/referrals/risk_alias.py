"""Whether two addresses look like one person's: read as names, compared by simple rules."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from ..text import fold_lookalikes

# What is shared by many who have nothing to do with each other: info@here is not info@there.
_ROLES_TEXT = """
admin booking bookings buero contact contacto cafe office hallo hello hey hi info kontakt mail
me newsletter orders post reception reservations sales service shop support team webmaster
welcome
"""
_ROLES = frozenset(_ROLES_TEXT.split())
# Where everybody can have a mailbox, by the first part of the domain. Elsewhere a first name
# alone is nobody's in particular: anna@mill.example is not anna@bakery.example.
_PUBLIC_TEXT = """
126 163 alice aol att bluewin bol btinternet centrum comcast cox daum fastmail free freenet
gmail gmx googlemail hanmail hotmail icloud interia laposte libero live mac mail mailbox me msn
naver o2 onet orange outlook pm posteo proton protonmail qq rediffmail rocketmail sbcglobal
seznam sfr sina sky skynet t-online telenet terra tiscali tuta tutanota uol verizon virgilio
wanadoo web wp yahoo yandex ymail zoho
"""
_PUBLIC = frozenset(_PUBLIC_TEXT.split())
# Digits and letters that are read as others; i and l are one, as they look it.
_READ_AS = str.maketrans("013456789!$i", "oleasbtbglsl")
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa", "æ": "ae"})


@dataclass(frozen=True)
class _Reading:
    """An address or a name as words of letters. ``domain`` is "" for a name."""

    words: tuple[str, ...]
    digits: str = ""
    domain: str = ""

    @property
    def letters(self) -> str:
        return "".join(self.words)

    @property
    def is_telling(self) -> bool:
        """Whether few others would have the same one: a name of two words, not only "anna"."""
        return len(self.words) > 1 or len(self.letters) > 9

    @property
    def is_public(self) -> bool:
        return self.domain.partition(".")[0] in _PUBLIC

    @property
    def has_initial(self) -> bool:
        return any(len(word) == 1 for word in self.words)

    @property
    def names(self) -> set[tuple[str, str]]:
        """Two words that may be a name, both ways round."""
        if len(self.words) < 2:
            return set()
        pairs = {*zip(self.words, self.words[1:], strict=False), (self.words[0], self.words[-1])}
        return pairs | {(last, first) for first, last in pairs}

    @property
    def wholes(self) -> set[str]:
        """annlee, leeann."""
        return {first + last for first, last in self.names}

    @property
    def shorts(self) -> set[str]:
        """alee, lann, anl, leea."""
        return {text for a, b in self.names for text in (a[0] + b, a + b[0])}


def is_alias(email: str, name: str, other: str) -> bool:
    """Whether ``other`` looks like one more address of who has ``email`` and ``name``.

    The same mailbox with dots or tags; the same name at another provider, with other digits,
    separators, order, look-alike letters, abbreviated, lengthened, or with a typing error.
    """
    if _mailbox(email) == _mailbox(other):
        return True
    known = [*_address(email), *_name(name)]
    return any(_alike(one, two) for one in known for two in _address(other))


def _split(email: str) -> tuple[str, str]:
    local, _at, domain = email.casefold().rpartition("@")
    return fold_lookalikes(local).partition("+")[0], domain


def _mailbox(email: str) -> tuple[str, str]:
    local, domain = _split(email)
    return re.sub(r"[._-]", "", local), domain


def _address(email: str) -> Iterator[_Reading]:
    """As it is written, and with digits and look-alikes read as the letters they stand for."""
    local, domain = _split(email)
    yield _Reading(_words(local), "".join(re.findall(r"\d", local)), domain)
    yield _Reading(_words(_look(local)), "", domain)


def _name(name: str) -> Iterator[_Reading]:
    """A full name, its accents left out or written as two letters."""
    folded = fold_lookalikes(name).casefold()
    spellings = {_plain(folded), _plain(folded.translate(_UMLAUTS))}
    for words in map(_words, [*spellings, *map(_look, spellings)]):
        if len(words) > 1:
            yield _Reading(words)


def _words(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"[^\W\d_]+", text))


def _look(text: str) -> str:
    return text.translate(_READ_AS).replace("rn", "m").replace("vv", "w")


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text)
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def _alike(one: _Reading, other: _Reading) -> bool:
    if not one.letters or not other.letters:
        return len(one.digits) > 4 and one.digits == other.digits
    if {one.letters, other.letters} & _ROLES:
        return False
    if one.letters == other.letters:
        return _same_letters(one, other)
    if one.wholes & other.wholes:
        return True
    return (
        _is_mistyped(one, other)
        or _is_turned(one.letters, other.letters)
        or _is_part_of(one, other)
        or _is_part_of(other, one)
    )


def _same_letters(one: _Reading, other: _Reading) -> bool:
    """The same name; a short one at two providers needs the same digits, too."""
    if one.is_telling or other.is_telling or one.domain == other.domain:
        return True
    if one.digits and one.digits == other.digits:
        return True
    return len(one.letters) > 5 and one.is_public and other.is_public


def _is_mistyped(one: _Reading, other: _Reading) -> bool:
    """One typing error away. An initial is no error: a.lee is not b.lee."""
    if one.has_initial or other.has_initial or max(len(one.letters), len(other.letters)) < 6:
        return False
    nearby = one.domain == other.domain or (one.is_public and other.is_public)
    if not (nearby or one.is_telling or other.is_telling):
        return False
    return any(_is_one_edit(other.letters, text) for text in one.wholes | {one.letters})


def _is_one_edit(one: str, other: str) -> bool:
    """Whether a letter was added, left out, mistaken, or two neighbours swapped."""
    if abs(len(one) - len(other)) > 1:
        return False
    while one and other and one[0] == other[0]:
        one, other = one[1:], other[1:]
    while one and other and one[-1] == other[-1]:
        one, other = one[:-1], other[:-1]
    swapped = len(one) == 2 and one == other[::-1]
    return swapped or max(len(one), len(other)) <= 1


def _is_turned(one: str, other: str) -> bool:
    """leeann for annlee, where nothing says what the words are."""
    return len(one) == len(other) > 5 and other in one + one


def _is_part_of(short: _Reading, full: _Reading) -> bool:
    """annlee of ann.lee.shop or annleeshop; a.lee, annl or alee of ann.lee or annlee."""
    if len(short.letters) < 3 or len(short.letters) < 5 - len(short.words):
        return False
    if short.letters in full.wholes:
        return True
    # In a firm or a family a.lee is not ann.lee.
    if short.domain == full.domain and not full.is_public:
        return False
    if short.letters in full.shorts:
        return True
    if len(short.words) > 1 and not short.has_initial:
        return len(short.letters) > 4 and short.letters in full.letters
    return (
        len(short.letters) > 4
        and short.letters[0] == full.letters[0]
        and (full.letters.endswith(short.letters[1:]))
    )
