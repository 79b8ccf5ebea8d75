"""What rewards cost by the thousand and by the million: approving them and listing them."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from typing import Any

from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client

from wagtail_referrals.api import record_event
from wagtail_referrals.coupons.codes import new_code
from wagtail_referrals.rewards.approve import approve_rewards
from wagtail_referrals.rewards.models import Reward, RewardEntry, RewardState

from .database import _NUMBERS
from .measure import Call, Comparison, Spent, compare
from .models import PlainCoupon
from .results import Result
from .site import Bench

MANY = 5000
SLICE = 500  # as the screen does with each POST
MILLION = 1_000_000
# Of a hundred rewards so many are in that state; the others are issued.
SHARES = {
    RewardState.HELD: 1,
    RewardState.APPROVED: 2,
    RewardState.PENDING: 7,
    RewardState.REDEEMED: 30,
    RewardState.EXPIRED: 8,
    RewardState.VOIDED: 3,
}
_LATER = {
    "postgresql": "CURRENT_TIMESTAMP - n * interval '1 second'",
    "sqlite": "datetime(CURRENT_TIMESTAMP, '-' || n || ' seconds')",
    "mysql": "CURRENT_TIMESTAMP - INTERVAL n SECOND",
}


def approve(bench: Bench) -> Iterator[Result]:
    """Approving 5,000 held rewards in slices against bulk_update of 5,000 plain rows."""
    _fill_rewards(bench, MANY)

    def ours(_count: int) -> list[Call]:
        RewardEntry.objects.filter(kind=RewardState.APPROVED)._raw_delete(connection.alias)
        Reward.objects.update(state=RewardState.HELD)
        rewards = list(Reward.objects.order_by("pk")[:MANY])
        return [partial(_approve_all, rewards)]

    PlainCoupon.objects.all().delete()
    PlainCoupon.objects.bulk_create(
        [PlainCoupon(code=new_code(), max_uses=1) for _ in range(MANY)], batch_size=SLICE
    )

    def plain(_count: int) -> list[Call]:
        rows = list(PlainCoupon.objects.all())
        for row in rows:
            row.uses += 1
        return [partial(PlainCoupon.objects.bulk_update, rows, ["uses"], batch_size=SLICE)]

    comparison = compare(ours, plain, calls=1, rounds=9)
    assert RewardEntry.objects.filter(kind=RewardState.APPROVED).count() == MANY
    yield Result("approve 5,000 rewards", comparison, reach=6)


def _approve_all(rewards: list[Reward]) -> None:
    for start in range(0, len(rewards), SLICE):
        moved = approve_rewards(rewards[start : start + SLICE], reason="looked at them")
        assert len(moved) == len(rewards[start : start + SLICE])


def rewards_list(bench: Bench) -> Iterator[Result]:
    """The rewards screen, filtered, at 1 million rewards against the same at 10 thousand.

    A table has one size at a time: each is measured against the list of people, and those two
    ratios are compared.
    """
    staff = Client()
    staff.force_login(get_user_model().objects.create_superuser("boss", "boss@example.org", "x"))
    filters = {
        "held": "?state=held&ordering=created_at",
        "issued": "?state=issued",
        "issued, by program": f"?state=issued&program={bench.program.pk}",
    }
    measured: dict[str, list[Comparison]] = {name: [] for name in filters}
    for size in (10_000, MILLION):
        _fill_rewards(bench, size)
        for name, query in filters.items():
            ours = partial(_pages, staff, f"/admin/referrals/rewards/{query}")
            people = partial(_pages, staff, "/admin/referrals/people/")
            measured[name].append(compare(ours, people, calls=2, rounds=9))
    for name, (small, large) in measured.items():
        yield Result(f"rewards {name}: 1 million, 10 thousand", _of_sizes(small, large), reach=2)


def _pages(staff: Client, url: str, count: int) -> list[Call]:
    def call() -> None:
        assert staff.get(url).status_code == 200

    return [call] * count


def _of_sizes(small: Comparison, large: Comparison) -> Comparison:
    """The large one as the path, the small one as its yardstick, on one scale."""
    result = Comparison(Spent(), Spent())
    for kind in ("cpu", "wall"):
        plain = statistics.median(getattr(small.yardstick, kind) + getattr(large.yardstick, kind))
        for measured, spent in ((large, result.path), (small, result.yardstick)):
            pairs = zip(
                getattr(measured.path, kind), getattr(measured.yardstick, kind), strict=True
            )
            getattr(spent, kind).extend(ours / theirs * plain for ours, theirs in pairs)
    return result


def _fill_rewards(bench: Bench, count: int) -> None:
    """Rewards until there are so many: copies of one, of other people and in other states."""
    first = Reward.objects.order_by("pk").first() or _first(bench)
    there = Reward.objects.count()
    people = [one.person_id for one in bench.advocates]
    shares, upto = "", 0
    for state, share in SHARES.items():
        upto += share
        shares += f" WHEN n % 100 < {upto} THEN '{state.value}'"
    numbers, digits = _NUMBERS[connection.vendor]
    quote = connection.ops.quote_name
    changed: dict[str, Any] = {
        "award_key": digits,
        "state": f"CASE{shares} ELSE 'issued' END",
        "person_id": f"{people[0]} + n % {len(people)}",
        "created_at": _LATER[connection.vendor],
    }
    columns = [field.column for field in Reward._meta.local_fields if not field.primary_key]
    values = [changed.get(column) or f"r.{quote(column)}" for column in columns]
    table = quote(Reward._meta.db_table)
    with connection.cursor() as cursor:
        if there < count:
            cursor.execute(
                f"INSERT INTO {table} ({', '.join(map(quote, columns))}) "  # noqa: S608
                f"SELECT {', '.join(values)} FROM {table} r "
                f"CROSS JOIN ({numbers % (there + 1, count)}) AS numbers WHERE r.id = {first.pk}"
            )
        cursor.execute(f"ANALYZE {'TABLE ' * (connection.vendor == 'mysql')}{table}")
        if connection.vendor == "mysql":
            cursor.fetchall()


def _first(bench: Bench) -> Reward:
    advocate = bench.advocates[0]
    (reward,) = record_event(
        bench.program,
        "purchase",
        external_id="bench-rewards",
        email="bench-rewards@example.org",
        amount=Decimal("50.00"),
        currency="EUR",
        referral_code=advocate.display_code,
    ).rewards
    return reward


PATHS = {"approve": approve, "rewards_list": rewards_list}
