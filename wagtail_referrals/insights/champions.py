"""Working out what every customer of a program is worth, and which group they are in.

Purchases are read once, in the order of people, and never held; friends by some hundred advocates
at a time. One run at a time works on a program: another one takes over where a run has not said
for some minutes that it lives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import DecimalField, F, Q, QuerySet, Value
from django.db.models.functions import NullIf
from django.utils import timezone

from ..events.bulk_insert import insert_or_update
from ..events.models import Event
from ..events.report import PURCHASE
from ..programs.models import Program
from ..transactions import retried
from .brought import read_anyway, values_of_advocates
from .champion_models import CustomerValue, ValueSettings
from .groups import sort_into_groups
from .lifetime import (
    Bought,
    Discount,
    Inputs,
    add_purchase,
    first_purchase,
    lifetime_of,
    margin_of,
    to_cents,
)

# Rows read in one go, and rows written in one go.
CHUNK, WRITTEN = 2000, 5000
# A run that has said nothing for so long is dead.
LEASE = timedelta(minutes=10)
_KEY = ("program_id", "person_id", "currency")
_LIFETIME = (
    "person_id",
    "currency",
    "purchases",
    "first_at",
    "last_at",
    "margin",
    "ahead",
    "lifetime",
)
_REFERRAL = ("person_id", "currency", "friends", "referral_low", "referral_value", "referral_high")
Row = tuple[Any, ...]


class _Superseded(Exception):
    """Another run has taken this one for dead."""


def update_champions(*, at: datetime | None = None) -> int:
    """Work out every program that was not yet today, by the site's clock; how many were."""
    at = at or timezone.now()
    today = timezone.localtime(at, timezone.get_default_timezone()).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    waiting = ValueSettings.objects.filter(Q(computed_at=None) | Q(computed_at__lt=today))
    due = waiting.select_related("program").order_by("pk")
    return sum(_recompute(settings, at, lambda customers: None) for settings in due)


def recompute(
    program: Program,
    *,
    at: datetime | None = None,
    on_progress: Callable[[int], None] = lambda customers: None,
) -> bool:
    """Work out all values as of ``at``. False without settings, or while another run is at it.

    ``on_progress`` is told how many customers are done.
    """
    settings = ValueSettings.objects.select_related("program").filter(program=program).first()
    return settings is not None and _recompute(settings, at or timezone.now(), on_progress)


def _recompute(settings: ValueSettings, at: datetime, on_progress: Callable[[int], None]) -> bool:
    if not _begin(settings, at):
        return False
    run = _Run(settings.program, settings, at, on_progress)
    try:
        run.work()
    except _Superseded:
        return False
    except BaseException:
        # So that the next run need not wait for the lease to end.
        ValueSettings.objects.filter(pk=settings.pk, run_at=at).update(run_at=None)
        raise
    return True


def _begin(settings: ValueSettings, at: datetime) -> bool:
    """Take the program for this run, unless another one lives or has been at it since."""
    now = timezone.now()
    free = Q(run_at=None) | Q(run_seen__lt=now - LEASE)
    row = ValueSettings.objects.filter(free, pk=settings.pk, computed_at=settings.computed_at)
    return bool(row.update(run_at=at, run_seen=now))


def inputs_of(settings: ValueSettings) -> Inputs:
    """The owner's numbers as the formulas take them."""
    return Inputs(
        margin=settings.margin_percent / 100,
        marketing=settings.marketing_cost,
        discount=Discount(settings.discount_percent),
    )


class _SentBack(NullIf):
    """What was sent back: most sent nothing, and NULL is read faster than a number."""

    def get_db_converters(self, connection: Any) -> list[Any]:
        """None but the database's own: Django's would look at every row for nothing."""
        return []


def kept_purchases(program: Program) -> QuerySet[Event]:
    """The purchases that count: of somebody, and not sent back whole."""
    purchases = Event.objects.filter(
        program=program, kind=PURCHASE, person__isnull=False, amount__isnull=False
    )
    return purchases.exclude(amount__gt=0, refunded=F("amount")).order_by()


