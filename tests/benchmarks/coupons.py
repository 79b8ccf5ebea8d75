"""What coupons cost by the hundred thousand: making, redeeming, racing for and finding them."""

from __future__ import annotations

import itertools
import queue
import re
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import partial
from typing import Any

from django.contrib.auth import get_user_model
from django.db import connection, connections
from django.db.models import F
from django.test import Client
from django.utils import timezone

from wagtail_referrals.coupons.batches import make_codes
from wagtail_referrals.coupons.codes import new_code
from wagtail_referrals.coupons.issue import issue_coupon
from wagtail_referrals.coupons.models import Coupon, CouponBatch, Redemption
from wagtail_referrals.coupons.redeem import redeem_coupon
from wagtail_referrals.events.models import Event
from wagtail_referrals.exceptions import CouponRefused
from wagtail_referrals.feedback.models import FeedbackResponse
from wagtail_referrals.people.identity import email_key
from wagtail_referrals.people.models import Person
from wagtail_referrals.people.register import find_or_add_person
from wagtail_referrals.rewards.models import Reward

from .measure import Call, Comparison, Spent, compare, statements
from .models import PlainCoupon
from .paths import _plain_redeem
from .results import LeftOut, Result
from .site import Bench

CODES = 100_000
MILLION = 1_000_000
ROUNDS = 5
THREADS, SEATS = 200, 40
_numbers = itertools.count(1)


def _batch(bench: Bench, wanted: int) -> CouponBatch:
    return CouponBatch.objects.create(
        program=bench.program,
        name="Bench",
        kind="percent",
        amount=Decimal(10),
        pattern="SPRING-####-####-####",
        wanted=wanted,
    )


def _make_all(batch: CouponBatch) -> None:
    while make_codes(batch):
        pass


def batch(bench: Bench) -> Iterator[Result]:
    """100,000 codes of a batch against bulk_create of as many plain rows with a code."""

    def ours(_count: int) -> list[Call]:
        return [partial(_make_all, _batch(bench, CODES))]

    def plain(_count: int) -> list[Call]:
        codes = [new_code() for _ in range(CODES)]
        return [lambda: PlainCoupon.objects.bulk_create([_plain(code) for code in codes])]

    comparison = compare(ours, plain, calls=1, rounds=ROUNDS)
    keys = Coupon.objects.exclude(batch=None).values_list("code_key", flat=True)
    assert keys.distinct().count() == (ROUNDS + 1) * CODES, "a code is there twice"
    yield Result("batch of 100,000 codes", comparison, reach=1.5)


def _plain(code: str) -> PlainCoupon:
    return PlainCoupon(code=code, max_uses=1)


def _fill_coupons(bench: Bench, count: int) -> None:
    """Coupons of batches until there are so many; the database knows its size."""
    missing = count - Coupon.objects.count()
    if missing > 0:
        _make_all(_batch(bench, missing))
    with connection.cursor() as cursor:
        for model in (Coupon, Redemption, Person):
            table = connection.ops.quote_name(model._meta.db_table)
            cursor.execute(f"ANALYZE {'TABLE ' * (connection.vendor == 'mysql')}{table}")
            if connection.vendor == "mysql":
                cursor.fetchall()


def redeem_large(bench: Bench) -> Iterator[Result]:
    """Redeeming among 1 million coupons against the same among 1 thousand.

    A table has one size at a time: each is measured against the same plain UPDATE and INSERT,
    and those two ratios are compared.
    """
    find_or_add_person("buyer@example.org")
    PlainCoupon.objects.all().delete()
    Redemption.objects.all().delete()
    # What the paths before it have made keeps its coupons no longer.
    for model in (Reward, FeedbackResponse, Event):
        model.objects.update(coupon=None)
    Coupon.objects.all()._raw_delete(connection.alias)
    sizes = []
    for size in (1000, MILLION):
        _fill_coupons(bench, size)
        sizes.append(compare(partial(_redeem, bench), _redeem_plain, calls=30, rounds=31))
    small, large = sizes
    result = Comparison(Spent(), Spent())
    for kind in ("cpu", "wall"):
        plain = statistics.median(getattr(small.yardstick, kind) + getattr(large.yardstick, kind))
        for measured, spent in ((large, result.path), (small, result.yardstick)):
            pairs = zip(
                getattr(measured.path, kind), getattr(measured.yardstick, kind), strict=True
            )
            getattr(spent, kind).extend(ours / theirs * plain for ours, theirs in pairs)
    queries = len(statements(_redeem(bench, 1)[0]))
    yield Result(
        "redeem one of 1 million, of 1 thousand",
        result,
        reach=1.15,
        queries=queries,
        plain_queries=queries,
        reach_queries=5,
    )


def _redeem(bench: Bench, count: int) -> list[Call]:
    unused = Coupon.objects.filter(uses=0).exclude(batch=None).order_by()
    if connection.vendor == "postgresql":
        unused = unused.order_by("pk")
    start = next(_numbers) * 7919 % max(unused.count() - count, 1)
    codes = list(unused.values_list("code_key", flat=True)[start : start + count])
    assert len(codes) == count, "the coupons are used up"
    order = {"email": "buyer@example.org", "order_total": Decimal("49.90"), "currency": "EUR"}
    return [partial(redeem_coupon, code, order_id=f"order-{code}", **order) for code in codes]


