"""Purchases from before: many rows, once each, however often the file is read.

Orders from before the program's start only tell who is a customer, and are written in bulk.
Later ones go through the one door for facts. The orders of one person should stand in the order
of time, for the first that is read after the start is taken for the first one.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..coupons.redeem import clean_order_id
from ..exceptions import MESSAGES, InvalidInput, ReferralsError
from ..people.models import Person
from ..programs.models import Program
from ..programs.money import clean_amount, clean_currency
from .bulk_insert import learn_size
from .csv_records import Record, read_records
from .models import Event
from .purchase_chunks import store_chunk
from .purchase_lines import (
    Purchase,
    clean_identity,
    clean_items,
    clean_ordered_at,
    fingerprint_of,
)
from .record import record_event
from .report import PURCHASE

COLUMNS = ("person_email", "order_id", "ordered_at", "amount", "currency", "items")
# Rows of one transaction: as many ids as every database takes in one question.
CHUNK = 900
REASONS: dict[str, str | Promise] = {
    "columns": gettext_lazy("This line has not as many values as there are columns."),
    "unreadable": gettext_lazy("This line is not well-formed CSV."),
    "undecodable": gettext_lazy("This line is not UTF-8 text."),
    "too_long": gettext_lazy("This line is too long."),
    "unknown_person": gettext_lazy("Nobody with this address is known here."),
    "invalid_time": gettext_lazy("Enter a date like 2026-05-31, or a time, not in the future."),
}


class UnusableFile(Exception):
    """No line of it can be read; ``str()`` says why."""


@dataclass(frozen=True)
class Reject:
    """A line that was not imported. ``code`` is stable, ``reason`` is for people."""

    line: int
    code: str
    values: list[str]

    @property
    def reason(self) -> str:
        return str(REASONS.get(self.code) or MESSAGES[self.code])


@dataclass
class ImportResult:
    """What came of a file so far; ``sums`` are those of the purchases that were added."""

    columns: list[str] = field(default_factory=list)
    people_added: int = 0
    purchases_added: int = 0
    already_there: int = 0
    rejected: int = 0
    sums: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))


def import_purchases(
    program: Program,
    lines: Iterable[str],
    *,
    create_people: bool = False,
    dry_run: bool = False,
    on_reject: Callable[[Reject], object] | None = None,
    on_progress: Callable[[ImportResult], object] | None = None,
    result: ImportResult | None = None,
) -> ImportResult:
    """Import the purchases of a CSV file, given line by line (not UTF-8: as surrogates).

    Every chunk is a transaction: stopped at any moment, what was read is there, and the next run
    goes on after it. ``result`` is filled as it goes, for a caller that may be interrupted.
    Nothing is announced by signals for orders from before the program's start.
    Raises UnusableFile when columns are missing.
    """
    result = result or ImportResult()
    records = read_records(lines)
    result.columns = _columns(next(records, None))
    places = [result.columns.index(name) for name in COLUMNS]
    run = _Import(program, places, create_people, dry_run, on_reject, result)
    chunk: list[Record] = []
    try:
        for record in records:
            chunk.append(record)
            if len(chunk) == CHUNK:
                run.take(chunk)
                chunk = []
                if on_progress:
                    on_progress(result)
    finally:
        # Also what came before the place where a file is broken.
        run.take(chunk)
    if on_progress:
        on_progress(result)
    return result


def _columns(header: Record | None) -> list[str]:
    """The names in the first line. Raises UnusableFile when one of ours is not there."""
    if header is None:
        raise UnusableFile(_("The file is empty."))
    if header.fault:
        raise UnusableFile(_("The first line does not name columns: is this a CSV file?"))
    names = [name.removeprefix("\ufeff").strip().lower() for name in header.values]
    missing = [name for name in COLUMNS if name not in names]
    if missing:
        raise UnusableFile(_("Columns are missing: %(names)s.") % {"names": ", ".join(missing)})
    return names


class _Import:
    """One run over one file."""

    def __init__(
        self,
        program: Program,
        places: list[int],
        create_people: bool,
        dry_run: bool,
        on_reject: Callable[[Reject], object] | None,
        result: ImportResult,
    ) -> None:
        self.program = program
        self.places = places
        self.create_people = create_people
        self.dry_run = dry_run
        self.on_reject = on_reject
        self.result = result
        self.rejects: list[Reject] = []
        self.chunks = 0
        # What a real run would have stored by now; 16 digits of a digest tell enough.
        self.dry_orders: dict[str, str] = {}
        self.dry_people: set[str] = set()
        # Neighbouring lines often share person, day and currency. The cache ends with the run.
        self.identity = lru_cache(4096)(clean_identity)
        self.time = lru_cache(4096)(clean_ordered_at)
        self.currency = lru_cache(64)(clean_currency)

    def take(self, chunk: list[Record]) -> None:
        """Import one chunk and tell what was wrong in it, in the file's order."""
        fresh, newcomers = self._fresh(list(self._clean(chunk)))
        old = [purchase for purchase in fresh if purchase.at < self.program.starts_at]
        if self.dry_run:
            self.dry_people |= newcomers
            self.dry_orders |= {p.source_key[:16]: p.fingerprint[:16] for p in fresh}
            self.result.people_added += len(newcomers)
            self._count(fresh)
        else:
            self._store(old, newcomers)
            self._record([p for p in fresh if p.at >= self.program.starts_at], newcomers)
        for reject in sorted(self.rejects, key=lambda reject: reject.line):
            self.result.rejected += 1
            if self.on_reject:
                self.on_reject(reject)
        self.rejects = []

    def _clean(self, chunk: list[Record]) -> Iterator[Purchase]:
        for record in chunk:
            if record.fault:
                self._refuse(record, record.fault)
                continue
            try:
                yield self._purchase(record)
            except InvalidInput as error:
                self._refuse(record, error.code)

    def _purchase(self, record: Record) -> Purchase:
        email, order_id, ordered_at, amount, currency, items = (
            record.values[place] for place in self.places
        )
        email, key = self.identity(email)
        order_id = clean_order_id(order_id)
        cleaned_amount = clean_amount(amount.strip())
        currency = self.currency(currency)
        return Purchase(
            record=record,
            email=email,
            email_key=key,
            order_id=order_id,
            at=self.time(ordered_at),
            amount=cleaned_amount,
            currency=currency,
            items=clean_items(items),
            source_key=hashlib.sha256(order_id.encode()).hexdigest(),
            fingerprint=fingerprint_of(key, cleaned_amount, currency),
        )

    def _fresh(self, purchases: list[Purchase]) -> tuple[list[Purchase], set[str]]:
        """What is not there yet, and the keys of the people who are not."""
        stored = self._stored([purchase.source_key for purchase in purchases])
        known = self._known([purchase.email_key for purchase in purchases])
        fresh, newcomers = [], set()
        for purchase in purchases:
            fingerprint = stored.get(purchase.source_key[:16])
            if fingerprint is not None:
                self._tell_again(purchase, fingerprint)
                continue
            if purchase.email_key not in known:
                if not self.create_people:
                    self._refuse(purchase.record, "unknown_person")
                    continue
                newcomers.add(purchase.email_key)
            stored[purchase.source_key[:16]] = purchase.fingerprint[:16]
            fresh.append(purchase)
        return fresh, newcomers

    def _stored(self, keys: list[str]) -> dict[str, str]:
        events = Event.objects.order_by().filter(
            program=self.program, kind=PURCHASE, source_key__in=keys
        )
        stored = {
            key[:16]: fingerprint[:16]
            for key, fingerprint in events.values_list("source_key", "fingerprint")
        }
        told = {key[:16] for key in keys} & self.dry_orders.keys() if self.dry_orders else ()
        return stored | {key: self.dry_orders[key] for key in told}

    def _known(self, keys: list[str]) -> set[str | None]:
        people = Person.objects.order_by().filter(email_key__in=set(keys))
        return set(people.values_list("email_key", flat=True)) | (self.dry_people & set(keys))

    def _store(self, purchases: list[Purchase], newcomers: set[str]) -> None:
        if not purchases:
            return
        people, others = store_chunk(self.program, purchases, newcomers)
        self.chunks += 1
        if self.chunks in (1, 10):
            learn_size(Event)
            learn_size(Person)
        self.result.people_added += people
        newcomers -= {purchase.email_key for purchase in purchases}
        for purchase in purchases:
            if purchase.source_key in others:
                self._tell_again(purchase, others[purchase.source_key])
        self._count([p for p in purchases if p.source_key not in others])

    def _record(self, purchases: list[Purchase], newcomers: set[str]) -> None:
        """Orders since the program's start: attributed, and asked about by the rules."""
        for purchase in purchases:
            try:
                recorded = record_event(
                    self.program,
                    PURCHASE,
                    external_id=purchase.order_id,
                    email=purchase.email,
                    amount=purchase.amount,
                    currency=purchase.currency,
                    occurred_at=purchase.at,
                    metadata=purchase.items,
                )
            except ReferralsError as error:
                self._refuse(purchase.record, error.code)
                continue
            if not recorded.created:
                self.result.already_there += 1
                continue
            self.result.people_added += purchase.email_key in newcomers
            newcomers.discard(purchase.email_key)
            self._count([purchase])

    def _count(self, added: list[Purchase]) -> None:
        self.result.purchases_added += len(added)
        for purchase in added:
            self.result.sums[purchase.currency] += purchase.amount

    def _tell_again(self, purchase: Purchase, fingerprint: str) -> None:
        if purchase.fingerprint.startswith(fingerprint):
            self.result.already_there += 1
        else:
            self._refuse(purchase.record, "conflict")

    def _refuse(self, record: Record, code: str) -> None:
        self.rejects.append(Reject(record.line, code, record.values))
