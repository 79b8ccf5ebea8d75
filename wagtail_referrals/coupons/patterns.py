"""What the codes of a batch look like: SPRING-####-####-####."""

from __future__ import annotations

import math
from collections.abc import Iterator

from django.core.exceptions import ValidationError
from django.utils.translation import gettext

from .codes import ALPHABET, BITS, LONGEST_KEY, check_character, plain_text, random_bodies

BLANK = "#"
DEFAULT_PATTERN = "####-####-####"
LEAST_BITS = 50  # where the code alone is worth money
ROOM_BITS = 20  # where it is not: a million times more codes than are made


def pattern_of(prefix: str, length: int) -> str:
    """A prefix and so many characters in groups of four."""
    groups = [BLANK * min(4, length - start) for start in range(0, length, 4)]
    return "-".join(filter(None, [prefix.strip("- "), *groups]))


def random_bits(pattern: str) -> int:
    """How many bits of a code are random: the last blank is the check character."""
    return max(pattern.count(BLANK) - 1, 0) * BITS


def clean_pattern(pattern: str, *, wanted: int, worth_money: bool) -> str:
    """The pattern in capitals. Raises ValidationError with how to mend it."""
    pattern = pattern.strip().upper()
    letters = plain_text(pattern.replace(BLANK, ""))
    if not set(letters) <= set(ALPHABET):
        raise ValidationError(gettext("Use letters a-z, digits, dashes and #."))
    if not pattern.endswith(BLANK):
        raise ValidationError(gettext("The last character has to be a #: it is the check."))
    if len(letters) + pattern.count(BLANK) > LONGEST_KEY:
        words = gettext("A code has at most %(most)d letters and digits.")
        raise ValidationError(words % {"most": LONGEST_KEY})
    least = LEAST_BITS if worth_money else math.ceil(math.log2(max(wanted, 1))) + ROOM_BITS
    if random_bits(pattern) < least:
        words = gettext("Too easy to guess: at least %(blanks)d # are needed.")
        raise ValidationError(words % {"blanks": math.ceil(least / BITS) + 1})
    return pattern


def new_codes(pattern: str, count: int) -> Iterator[tuple[str, str]]:
    """So many (key, code as printed); two may be equal only by an unbelievable chance."""
    parts = pattern.split(BLANK)
    # The constant characters before, between and after the blanks, as keys hold them.
    fixed = [plain_text(part) for part in parts]
    key_form = "%s".join(fixed)
    shown_form = "%s".join(parts)
    for body in random_bodies(count, len(parts) - 2):
        unchecked = key_form % (*body, "")
        check = check_character(unchecked)
        yield unchecked + check, shown_form % (*body, check)
