"""The paths of the first loop and the yardstick of each."""

import itertools
import json
import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from django.core.cache import cache
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from wagtail_referrals.coupons.codes import new_code
from wagtail_referrals.coupons.models import Coupon
from wagtail_referrals.coupons.redeem import redeem_coupon
from wagtail_referrals.feedback.models import FeedbackResponse
from wagtail_referrals.people.register import find_or_add_person
from wagtail_referrals.referrals.models import Click

from .database import fill_clicks
from .measure import Call, Comparison, Spent, compare, statements
from .models import PlainClick, PlainCoupon, PlainRedemption
from .requests import Answer
from .results import LeftOut, Result
from .rules import purchase
from .site import Bench

ROOT = Path(__file__).resolve().parents[2]
PURCHASES = ROOT.parent / "shared" / "data" / "cdnow_purchases.csv.gz"
ROUNDS = 15
# Pages are many short turns: long ones fill the memory, which costs the two sides differently.
PAGE_ROUNDS = 31
PAGE_CALLS = 10
_numbers = itertools.count(1)


def _new_address() -> str:
    """A client nobody has seen before."""
    number = next(_numbers)
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


def _expect(answer: Answer, status: int, words: str = "") -> Answer:
    if answer.status != status or words not in answer.body:
        raise AssertionError(f"answered {answer.status}, not {status}: {answer.body[:2000]}")
    return answer


def click(bench: Bench) -> Iterator[Result]:
    """An advocate's link against a plain view that writes one row and redirects."""
    links = [f"/refer/r/{one.display_code}/?via=whatsapp" for one in bench.advocates[:20]]

    def ours(count: int) -> list[Call]:
        return [bench.site.get(links[n % 20], address=_new_address()) for n in range(count)]

    def plain(count: int) -> list[Call]:
        url = "/plain/7K2M-Q4XW/?via=whatsapp"
        return [bench.site.get(url, address=_new_address()) for _ in range(count)]

    for size, name in ((10_000, "10 thousand"), (1_000_000, "1 million")):
        fill_clicks(size)
        before, plain_before = Click.objects.count(), PlainClick.objects.count()
        comparison = compare(ours, plain, calls=200, rounds=ROUNDS)
        written = (ROUNDS + 1) * 200
        assert Click.objects.count() - before == written, "not every click was counted"
        assert PlainClick.objects.count() - plain_before == written
        yield Result(
            f"click, {name} clicks",
            comparison,
            reach=1.15,
            queries=len(statements(ours(1)[0])),
            plain_queries=len(statements(plain(1)[0])),
            reach_queries=1,
        )

    yield Result(
        "click, link not cached",
        compare(_without_link(ours), _without_link(plain), calls=200, rounds=ROUNDS),
        queries=len(statements(_without_link(ours)(1)[0])),
        plain_queries=len(statements(plain(1)[0])),
        reach_queries=2,
    )


def _without_link(make: Callable[[int], list[Call]]) -> Callable[[int], list[Call]]:
    """The same calls, each finding no link in the cache; what Wagtail keeps there stays."""
    kept = {"wagtail_site_root_paths"}

    def forget_first(call: Call) -> None:
        links = [key for key in cache._cache if not any(name in key for name in kept)]  # type: ignore[attr-defined]
        for key in links:
            cache._delete(key)  # type: ignore[attr-defined]
        call()

    return lambda count: [partial(forget_first, call) for call in make(count)]


def landing(bench: Bench) -> Iterator[Result]:
    """The friend's view against the same template on a bare page."""
    advocate = bench.advocates[0]
    ours = bench.site.get(f"{bench.landing.get_url()}with/{advocate.display_code}/")
    plain = bench.site.get(bench.plain_landing.get_url())
    yield _pages("landing page GET", ours, plain, reach=1.2, more_queries=2, words="Ann")


def feedback_get(bench: Bench) -> Iterator[Result]:
    """The feedback form against a form page of Wagtail's with the same fields."""
    ours = bench.site.get(bench.feedback.get_url())
    plain = bench.site.get(bench.plain_form.get_url())
    yield _pages("feedback page GET", ours, plain, reach=1.3, more_queries=3, words="recommend us")


def _pages(
    name: str,
    ours: Callable[[], Answer],
    plain: Callable[[], Answer],
    *,
    reach: float,
    more_queries: int,
    words: str,
) -> Result:
    _expect(ours(), 200, words)
    _expect(plain(), 200, words)
    comparison = compare(
        lambda count: [ours] * count,
        lambda count: [plain] * count,
        calls=PAGE_CALLS,
        rounds=PAGE_ROUNDS,
    )
    plain_queries = len(statements(plain))
    return Result(
        name,
        comparison,
        reach=reach,
        queries=len(statements(ours)),
        plain_queries=plain_queries,
        reach_queries=plain_queries + more_queries,
    )


