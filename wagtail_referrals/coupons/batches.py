"""Making the codes of a batch, in slices that several workers can take at once."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import F, Q
from django.utils import timezone

from ..exceptions import ReferralsError
from ..programs.offers import TERMS_FIELDS
from ..text import clean_reason
from ..transactions import retried
from .codes import display_code
from .models import (
    BatchState,
    Coupon,
    CouponBatch,
    CouponEntry,
    CouponEntryKind,
    CouponState,
    Redemption,
    coupon_entry,
)
from .patterns import new_codes

SLICE = 5000
Codes = Iterable[tuple[str, str]]  # the key, and the code as printed

# What every coupon of a batch has of it, by column: the database copies it.
_COPIED = (*TERMS_FIELDS, "program", "valid_from", "expires_at", "max_uses")
# A JSON list of pairs as rows of a key and a text.
_ROWS = {
    "sqlite": ("json_extract(c.value, '$[0]'), json_extract(c.value, '$[1]')", "json_each(%s) c"),
    "postgresql": ("c.value ->> 0, c.value ->> 1", "json_array_elements(%s::json) c(value)"),
    "mysql": (
        "c.code_key, c.shown",
        "JSON_TABLE(%s, '$[*]' COLUMNS("
        "code_key VARCHAR(32) PATH '$[0]', shown VARCHAR(64) PATH '$[1]')) c",
    ),
}


@retried
def make_codes(batch: CouponBatch, most: int = SLICE, *, at: datetime | None = None) -> int:
    """Make up to ``most`` of the codes that are still wanted; how many. 0: nothing is left to do.

    Codes and count are one transaction: workers that come at once never make too many, and one
    that is stopped leaves nothing half-done.
    """
    count = _reserve(batch.pk, most)
    if not count:
        return 0
    insert_codes(batch.pk, list(new_codes(batch.pattern, count)), at or timezone.now())
    return count


def _reserve(pk: int, most: int) -> int:
    """Count codes as made before they are: whoever comes next waits for this transaction."""
    making = CouponBatch.objects.filter(pk=pk, state=BatchState.MAKING)
    if making.filter(wanted__gt=F("made") + most).update(made=F("made") + most):
        return most
    left = making.values_list("wanted", "made").first()
    if left is None:
        return 0
    wanted, made = left
    rest = making.filter(made=made, wanted__lte=made + most)
    return wanted - made if rest.update(made=wanted, state=BatchState.READY) else 0


def finish_batches(most: int = 20 * SLICE, *, at: datetime | None = None) -> int:
    """Go on with batches nobody has finished, the oldest first; how many codes were made."""
    made = 0
    for batch in CouponBatch.objects.filter(state=BatchState.MAKING).order_by("pk"):
        while made < most and (count := make_codes(batch, min(SLICE, most - made), at=at)):
            made += count
    return made


def insert_codes(batch_id: int, codes: Sequence[tuple[str, str]], at: datetime) -> None:
    """Coupons with these codes and the batch's terms, in one statement.

    Raises IntegrityError for a code that is there already.
    """
    quote = connection.ops.quote_name
    table, batches = quote(Coupon._meta.db_table), quote(CouponBatch._meta.db_table)
    copied = [quote(_column(CouponBatch, name)) for name in _COPIED]
    into = [quote(_column(Coupon, name)) for name in _COPIED]
    others = ("batch", "state", "uses", "created_at", "code_key", "shown")
    into += [quote(_column(Coupon, name)) for name in others]
    pair, rows = _ROWS[connection.vendor]
    created: Any = Coupon._meta.get_field("created_at")
    sql = (
        f"INSERT INTO {table} ({', '.join(into)}) "  # noqa: S608 - names of our own columns
        f"SELECT {', '.join(f'b.{column}' for column in copied)}, b.id, %s, 0, %s, {pair} "
        f"FROM {batches} b CROSS JOIN {rows} WHERE b.id = %s"
    )
    # A code that reads as its key needs no text of its own.
    pairs = [(key, "" if shown == display_code(key) else shown) for key, shown in codes]
    moment = created.get_db_prep_save(at, connection)
    with connection.cursor() as cursor:
        cursor.execute(sql, [CouponState.ACTIVE.value, moment, json.dumps(pairs), batch_id])


def _column(model: Any, name: str) -> str:
    return str(model._meta.get_field(name).column)


@retried
def void_batch(
    batch: CouponBatch, *, reason: str, user: Any = None, at: datetime | None = None
) -> int:
    """End every code of it, and the making of more; how many ended. Uses that were made stay.

    Raises ReferralsError: invalid_reason, not_possible (void already).
    """
    why = {"reason": clean_reason(reason), "user": user}
    there = CouponBatch.objects.filter(pk=batch.pk).exclude(state=BatchState.VOID)
    if not there.update(state=BatchState.VOID):
        raise ReferralsError("not_possible")
    coupons = Coupon.objects.filter(batch=batch.pk, state=CouponState.ACTIVE)
    ended = coupons.update(state=CouponState.VOID)
    coupon_entry(CouponEntryKind.VOIDED, batch=batch, created_at=at or timezone.now(), **why)
    return ended


def delete_batch(batch: CouponBatch) -> None:
    """Remove a batch of which no code was ever used or changed.

    Raises ReferralsError("not_possible").
    """
    try:
        with transaction.atomic():
            _delete(batch)
    except IntegrityError:  # used just now
        raise ReferralsError("not_possible") from None


def _delete(batch: CouponBatch) -> None:
    # No more codes from now on.
    CouponBatch.objects.filter(pk=batch.pk).update(state=BatchState.VOID)
    used = Redemption.objects.filter(coupon__batch=batch.pk)
    noted = CouponEntry.objects.filter(Q(batch=batch.pk) | Q(coupon__batch=batch.pk))
    if used.exists() or noted.exists():
        raise ReferralsError("not_possible")
    coupons = Coupon.objects.filter(batch=batch.pk)
    coupons._raw_delete(coupons.db)
    CouponBatch.objects.filter(pk=batch.pk).delete()
