"""What a person is told we hold: coupons and their uses."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ..people.export import Part, part
from ..people.models import Person
from .models import Coupon, CouponEntry, Redemption


def export_coupons(person: Person) -> Iterable[Part]:
    """Theirs, those they could hand on, and what they used on their orders."""
    own = Coupon.objects.filter(Q(holder=person) | Q(given_by=person))
    yield part(
        "coupons",
        _("Your coupons, and those to hand on"),
        own,
        (
            *("program__name", "code_key", "kind", "amount", "currency", "state"),
            *("valid_from", "expires_at", "uses", "max_uses", "created_at"),
        ),
    )
    yield part(
        "redemptions",
        _("Coupons you used"),
        Redemption.objects.filter(person=person),
        (
            "coupon__code_key",
            "order_id",
            "order_total",
            "discount",
            "currency",
            "state",
            "redeemed_at",
        ),
    )
    yield part(
        "coupon_entries",
        _("What was done to your coupons"),
        CouponEntry.objects.filter(coupon__in=own.order_by().values("pk")),
        ("coupon__code_key", "kind", "until", "created_at"),
    )
