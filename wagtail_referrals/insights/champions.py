"""Working out what every customer of a program is worth, and which group they are in.

Purchases are read once, in the order of people, and never held; friends by some hundred advocates
at a time. One run at a time works on a program: another one takes over where a run has not said
for some minutes that it lives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db.models import DecimalField, F, Q, QuerySet, Value
from django.db.models.fields.json import KeyTransform
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
from .lifetime import Bought, Discount, Inputs, add_purchase, lifetime_of, margin_of, to_cents

# Rows written in one go, and advocates looked at in one go.
CHUNK = 2000
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
    programs = waiting.select_related("program").order_by("pk")
    return sum(recompute(settings.program, at=at) for settings in programs)


def recompute(
    program: Program,
    *,
    at: datetime | None = None,
    on_progress: Callable[[int], None] = lambda customers: None,
) -> bool:
    """Work out all values as of ``at``. False without settings, or while another run is at it.

    ``on_progress`` is told how many customers are done.
    """
    at = at or timezone.now()
    settings = ValueSettings.objects.filter(program=program).first()
    if settings is None or not _begin(settings, at):
        return False
    run = _Run(program, settings, at, on_progress)
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
    """Take the program for this run, unless another one lives."""
    now = timezone.now()
    free = Q(run_at=None) | Q(run_seen__lt=now - LEASE)
    row = ValueSettings.objects.filter(free, pk=settings.pk)
    return bool(row.update(run_at=at, run_seen=now))


def inputs_of(settings: ValueSettings) -> Inputs:
    """The owner's numbers as the formulas take them."""
    return Inputs(
        margin=settings.margin_percent / 100,
        marketing=settings.marketing_cost,
        discount=Discount(settings.discount_percent),
    )


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
        # Most have sent nothing back: NULL is read faster than a number.
        NullIf("refunded", Value(Decimal(0), output_field=DecimalField())),
        KeyTransform("margin", "metadata"),
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
        for person, purchases in groupby(rows.iterator(chunk_size=CHUNK), key=itemgetter(0)):
            yield from self._of_person(person, purchases)

    def _of_person(self, person: int, purchases: Iterable[Row]) -> Iterator[Row]:
        found: dict[str, Bought] = {}
        rate, discount = self.inputs.margin, self.inputs.discount
        for _person, currency, at, amount, refunded, own in purchases:
            bought = found.get(currency)
            if bought is None:
                bought = found[currency] = Bought(at, at)
            add_purchase(bought, at, margin_of(amount, refunded, own, rate), discount)
        for currency, bought in found.items():
            is_own = currency == self.program.currency
            lifetime = lifetime_of(bought, self.at, self.inputs, marketing=is_own)
            yield (
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
        if len(chunk) >= CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