def _redeem_plain(count: int) -> list[Call]:
    codes = [new_code() for _ in range(count)]
    PlainCoupon.objects.bulk_create(map(_plain, codes))
    keys = dict(PlainCoupon.objects.filter(code__in=codes).values_list("code", "pk"))
    return [partial(_plain_redeem, code, keys[code], Decimal("49.90")) for code in codes]


def rush(bench: Bench) -> Iterator[Result]:
    """200 threads on one code against the bare conditional UPDATE: the slowest of a hundred."""
    if connection.vendor != "postgresql":
        raise LeftOut("it is measured on PostgreSQL")
    result = Comparison(Spent(), Spent())
    sides = [(_rush_ours, result.path), (_rush_plain, result.yardstick)]
    pool = list(_open_connections())
    for number in range(16):
        for side, spent in sides if number % 2 else reversed(sides):
            cpu, slowest = _slowest(side(bench), pool)
            if number:
                # The p99 is time on the clock; the machine's processors are shared by all threads.
                spent.add(slowest, cpu)
    for opened in pool:
        opened.close()
    yield Result("200 threads on one code, p99", result, reach=2)


def _rush_ours(bench: Bench) -> Call:
    coupon = issue_coupon(
        bench.program, bench.program.advocate_offer, amount=Decimal(1), max_uses=50
    )

    def call() -> None:
        order_id = f"order-{next(_numbers)}"
        try:
            redeem_coupon(coupon.code_key, order_id=order_id, order_total=9, currency="EUR")
        except CouponRefused:
            return

    return call


def _rush_plain(_bench: Bench) -> Call:
    code = new_code()
    PlainCoupon.objects.create(code=code, max_uses=50)
    free = PlainCoupon.objects.filter(code=code, uses__lt=F("max_uses"))
    return lambda: free.all().update(uses=F("uses") + 1)


def _slowest(call: Call, pool: list[Any]) -> tuple[float, float]:
    """(CPU of all, p99 on the clock) of 200 threads at once that share open connections."""
    start = threading.Barrier(THREADS)
    free: queue.SimpleQueue[Any] = queue.SimpleQueue()
    taken: list[float] = []
    for opened in pool:
        free.put(opened)

    def run() -> None:
        start.wait(60)
        connections["default"] = opened = free.get()
        begun = time.perf_counter()
        call()
        taken.append(time.perf_counter() - begun)
        free.put(opened)

    threads = [threading.Thread(target=run) for _ in range(THREADS)]
    cpu = time.process_time()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == THREADS
    return time.process_time() - cpu, statistics.quantiles(taken, n=100)[98]


def _open_connections() -> Iterator[Any]:
    for _ in range(SEATS):
        opened = connection.copy()
        opened.inc_thread_sharing()
        opened.ensure_connection()
        yield opened


def support(bench: Bench) -> Iterator[Result]:
    """Support's search at 1 million coupons against the first page of the same list."""
    _fill_coupons(bench, MILLION)
    coupon = _lived_with(bench)
    staff = Client()
    user = get_user_model().objects.create_superuser("bench", "bench@example.org", "x")
    staff.force_login(user)
    terms = {
        "whole code": coupon.display_code,
        "beginning of a code": coupon.code_key[:10],
        "e-mail": "holder77777@example.org",
        "beginning of an e-mail": "holder7777",
        "order": "order-55555",
        "nothing": "nobody-of-this-name",
    }
    page = partial(_listed, staff, "")
    for name, term in terms.items():
        search = partial(_listed, staff, term)
        assert search() or name == "nothing", name
        comparison = compare(
            lambda count, search=search: [search] * count,
            lambda count: [page] * count,
            calls=3,
            rounds=7,
        )
        yield Result(
            f"support's search: {name}",
            comparison,
            reach=1.2,
            queries=len(statements(search)),
            plain_queries=len(statements(page)),
        )


def _listed(staff: Client, term: str) -> int:
    response = staff.get("/admin/referrals/coupons/", {"q": term} if term else {})
    assert response.status_code == 200
    return len(set(re.findall(r"coupons/inspect/\d+/", response.content.decode())))


def _lived_with(bench: Bench) -> Coupon:
    """100,000 people hold a coupon each, and 100,000 orders used one."""
    emails = [f"holder{number}@example.org" for number in range(CODES)]
    Person.objects.bulk_create(
        (Person(email=email, email_key=email_key(email)) for email in emails), batch_size=5000
    )
    people = list(Person.objects.order_by("pk").values_list("pk", flat=True)[:CODES])
    coupons = list(Coupon.objects.order_by("pk").values_list("pk", flat=True)[: 2 * CODES])
    held = [Coupon(pk=pk, holder_id=person) for pk, person in zip(coupons, people, strict=False)]
    Coupon.objects.bulk_update(held, ["holder"], batch_size=500)
    now = timezone.now()
    Redemption.objects.bulk_create(
        (
            Redemption(
                coupon_id=pk,
                order_id=f"order-{number}",
                order_key=f"{number:064}",
                order_total=10,
                discount=1,
                currency="EUR",
                redeemed_at=now,
            )
            for number, pk in enumerate(coupons[CODES:])
        ),
        batch_size=5000,
    )
    _fill_coupons(bench, MILLION)
    return Coupon.objects.get(pk=coupons[-1])


PATHS: dict[str, Callable[[Bench], Iterator[Result]]] = {
    "batch": batch,
    "redeem_large": redeem_large,
    "rush": rush,
    "support": support,
}
