"""Taking a use of a coupon and giving it back.

Every verb writes first, by one conditional UPDATE, and looks at the row count: a check
followed by a write lets two tills use one coupon (design.md, section 5). Who changes a coupon's
count and a redemption changes the coupon's row first: two orders of locks would be a deadlock.
"""

from __future__ import annotations

import functools
import hashlib
import random
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from django.db import IntegrityError, OperationalError, connection, transaction
from django.db.models import Case, F, QuerySet, When

from ..bulk import insert
from ..exceptions import CouponRefused
from ..lookups import Lookup
from ..people.models import Person
from ..signals import coupon_redeemed
from ..transactions import ATTEMPTS, step_aside, worth_another_run
from .company import leads, lock_leader
from .followers import tell_followers
from .models import Coupon, Redemption, RedemptionState
from .order import Order
from .rules import by_code_key, discount_for, find_buyer, find_coupon, refuse_order

Use = Callable[..., Redemption]
Known = Callable[[Redemption, Exception], Redemption | None]


def use_or_find(
    key: str,
    order: Order,
    use: Use,
    known: Known,
) -> Redemption:
    """``use`` in a transaction; where the order has the coupon already, ``known`` of that.

    ``known`` returns None when what was there is gone by now: then there is room to try again,
    as after a deadlock with others, or beside another coupon of the order: ``use(again=True)``.
    """
    outermost = not connection.in_atomic_block
    for attempt in range(ATTEMPTS):
        last = attempt == ATTEMPTS - 1
        try:
            found = _use_or_find(key, order, partial(use, again=attempt > 0), known, last)
        except OperationalError as error:
            if last or not worth_another_run(error, outermost):
                raise
            step_aside(attempt)
            continue
        if found:
            return found
        # The first time there is just another coupon on the order; later, others in a hurry.
        if attempt and outermost:
            step_aside(attempt)
    raise AssertionError("unreachable")


def _use_or_find(key: str, order: Order, use: Use, known: Known, last: bool) -> Redemption | None:
    try:
        with transaction.atomic():
            return use(key, order)
    except (IntegrityError, CouponRefused) as error:
        there = live_redemption(key, order.key)
        found = known(there, error) if there else None
        if not found and (last or (not there and isinstance(error, CouponRefused))):
            raise
        return found


def take_use(
    key: str, order: Order, *, again: bool = False, held_until: datetime | None = None
) -> Redemption:
    """One use for the order: made, or held for it. Raises CouponRefused, or IntegrityError.

    IntegrityError: the order has it already, or another coupon, beside which it is tried
    ``again``; or somebody took the person's last slot just now.
    """
    taken = _count_use(key)
    leader = lock_leader(order) if again else None
    coupon = find_coupon(key)
    if not taken and let_expired_go(coupon.pk, order.at):
        taken = _count_use(key)
    refuse_order(coupon, order, used_up=not taken)
    buyer = find_buyer(coupon, order)
    redemption = Redemption(
        coupon=coupon,
        order_id=order.id,
        order_key=order.key,
        leads=leads(coupon, order, leader) if again else True,
        person_slot=free_slot(coupon, order),
        state=RedemptionState.HELD if held_until else RedemptionState.REDEEMED,
        held_until=held_until,
        **what_it_was(coupon, order, buyer),
    )
    insert([redemption])
    if not held_until:
        announce(redemption)
    return redemption


def what_it_was(coupon: Coupon, order: Order, buyer: Person | None) -> dict[str, Any]:
    """What a redemption says of its order."""
    return {
        "person": buyer,
        "order_total": order.total or 0,
        "discount": discount_for(coupon, order),
        "currency": order.currency,
        "redeemed_at": order.at,
    }


def announce(redemption: Redemption) -> None:
    """Tell that a use was made: followers now, receivers of the signal after the commit."""
    about = {"order_id": redemption.order_id, "at": redemption.redeemed_at}
    tell_followers("redeemed", redemption.coupon, redemption=redemption, **about)
    transaction.on_commit(
        lambda: coupon_redeemed.send(Redemption, redemption=redemption), robust=True
    )


@functools.cache
def _count_statement(vendor: str) -> str:
    quote = connection.ops.quote_name
    fields: list[Any] = [Coupon._meta.get_field(name) for name in ("uses", "max_uses", "code_key")]
    uses, most, code = (quote(field.column) for field in fields)
    table = quote(Coupon._meta.db_table)
    # Without a limit nothing is counted, but the row is locked: a refund looks at its uses.
    counted = f"CASE WHEN {most} IS NULL THEN {uses} ELSE {uses} + 1 END"
    left = f"({most} IS NULL OR {uses} < {most})"
    return f"UPDATE {table} SET {uses} = {counted} WHERE {code} = %s AND {left}"


