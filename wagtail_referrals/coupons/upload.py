"""Codes that a site brings along: a code on each line, or in the first column of a CSV."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext

from ..exceptions import ReferralsError
from .batches import SLICE, insert_codes
from .codes import LONGEST_INPUT, code_key
from .models import BatchSource, BatchState, Coupon, CouponBatch

Line = tuple[int, str, str]  # its number, the key, the code as printed
MOST_LINES = 100_000
HEADINGS = ("code", "codes", "coupon", "coupons")


@dataclass(frozen=True)
class LineError:
    """What is wrong with a line; 0 is the whole file."""

    line: int
    message: str


class BadCodes(ReferralsError):
    """Nothing was stored; ``errors`` names every line that has to be mended."""

    def __init__(self, errors: list[LineError]) -> None:
        self.errors = errors
        super().__init__("invalid_codes", "; ".join(f"{e.line}: {e.message}" for e in errors[:10]))


def upload_codes(batch: CouponBatch, data: bytes, *, at: datetime | None = None) -> CouponBatch:
    """Store a new batch with the codes of a file: all of them or nothing.

    ``batch`` is not saved yet; ``data`` is a text of at most 100,000 lines. Raises BadCodes.
    """
    return store_codes(batch, read_codes(data), at=at)


def store_codes(
    batch: CouponBatch, codes: Sequence[Line], *, at: datetime | None = None
) -> CouponBatch:
    """The same with codes that were read before. Raises BadCodes for one taken meanwhile."""
    at = at or timezone.now()
    batch.source, batch.state, batch.pattern = BatchSource.UPLOADED, BatchState.READY, ""
    batch.wanted = batch.made = len(codes)
    try:
        with transaction.atomic():
            batch.save()
            pairs = [(key, shown) for _line, key, shown in codes]
            for start in range(0, len(pairs), SLICE):
                insert_codes(batch.pk, pairs[start : start + SLICE], at)
    except IntegrityError:  # somebody uploaded one of them just now
        batch.pk = None
        _refuse_known(codes)
        raise BadCodes([LineError(0, gettext("Try again."))]) from None
    return batch


def read_codes(data: bytes) -> list[Line]:
    """The code of each line. Raises BadCodes with all that is wrong."""
    lines = list(islice(_lines(data), MOST_LINES + 2))
    while lines and not lines[-1]:
        lines.pop()
    first = 1 if lines and lines[0] and lines[0].lower() in HEADINGS else 0
    if not lines[first:]:
        raise BadCodes([LineError(0, gettext("There is no code in it."))])
    if len(lines) - first > MOST_LINES:
        words = gettext("At most %(most)s codes at once.")
        raise BadCodes([LineError(0, words % {"most": f"{MOST_LINES:,}"})])
    codes: list[Line] = []
    errors: list[LineError] = []
    seen: dict[str, int] = {}
    for number, code in enumerate(lines[first:], start=first + 1):
        key = code_key(code) if code else ""
        message = _wrong_with(code, key, seen)
        if message:
            errors.append(LineError(number, message))
            continue
        seen[key] = number
        codes.append((number, key, str(code)))
    errors += _known(codes)
    if errors:
        raise BadCodes(sorted(errors, key=lambda error: error.line))
    return codes


def _lines(data: bytes) -> Iterator[str | None]:
    """The first cell of each line; None for one that is no text."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        data = data.decode("utf-16", errors="replace").encode()
    for line in data.removeprefix(codecs.BOM_UTF8).splitlines():
        try:
            text = line.decode()
        except UnicodeDecodeError:
            yield None
            continue
        for separator in ("\t", ";", ","):
            text = text.partition(separator)[0]
        yield text.strip().strip('"').strip()


def _wrong_with(code: str | None, key: str, seen: dict[str, int]) -> str:
    """What has to be mended on a line; "" when nothing has."""
    if code is None or not code.isprintable() or "\ufffd" in code:
        return gettext("This cannot be read: save the file as UTF-8.")
    if not code:
        return gettext("The line is empty.")
    if len(code) > LONGEST_INPUT:
        return gettext("Longer than %(most)d characters.") % {"most": LONGEST_INPUT}
    if " " in code:
        return gettext("There is a blank in the code.")
    if not key:
        return gettext("This is no code.")
    if key in seen:
        return gettext("The same code as on line %(line)d.") % {"line": seen[key]}
    return ""


def _known(codes: Sequence[Line]) -> Iterable[LineError]:
    """Lines whose code is a coupon's already."""
    for start in range(0, len(codes), SLICE):
        lines = {key: line for line, key, _shown in codes[start : start + SLICE]}
        there = Coupon.objects.filter(code_key__in=list(lines)).order_by()
        for key in there.values_list("code_key", flat=True):
            yield LineError(lines[key], gettext("There is a coupon with this code already."))


def _refuse_known(codes: Sequence[Line]) -> None:
    if errors := list(_known(codes)):
        raise BadCodes(errors)
