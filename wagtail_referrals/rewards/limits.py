"""Limits and budgets: how much may be granted, kept by counters the database guards."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import Case, DecimalField, F, Value, When
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ..programs.models import Program
from ..programs.money import format_money, sum_in_database
from ..programs.offers import MONEY_KINDS
from .facts import Facts
from .models import Reward
from .rule_models import Allowance, RewardRule, RuleEffect
from .triggers import triggers

PER = {"advocate": _("per advocate"), "friend": _("per friend"), "rule": _("in all")}
PERIODS = {
    "day": _("a day"),
    "month": _("a month"),
    "year": _("a year"),
    "lifetime": _("ever"),
}
MEASURES = {"count": _("rewards"), "amount": _("money")}
# Less than this left of a limit is nothing left.
SMALLEST = {"amount": Decimal("0.01"), "count": Decimal(1)}
# Of a budget so much is granted when its owner is told.
LOW = Decimal("0.8")
_STAMPS = {"day": "%Y-%m-%d", "month": "%Y-%m", "year": "%Y", "lifetime": ""}


@dataclass(frozen=True)
class Limit:
    """At most ``most`` rewards, or money in the program's currency, per somebody and period."""

    key: str
    measure: str
    most: Decimal
    code: str
    # Whose limit: "" for one that holds for everybody, whoever asks.
    personal: bool = False
    rule_id: int | None = None

    def is_reached(self, used: Decimal) -> bool:
        """Whether there is nothing left."""
        return self.most - used < SMALLEST[self.measure]

    def is_low(self, used: Decimal) -> bool:
        """Whether it is a program's budget of which little is left."""
        return self.code == "budget" and used >= self.most * LOW

    def concerns(self, reward: Reward) -> bool:
        """Whether a reward uses any of it: of a limit in money, a percentage does not."""
        return self.measure == "count" or reward.kind in MONEY_KINDS

    def takes(self, reward: Reward) -> Decimal:
        """How much of it a reward uses that is in its currency."""
        if not self.concerns(reward):
            return Decimal(0)
        return Decimal(1) if self.measure == "count" else reward.balance


def limits_of(effect: RuleEffect, facts: Facts) -> list[Limit]:
    """The limits a grant has to keep, the program's budget included."""
    rule = effect.rule
    found = [_limit(rule, stored, facts) for stored in rule.limits]
    found.append(_once(effect, facts))
    return [limit for limit in found if limit] + budget_of(facts.program)


def _once(effect: RuleEffect, facts: Facts) -> Limit | None:
    """A milestone is reached once, however often what led there is sent back and bought again."""
    rule = effect.rule
    trigger = triggers.get(rule.trigger)
    person = facts.person_for(trigger.once) if trigger and trigger.once else None
    if person is None:
        return None
    goal = hashlib.sha256(json.dumps(rule.trigger_options, sort_keys=True).encode()).hexdigest()
    key = f"once:{rule.pk}:{effect.beneficiary}:{person.pk}:{goal[:16]}"
    return Limit(key, "count", Decimal(1), "once", True, rule.pk)


def _limit(rule: RewardRule, stored: dict[str, Any], facts: Facts) -> Limit | None:
    per = stored["per"]
    person = facts.person_for(per) if per != "rule" else None
    if per != "rule" and person is None:
        return None
    return limit_at(rule, stored, facts.event.occurred_at, str(person.pk) if person else "")


def limit_at(rule: RewardRule, stored: dict[str, Any], at: datetime, person: str = "") -> Limit:
    """A stored limit in the period of that time."""
    stamp = timezone.localtime(at).strftime(_STAMPS[stored["period"]])
    personal = stored["per"] != "rule"
    # What all share sorts before what is somebody's, in any collation, and so is locked first.
    per = stored["per"] if personal else "0"
    words = [f"rule:{rule.pk}", per, person, stored["measure"], stored["period"], stamp]
    return Limit(
        ":".join(words), stored["measure"], Decimal(stored["most"]), "limit", personal, rule.pk
    )


def stored_limit(key: str, most: str) -> dict[str, Any]:
    """The limit that a counter's key is of, as a rule stores it; empty for another key."""
    parts = key.split(":")
    if len(parts) != 7 or parts[0] != "rule":
        return {}
    return {"per": parts[2], "measure": parts[4], "period": parts[5], "most": most}


def budget_of(program: Program) -> list[Limit]:
    """The program's budgets."""
    budgets = {"amount": program.budget_amount, "count": program.budget_rewards}
    return [
        Limit(f"program:{program.pk}:{measure}", measure, Decimal(most), "budget")
        for measure, most in budgets.items()
        if most is not None
    ]