def read_purchases(purchases: QuerySet[Event]) -> QuerySet:
    """As rows of person, currency, time, amount, refunded (or None) and the shop's own margin."""
    return purchases.values_list(
        "person_id",
        "currency",
        "occurred_at",
        "amount",
        _SentBack("refunded", Value(Decimal(0), output_field=DecimalField())),
        # Details of an order may be gone: the dashboard has its margin from here, too.
        "own_margin",
    )


class _Run:
    """One run over one program."""

    def __init__(
        self,
        program: Program,
        settings: ValueSettings,
        at: datetime,
        on_progress: Callable[[int], None],
    ) -> None:
        self.program = program
        self.settings = settings
        self.at = at
        self.on_progress = on_progress
        self.inputs = inputs_of(settings)

    def work(self) -> None:
        done = 0
        for rows in _chunks(self._lifetimes()):
            self._write(_LIFETIME, rows, lifetime_at=self.at)
            done += len(rows)
            self.on_progress(done)
        anyway = read_anyway(self.settings)
        values = values_of_advocates(self.settings, anyway, self.inputs.discount.factors[1])
        for rows in _chunks(values):
            self._write(_REFERRAL, rows, referral_at=self.at)
        self._forget_the_rest()
        ahead_of_time = kept_purchases(self.program).filter(occurred_at__gt=self.at).count()
        if not sort_into_groups(self.settings, at=self.at, ahead_of_time=ahead_of_time):
            raise _Superseded

    def _stay(self) -> None:
        """Say that this run lives. Raises _Superseded when another one has taken over."""
        row = ValueSettings.objects.filter(pk=self.settings.pk, run_at=self.at)
        if not row.update(run_seen=timezone.now()):
            raise _Superseded

    @retried
    def _write(self, names: tuple[str, ...], rows: list[Row], **same: Any) -> None:
        self._stay()
        insert_or_update(CustomerValue, names, rows, key=_KEY, program_id=self.program.pk, **same)

    def _lifetimes(self) -> Iterator[Row]:
        """A row for each customer and currency."""
        past = kept_purchases(self.program).filter(occurred_at__lte=self.at)
        rows = read_purchases(past.order_by("person_id", "occurred_at", "pk"))
        rate, discount = self.inputs.margin, self.inputs.discount
        whose, found = 0, dict[str, Bought]()
        # One loop for hundreds of thousands of rows: each call more would be felt.
        for person, currency, at, amount, refunded, own in rows.iterator(chunk_size=CHUNK):
            if person != whose:
                yield from [self._row(whose, *one) for one in found.items()]
                whose, found = person, {}
            plain = own is None and not refunded
            margin = amount * rate if plain else margin_of(amount, refunded, own, rate)
            bought = found.get(currency)
            if bought is None:
                found[currency] = first_purchase(at, margin, discount)
            else:
                add_purchase(bought, at, margin, discount)
        yield from [self._row(whose, *one) for one in found.items()]

    def _row(self, person: int, currency: str, bought: Bought) -> Row:
        is_own = currency == self.program.currency
        lifetime = lifetime_of(bought, self.at, self.inputs, marketing=is_own)
        return (
            person,
            currency,
            bought.purchases,
            bought.first,
            bought.last,
            to_cents(bought.margin),
            to_cents(lifetime.ahead),
            lifetime.value,
        )

    @retried
    def _forget_the_rest(self) -> None:
        """What an earlier run knew and this one did not meet any more."""
        self._stay()
        values = CustomerValue.objects.filter(program=self.program)
        no_purchase = Q(lifetime_at=None) | ~Q(lifetime_at=self.at)
        no_friend = Q(referral_at=None) | ~Q(referral_at=self.at)
        values.filter(no_purchase, no_friend).delete()
        zero = Decimal("0.00")
        values.filter(no_purchase, purchases__gt=0).update(
            purchases=0, first_at=None, last_at=None, margin=zero, ahead=zero, lifetime=zero
        )
        values.filter(no_friend, friends__gt=0).update(
            friends=0, referral_low=zero, referral_value=zero, referral_high=zero
        )


def _chunks(rows: Iterable[Row]) -> Iterator[list[Row]]:
    chunk: list[Row] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) >= WRITTEN:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
