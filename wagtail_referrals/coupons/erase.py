"""What is kept of a person with coupons."""

from django.db.models import Q

from ..people.erase import Identity
from .models import Coupon, CouponEntry, Redemption


def erase_coupons(identity: Identity) -> None:
    """The uses stay, of nobody; nor does a digest say whose they were."""
    person = identity.person
    own = Redemption.objects.filter(person=person)
    identity.redact_rows(own, "rollback_reason")
    own.update(person_slot=None)
    coupons = Coupon.objects.filter(Q(holder=person) | Q(given_by=person))
    entries = CouponEntry.objects.filter(coupon__in=coupons.order_by().values("pk"))
    identity.redact_rows(entries, "reason")
