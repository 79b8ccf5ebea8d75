"""Code pools: uploading codes, whole or not at all, and giving each to one reward."""

from __future__ import annotations

import codecs
import hashlib
import random
from collections.abc import Iterator
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext

from ..coupons.upload import BadCodes, LineError
from ..messages.queue import queue_message
from ..people.register import find_or_add_person
from ..programs.models import Program
from .pool_models import CodePool, PoolCode

MOST_LINES = 100_000
LONGEST_CODE = 120
SLICE = 1000
# How many free codes a taker looks at: two who come together seldom choose the same one.
WINDOW = 50


def take_code(pool_id: int, award_key: str, at: datetime) -> str | None:
    """Give one free code to the reward of that key; None when none is left.

    Runs in the transaction that issues the reward.
    """
    tried: list[int] = []
    free = PoolCode.objects.filter(pool=pool_id, award_key=None).order_by()
    while found := list(free.exclude(pk__in=tried).values_list("pk", "code")[:WINDOW]):
        random.shuffle(found)
        for pk, code in found:
            if _claim(pk, award_key, at):
                return code
        # Under MariaDB a transaction goes on seeing as free what others have taken meanwhile.
        tried += [pk for pk, _code in found]
    return None


def _claim(pk: int, award_key: str, at: datetime) -> bool:
    """Whether the code was still free: this one statement decides between two takers."""
    free = PoolCode.objects.filter(pk=pk, award_key=None)
    return bool(free.update(award_key=award_key, given_at=at))


def note_low(pool: CodePool, program: Program, at: datetime) -> None:
    """Tell the program's owner when few codes are left, once until more are added."""
    if pool.low_since or left_of(pool, pool.low_at + 1) > pool.low_at:
        return
    first = CodePool.objects.filter(pk=pool.pk, low_since=None).update(low_since=at)
    if not first or not program.notify_email:
        return
    queue_message(
        "pool_low",
        about=f"{pool.pk}:{at.isoformat()}",
        person=find_or_add_person(program.notify_email, at=at),
        program=program,
        context={"pool_name": pool.name, "low_at": pool.low_at},
        at=at,
    )


def left_of(pool: CodePool, most: int) -> int:
    """How many codes are free, counted no further than ``most``."""
    return pool.free.order_by()[:most].count()


def add_codes(pool: CodePool, data: bytes, *, at: datetime | None = None) -> int:
    """Add the codes of a text, one on each line: all of them or none; how many.

    ``data`` has at most 100,000 lines. Raises BadCodes, naming every line to be mended.
    """
    lines = read_codes(data)
    at = at or timezone.now()
    for attempt in range(2):
        _refuse_known(pool, lines)
        try:
            _store(pool, lines)
            return len(lines)
        except IntegrityError:  # somebody added one of them just now
            if attempt:
                raise
    raise AssertionError("unreachable")


def _store(pool: CodePool, lines: dict[str, tuple[int, str]]) -> None:
    with transaction.atomic():
        PoolCode.objects.bulk_create(
            [PoolCode(pool=pool, code=code, code_key=key) for key, (_, code) in lines.items()],
            batch_size=SLICE,
        )
        if left_of(pool, pool.low_at + 1) > pool.low_at:
            CodePool.objects.filter(pk=pool.pk).update(low_since=None)


def read_codes(data: bytes) -> dict[str, tuple[int, str]]:
    """(line, code) by the code's digest. Raises BadCodes with all that is wrong."""
    errors: list[LineError] = []
    codes: dict[str, tuple[int, str]] = {}
    lines = list(_lines(data))
    if not any(lines):
        raise BadCodes([LineError(0, gettext("There is no code in it."))])
    if len(lines) > MOST_LINES:
        words = gettext("At most %(most)s lines at once.")
        raise BadCodes([LineError(0, words % {"most": f"{MOST_LINES:,}"})])
    for number, code in enumerate(lines, start=1):
        key = hashlib.sha256((code or "").encode()).hexdigest()
        if message := _wrong_with(code, codes.get(key)):
            errors.append(LineError(number, message))
        else:
            codes[key] = (number, str(code))
    if errors:
        raise BadCodes(errors)
    return codes


def _lines(data: bytes) -> Iterator[str | None]:
    """Each line without the blanks around it; None for one that is no text."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        data = data.decode("utf-16", errors="replace").encode()
    for line in data.removeprefix(codecs.BOM_UTF8).rstrip().splitlines():
        try:
            yield line.decode().strip()
        except UnicodeDecodeError:
            yield None


def _wrong_with(code: str | None, known: tuple[int, str] | None) -> str:
    """What has to be mended on a line; "" when nothing has."""
    if code is None or "\ufffd" in code or not code.isprintable():
        return gettext("This cannot be read: save the file as UTF-8.")
    if not code:
        return gettext("The line is empty.")
    if len(code) > LONGEST_CODE:
        return gettext("Longer than %(most)d characters.") % {"most": LONGEST_CODE}
    if " " in code:
        return gettext("There is a blank in the code.")
    if known:
        return gettext("The same code as on line %(line)d.") % {"line": known[0]}
    return ""


def _refuse_known(pool: CodePool, lines: dict[str, tuple[int, str]]) -> None:
    """Raise BadCodes for codes that the pool has already, given ones included."""
    keys = list(lines)
    errors = []
    for start in range(0, len(keys), SLICE):
        there = pool.codes.filter(code_key__in=keys[start : start + SLICE]).order_by()
        for key in there.values_list("code_key", flat=True):
            errors.append(LineError(lines[key][0], gettext("The pool has this code already.")))
    if errors:
        raise BadCodes(sorted(errors, key=lambda error: error.line))
