"""Codes: random, sayable, and found again however they are typed."""

import hashlib
import secrets

from ..text import fold_lookalikes

# Crockford's 32 characters: no I, L, O, U; what is read as one of them is taken for 1, 1, 0, V.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
BITS = 5  # of one character
_READ_AS = str.maketrans({"I": "1", "L": "1", "O": "0", "U": "V", " ": None, "-": None})
_CHARS = frozenset(ALPHABET)

COUPON_LENGTH = 12  # 11 random characters (55 bits) and the check character
LINK_LENGTH = 8  # 7 random characters (35 bits): a link alone is worth no money
LONGEST_INPUT = 64
LONGEST_KEY = 32

# Byte tables: 256 is eight times 32, so each character stands for as many bytes as any other.
_BYTE_AS_CHAR = bytes(ord(ALPHABET[byte % 32]) for byte in range(256))
_VALUE = bytes(max(ALPHABET.find(chr(char)), 0) for char in range(256))
_DOUBLED = bytes(2 * value // 32 + 2 * value % 32 for value in _VALUE)


def new_code(length: int = COUPON_LENGTH) -> str:
    """A new code without dashes, its last character the check."""
    (body,) = random_bodies(1, length - 1)
    return body + check_character(body)


def random_bodies(count: int, length: int) -> list[str]:
    """So many texts of random characters; the random bytes for all are drawn at once."""
    chars = secrets.token_bytes(count * length).translate(_BYTE_AS_CHAR).decode("ascii")
    return [chars[start : start + length] for start in range(0, count * length, length)]


def check_character(body: str) -> str:
    """Luhn's check modulo 32: finds every wrong character and nearly every swap."""
    backwards = body.encode("ascii")[::-1]
    total = sum(backwards[::2].translate(_DOUBLED)) + sum(backwards[1::2].translate(_VALUE))
    return ALPHABET[-total % 32]


def plain_text(text: object) -> str:
    """What was typed without blanks, dashes and capitals; look-alikes as the character meant."""
    typed = str(text or "").strip()
    if len(typed) > LONGEST_INPUT:
        return ""
    return "".join(fold_lookalikes(typed).upper().split()).translate(_READ_AS)


def code_key(text: object, length: int | None = None) -> str:
    """What was typed, in the form codes are stored in; "" when it cannot be a code.

    With a ``length`` it is a code of ours, of that length and with its check character. Without,
    it is any coupon's: of ours, or one that a site brought along. The key is ASCII of at most
    32 characters, a digest where the code itself is not.
    """
    plain = plain_text(text)
    is_ours = 0 < len(plain) <= LONGEST_KEY and _CHARS.issuperset(plain)
    if length is not None:
        fits = is_ours and len(plain) == length and check_character(plain[:-1]) == plain[-1]
        return plain if fits else ""
    return plain if is_ours or not plain else _digest(plain)


def _digest(plain: str) -> str:
    return hashlib.sha256(plain.encode(errors="replace")).hexdigest()[:LONGEST_KEY].upper()


def display_code(key: str) -> str:
    """In groups of four, as people read and say it: 7K2M-Q4XW-9T3C."""
    return "-".join(key[start : start + 4] for start in range(0, len(key), 4))
