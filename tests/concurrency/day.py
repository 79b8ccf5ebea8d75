"""A shop's day, for processes that are killed in the middle of it, and what must be true after."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import InterfaceError, OperationalError, close_old_connections
from django.db.models import Count, F, Q, Sum
from django.utils import timezone

from tests.concurrency.shop import buy, faults, join, make_rule, refund
from wagtail_referrals.api import redeem_coupon
from wagtail_referrals.coupons import batches
from wagtail_referrals.coupons.models import Coupon, CouponBatch
from wagtail_referrals.events import record
from wagtail_referrals.events.models import Event
from wagtail_referrals.messages.models import Message
from wagtail_referrals.programs.models import Program
from wagtail_referrals.referrals.models import Advocate
from wagtail_referrals.rewards import issue
from wagtail_referrals.rewards.models import Reward

RIPE = timedelta(days=15)
CODES = 7


def open_shop(program: Program, *, budget: int | None = 1_000_000) -> None:
    """Four advocates, rewards that wait 14 days, and a batch of codes to make."""
    program.budget_rewards = budget
    # So many friends in an hour would be held for review, on a fast machine.
    program.risk_off = ["fast"]
    program.save()
    make_rule(program, hold_days=14)
    join(program, 4)
    terms = {"kind": "percent", "amount": Decimal(10)}
    CouponBatch.objects.create(program=program, name="Spring", wanted=1_000_000, **terms)


def work(say: Callable[[Any], None], numbers: Iterable[int], *, insist: bool = False) -> None:
    """Serve one order after the other; say what is begun, of which order, and when."""
    for number in numbers:
        for step in (order, send_back, give, use, make_codes):
            say((step.__name__, number, time.monotonic()))
            until_answered(step, number) if insist else step(number)
        say(("done", number, time.monotonic()))


def work_and_insist(say: Callable[[Any], None], numbers: Iterable[int]) -> None:
    """The same by callers who ask again until the database is there, as web hooks do."""
    # The due job says at length what it will do again the next time.
    logging.disable()
    work(say, numbers, insist=True)


def without_transactions(say: Callable[[Any], None], numbers: Iterable[int]) -> None:
    """The same with each statement by itself."""
    record._record = record._record.__wrapped__  # type: ignore[attr-defined]
    issue.issue_reward = issue.issue_reward.__wrapped__  # type: ignore[attr-defined]
    batches.make_codes = batches.make_codes.__wrapped__  # type: ignore[attr-defined]
    work_and_insist(say, numbers)


def until_answered(ask: Callable[..., Any], *args: Any) -> Any:
    """Ask until the database answers."""
    pause = threading.Event()
    while True:
        # As Django does before each request.
        close_old_connections()
        try:
            return ask(*args)
        except (OperationalError, InterfaceError):
            pause.wait(0.05)


def order(number: int) -> None:
    advocates = Advocate.objects.select_related("program__site", "person").order_by("pk")
    buy(advocates[number % 4], number)


def send_back(number: int) -> None:
    if number % 3 == 0:
        refund(Program.objects.get(), number, "20.00")


def give(number: int) -> None:
    issue.issue_due_rewards(at=timezone.now() + RIPE, limit=3)


def use(number: int) -> None:
    """The till uses the coupon of this order's reward, once it was given."""
    coupon = Coupon.objects.filter(reward__event__external_id=f"order-{number}").first()
    if coupon and number % 2 == 0:
        redeem_coupon(
            coupon.code_key,
            order_id=f"till-{number}",
            email=coupon.holder.email,  # type: ignore[union-attr]
            order_total=Decimal(50),
            currency="EUR",
            at=timezone.now() + 2 * RIPE,
        )


def make_codes(number: int) -> None:
    batches.make_codes(CouponBatch.objects.get(), CODES)


def give_what_is_left() -> None:
    """What was left in the middle is done by the next due work."""
    while issue.issue_due_rewards(at=timezone.now() + RIPE):
        pass


def damage(done: Iterable[int]) -> list[str]:
    """What is lost, doubled or half-done."""
    found = faults()
    purchases = Event.objects.filter(kind="purchase")
    known = set(purchases.values_list("external_id", flat=True))
    found += [f"order {number} is lost" for number in done if f"order-{number}" not in known]
    sent_back = Event.objects.filter(kind="refund").aggregate(sum=Sum("amount"))["sum"] or 0
    bought = purchases.aggregate(sum=Sum("amount"), refunded=Sum("refunded"))
    batch = CouponBatch.objects.get()
    given = Reward.objects.filter(coupon__isnull=False).count()
    live = Count("redemptions", filter=Q(redemptions__live=True))
    sums = {
        "rewards": (Reward.objects.count(), purchases.count()),
        "refunded": (bought["refunded"] or 0, sent_back),
        "friends": (_of_advocates("friends_converted"), purchases.count()),
        "their value": (_of_advocates("friends_value"), (bought["sum"] or 0) - sent_back),
        "codes": (batch.made, batch.coupons.count()),
        "coupons": (Coupon.objects.filter(batch=None).count(), given),
        "uses": (Coupon.objects.annotate(live=live).exclude(uses=F("live")).count(), 0),
        "messages": (Message.objects.filter(kind="reward_issued").count(), given),
        "promises": (Message.objects.filter(kind="reward_pending").count(), purchases.count()),
    }
    return found + [
        f"{what}: {one}, {other}" for what, (one, other) in sums.items() if one != other
    ]


def _of_advocates(column: str) -> Any:
    return Advocate.objects.aggregate(sum=Sum(column))["sum"]
