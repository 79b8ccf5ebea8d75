"""What kind of advocate somebody is, as staff see it and rules may ask."""

from __future__ import annotations

from typing import Any

from ..exceptions import ReferralsError
from ..people.log import TIER, note
from ..text import clean_line, clean_reason
from ..transactions import retried
from .models import Advocate


@retried
def set_tier(advocate: Advocate, tier: str, *, reason: str, user: Any = None) -> None:
    """Set an advocate's tier, one line of at most 40 characters; "" for none.

    Raises InvalidInput("invalid_reason"), or ReferralsError("not_possible") when it is so already.
    """
    reason, tier = clean_reason(reason), clean_line(tier, 40)
    if not Advocate.objects.filter(pk=advocate.pk).exclude(tier=tier).update(tier=tier):
        raise ReferralsError("not_possible")
    note(advocate, TIER, reason=reason, user=user, tier=tier)
    advocate.tier = tier