def _count_use(key: str) -> int:
    """Count one use, if one is left: 1 or 0. By hand, as Django would write the SQL anew."""
    with connection.cursor() as cursor:
        cursor.execute(_count_statement(connection.vendor), [key])
        return int(cursor.rowcount)


_live = Lookup(
    lambda: Redemption.objects.order_by().select_related("coupon").filter(live=True),
    "coupon__code_key",
    "order_key",
)


def live_redemption(key: str, order_key: str) -> Redemption | None:
    """The use that counts for an order."""
    return _live.first(key, order_key)


def person_slots(coupon: Coupon, buyer_key: str) -> list[str]:
    """As many keys as the coupon allows this person uses; none where there is no limit."""
    return [
        hashlib.sha256(f"{coupon.pk}:{buyer_key}:{number}".encode()).hexdigest()
        for number in range(coupon.max_uses_per_person or 0)
    ]


def free_slot(coupon: Coupon, order: Order) -> str | None:
    """A slot of the buyer's that nobody has; None where there is no limit.

    Raises CouponRefused("limit_reached"). Two who find the same one are told apart by its
    unique key.
    """
    slots = person_slots(coupon, order.buyer_key)
    if not slots:
        return None
    uses = Redemption.objects.filter(person_slot__in=slots)
    free = set(slots) - set(uses.values_list("person_slot", flat=True))
    if not free and let_expired_go(coupon.pk, order.at):
        free = set(slots) - set(uses.values_list("person_slot", flat=True))
    if not free:
        raise CouponRefused("limit_reached")
    return random.choice(sorted(free))  # noqa: S311 - so that two meet less often


def expired_holds(coupon_id: int, at: datetime) -> QuerySet[Redemption]:
    """Uses that are still counted and were held long enough."""
    held = Redemption.objects.filter(state=RedemptionState.HELD, live=True, held_until__lte=at)
    return held.filter(coupon=coupon_id).order_by()


def let_expired_go(coupon_id: int, at: datetime) -> int:
    """Give back what was held long enough, in the caller's transaction; how many."""
    # Asked by everybody who comes too late, so its SQL is kept, too.
    with connection.cursor() as cursor:
        moment = connection.ops.adapt_datetimefield_value(at)
        cursor.execute(_expired_statement(connection.vendor), [coupon_id, moment])
        if cursor.fetchone() is None:
            return 0
    return let_go(coupon_id, expired_holds(coupon_id, at), at)


@functools.cache
def _expired_statement(vendor: str) -> str:
    quote = connection.ops.quote_name
    fields: list[Any] = [Redemption._meta.get_field(name) for name in ("coupon", "held_until")]
    coupon, until = (quote(field.column) for field in fields)
    # Only what is held has a time until when.
    table = quote(Redemption._meta.db_table)
    return f"SELECT 1 FROM {table} WHERE {coupon} = %s AND {until} <= %s LIMIT 1"


def lock_coupon(coupon_id: int) -> None:
    """Make whoever else changes the coupon or its uses wait: first of all, before any other row."""
    Coupon.objects.filter(pk=coupon_id).update(uses=F("uses"))


def let_go(coupon_id: int, holds: QuerySet[Redemption], at: datetime) -> int:
    """Give held uses back, in the caller's transaction; how many there were."""
    lock_coupon(coupon_id)
    gone = holds.update(
        state=RedemptionState.RELEASED,
        live=None,
        person_slot=None,
        held_until=None,
        rolled_back_at=at,
    )
    if gone:
        limited = Coupon.objects.filter(pk=coupon_id, max_uses__isnull=False)
        limited.update(uses=F("uses") - gone)
    return gone


def give_back(key: str, order_key: str, reason: str, at: datetime) -> Coupon | None:
    """Give a use that was made back, in a transaction; its coupon. None: undo the transaction."""
    # Also when it counts none: a use that comes between the two statements would be lost.
    Coupon.objects.filter(code_key=key, max_uses__isnull=False).update(
        uses=Case(When(uses__gt=0, then=F("uses") - 1), default=0)
    )
    # By the coupon's own key: joined to it the UPDATE would be a look followed by a write.
    coupon = by_code_key.first(key)
    live = Redemption.objects.filter(
        coupon=coupon, order_key=order_key, live=True, state=RedemptionState.REDEEMED
    )
    given_back = coupon and live.update(
        state=RedemptionState.ROLLED_BACK,
        live=None,
        person_slot=None,
        rolled_back_at=at,
        rollback_reason=reason,
    )
    return coupon if given_back else None