def feedback_post(bench: Bench) -> Iterator[Result]:
    """An answer of a new person, with all that follows, against the form page's POST."""
    shown = _expect(bench.site.get(bench.feedback.get_url())(), 200)
    action = _attribute(shown.body, "action")
    stamp = _attribute(shown.body.partition('name="referrals-shown"')[2], "value")
    form_url = bench.plain_form.get_url()
    form_shown = _expect(bench.site.get(form_url)(), 200)
    cookie = form_shown.headers["Set-Cookie"].partition(";")[0]
    token = _attribute(form_shown.body.partition('name="csrfmiddlewaretoken"')[2], "value")
    # A form that comes back at once is not taken for a person's.
    time.sleep(2.1)

    def answers() -> dict[str, str]:
        return {
            "score": "9",
            "better": "The door is hard to open with a pram.",
            "name": "Bo Example",
            "email": f"bo{next(_numbers)}@example.org",
            "publish": "on",
            "heard": "somebody told me",
            "told_by": "Ann",
        }

    def ours(count: int) -> list[Call]:
        return [
            partial(_posted, bench.site.post(action, _ours(), address=_new_address()), 303)
            for _ in range(count)
        ]

    def _ours() -> dict[str, str]:
        return {**answers(), "referrals-shown": stamp, "referrals-website": ""}

    def plain(count: int) -> list[Call]:
        data = {"csrfmiddlewaretoken": token}
        posts = [
            bench.site.post(
                form_url, {**answers(), **data}, address=_new_address(), HTTP_COOKIE=cookie
            )
            for _ in range(count)
        ]
        return [partial(_posted, post, 200) for post in posts]

    before = FeedbackResponse.objects.count()
    comparison = compare(ours, plain, calls=PAGE_CALLS, rounds=PAGE_ROUNDS)
    stored = FeedbackResponse.objects.exclude(coupon=None).count() - before
    assert stored == (PAGE_ROUNDS + 1) * PAGE_CALLS, "not every answer got its coupon"
    yield Result(
        "feedback POST",
        comparison,
        reach=1.6,
        queries=len(statements(ours(1)[0])),
        plain_queries=len(statements(plain(1)[0])),
        reach_queries=16,
    )


def _posted(post: Callable[[], Answer], status: int) -> None:
    _expect(post(), status)


def _attribute(html: str, name: str) -> str:
    found = re.search(rf'\b{name}="([^"]*)"', html)
    assert found, f"no {name} in {html[:500]}"
    return found[1]


def redeem(bench: Bench) -> Iterator[Result]:
    """A coupon used on an order by a known buyer against an UPDATE and an INSERT."""
    find_or_add_person("buyer@example.org")
    total = Decimal("49.90")

    def ours(count: int) -> list[Call]:
        codes = [new_code() for _ in range(count)]
        offer = bench.program.friend_offer
        Coupon.objects.bulk_create(
            Coupon(
                program=bench.program,
                offer=offer,
                code_key=code,
                max_uses=1,
                kind="percent",
                amount=Decimal(10),
                first_order_only=True,
            )
            for code in codes
        )
        return [
            partial(
                redeem_coupon,
                code,
                order_id=f"order-{code}",
                email="buyer@example.org",
                order_total=total,
                currency="EUR",
            )
            for code in codes
        ]

    def plain(count: int) -> list[Call]:
        codes = [new_code() for _ in range(count)]
        PlainCoupon.objects.bulk_create(PlainCoupon(code=code, max_uses=1) for code in codes)
        keys = dict(PlainCoupon.objects.filter(code__in=codes).values_list("code", "pk"))
        return [partial(_plain_redeem, code, keys[code], total) for code in codes]

    yield Result(
        "redeem",
        compare(ours, plain, calls=200, rounds=ROUNDS),
        reach=1.6,
        queries=len(statements(ours(1)[0])),
        plain_queries=len(statements(plain(1)[0])),
        reach_queries=5,
    )


def _plain_redeem(code: str, pk: int, total: Decimal) -> None:
    with transaction.atomic():
        free = PlainCoupon.objects.filter(code=code, uses__lt=F("max_uses"))
        assert free.update(uses=F("uses") + 1) == 1
        PlainRedemption.objects.create(
            coupon_id=pk,
            order_id=f"order-{code}",
            order_total=total,
            discount=Decimal("4.99"),
            currency="EUR",
            redeemed_at=timezone.now(),
        )


def import_purchases(bench: Bench) -> Iterator[Result]:
    """The real purchases, by the command, against bulk_create of as many rows.

    Each run is a process of its own, so that its memory can be told.
    """
    from django.core.management import get_commands

    if not PURCHASES.exists():
        raise LeftOut(f"{PURCHASES.name} is not beside the repository")
    if "referrals_import_purchases" not in get_commands():
        raise LeftOut("there is no command referrals_import_purchases yet")
    result = Comparison(Spent(), Spent())
    memory = []
    sides = [("ours", result.path), ("plain", result.yardstick)]
    for number in range(5):
        for side, spent in sides if number % 2 else reversed(sides):
            told = _child(side)
            spent.add(told["cpu"], told["wall"])
            if side == "ours":
                memory.append(told["memory_mb"])
    yield Result(
        "import of 69,659 purchases",
        result,
        reach=4,
        memory_mb=statistics.median(memory),
        reach_memory_mb=200,
    )


def _child(side: str) -> dict[str, Any]:
    name = str(connection.settings_dict["NAME"])
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.purchases", side, str(PURCHASES)],
        env={**os.environ, "REFERRALS_BENCH_DATABASE": name},
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise AssertionError(done.stderr)
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


PATHS: dict[str, Callable[[Bench], Iterator[Result]]] = {
    "click": click,
    "landing": landing,
    "feedback_get": feedback_get,
    "feedback_post": feedback_post,
    "redeem": redeem,
    "purchase": purchase,
    "import": import_purchases,
}
