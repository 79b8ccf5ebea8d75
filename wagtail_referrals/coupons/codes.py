"""Codes: random, sayable, and checked for typing errors before the database is asked."""

import secrets

from ..text import fold_lookalikes

# Crockford's 32 characters: no I, L, O, U; what is read as one of them is taken for 1, 1, 0, V.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_READ_AS = str.maketrans({"I": "1", "L": "1", "O": "0", "U": "V", " ": None, "-": None})
_VALUES = {char: value for value, char in enumerate(ALPHABET)}

COUPON_LENGTH = 12  # 11 random characters (55 bits) and the check character
LINK_LENGTH = 8  # 7 random characters (35 bits): a link alone is worth no money
LONGEST_INPUT = 64


def new_code(length: int = COUPON_LENGTH) -> str:
    """A new code without dashes, its last character the check."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(length - 1))
    return body + _check_character(body)


def _check_character(body: str) -> str:
    """Luhn's check modulo 32: finds every wrong character and nearly every swap."""
    total = 0
    for position, char in enumerate(reversed(body)):
        value = _VALUES[char] * (2 if position % 2 == 0 else 1)
        total += value // 32 + value % 32
    return ALPHABET[-total % 32]


def code_key(text: object, length: int = COUPON_LENGTH) -> str:
    """What was typed, in the form codes are stored in; "" when it cannot be a code.

    Takes lower case, blanks, dashes and look-alikes of other scripts.
    """
    typed = str(text or "").strip()
    if len(typed) > LONGEST_INPUT:
        return ""
    key = "".join(fold_lookalikes(typed).upper().split()).translate(_READ_AS)
    if len(key) != length or any(char not in _VALUES for char in key):
        return ""
    return key if _check_character(key[:-1]) == key[-1] else ""


def display_code(key: str) -> str:
    """In groups of four, as people read and say it: 7K2M-Q4XW-9T3C."""
    return "-".join(key[start : start + 4] for start in range(0, len(key), 4))
