"""Made-up rows for previews. Nothing here is stored."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext

from ..coupons.models import Coupon
from ..people.models import Person
from ..programs.models import Program
from ..programs.offers import copy_terms
from ..referrals.models import Advocate

CODE = "7K2MQ4XW9T3C"


def advocate(program: Program | None) -> Advocate:
    """Somebody who recommends."""
    return Advocate(program=program, person=Person(name=gettext("Ann Example")), code_key=CODE[:8])


def coupon(program: Program | None) -> Coupon | None:
    """What a friend would get, if the program has an offer for them."""
    offer = program.friend_offer if program else None
    if offer is None:
        return None
    expires_at = timezone.now() + timedelta(days=offer.valid_days) if offer.valid_days else None
    return Coupon(code_key=CODE, expires_at=expires_at, **copy_terms(offer))