def read_used(keys: Iterable[str]) -> dict[str, Decimal]:
    """What is used of each, without holding anybody up: for screens and dry runs."""
    return dict(Allowance.objects.filter(key__in=list(keys)).values_list("key", "used"))


def lock_used(limits: dict[str, Limit]) -> dict[str, Decimal]:
    """What is used of each, with every other grant under these limits made to wait.

    The event was written before: on SQLite, which locks no rows, the whole database is ours.
    """
    keys = sorted(limits)
    used = _lock(keys)
    if len(used) < len(keys):
        new = [
            Allowance(key=key, rule_id=limits[key].rule_id, most=limits[key].most)
            for key in keys
            if key not in used
        ]
        _add_or_lock(new)
        used = _lock(keys)
    return used


def _lock(keys: list[str]) -> dict[str, Decimal]:
    with connection.cursor() as cursor:
        cursor.execute(_lock_statement(connection.vendor, len(keys)), keys)
        # By its text: SQLite gives a number in floating point.
        return {key: Decimal(str(used)) for key, used in cursor.fetchall()}


def _add_or_lock(rows: list[Allowance]) -> None:
    """Store the rows; those that somebody else has stored meanwhile are locked, in their turn."""
    targets = connection.features.supports_update_conflicts_with_target
    Allowance.objects.bulk_create(
        rows,
        update_conflicts=True,
        update_fields=["key"],
        unique_fields=["key"] if targets else None,
    )


def take(taken: dict[str, Decimal], limits: dict[str, Limit]) -> None:
    """Count what was granted. The table's own check is the last word on too much."""
    taken = {key: amount for key, amount in taken.items() if amount}
    if not taken:
        return
    keys, number = sorted(taken), Allowance._meta.get_field("used")
    values: list[Any] = []
    for amounts in (taken, {key: limits[key].most for key in keys}):
        for key in keys:
            values += [key, number.get_db_prep_save(amounts[key], connection)]
    with connection.cursor() as cursor:
        cursor.execute(_take_statement(connection.vendor, len(keys)), [*values, *keys])


# By hand, as Django would write the SQL anew for every grant.


@cache
def _lock_statement(vendor: str, count: int) -> str:
    table, key, used, _most = _names()
    waits = connection.ops.for_update_sql() if connection.features.has_select_for_update else ""
    return (
        f"SELECT {key}, {used} FROM {table} "  # noqa: S608 - names of our own columns
        f"WHERE {key} IN ({', '.join(['%s'] * count)}) ORDER BY {key} {waits}"
    )


@cache
def _take_statement(vendor: str, count: int) -> str:
    table, key, used, most = _names()
    by_key = f"CASE {key} {'WHEN %s THEN %s ' * count}END"
    # SQLite reckons in floating point.
    return (
        f"UPDATE {table} SET {used} = ROUND({used} + {by_key}, 2), {most} = {by_key} "
        f"WHERE {key} IN ({', '.join(['%s'] * count)})"
    )


def _names() -> list[str]:
    """Table and columns of the counters, quoted."""
    fields: list[Any] = [Allowance._meta.get_field(name) for name in ("key", "used", "most")]
    names = [Allowance._meta.db_table, *(field.column for field in fields)]
    return [connection.ops.quote_name(name) for name in names]


def give_back(allowances: Mapping[str, str | Decimal]) -> None:
    """Take what a reward had used off its counters again."""
    returned = {key: Decimal(amount) for key, amount in allowances.items() if Decimal(amount)}
    if returned:
        rows = Allowance.objects.filter(key__in=sorted(returned))
        rows.update(used=sum_in_database(F("used"), -_by_key(returned)))


def take_again(allowances: Mapping[str, str | Decimal]) -> None:
    """Count again what was given back a moment ago, in the same transaction."""
    give_back({key: -Decimal(amount) for key, amount in allowances.items()})


def _by_key(values: dict[str, Decimal]) -> Case:
    number = DecimalField(max_digits=14, decimal_places=2)
    cases = [When(key=key, then=Value(value, output_field=number)) for key, value in values.items()]
    return Case(*cases, output_field=number)


def describe_limit(stored: dict[str, Any], currency: str) -> str:
    """A stored limit in words: "at most €200 a year per advocate"."""
    most = Decimal(stored["most"])
    amount = format_money(most, currency) if stored["measure"] == "amount" else None
    words = {
        "most": amount or gettext("%d rewards") % most,
        "period": PERIODS[stored["period"]],
        "per": PER[stored["per"]],
    }
    return gettext("at most %(most)s %(period)s %(per)s") % words
