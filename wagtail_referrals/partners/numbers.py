"""What has come of a partner's link."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q

from ..referrals.models import Click, Referral, Stage
from .models import Partner


@dataclass(frozen=True)
class Numbers:
    """Openings of the link, one a visitor and day; people who came by it; those who bought."""

    clicks: int
    leads: int
    customers: int


def numbers_of(partner: Partner) -> Numbers:
    """The same that we see."""
    clicks = Click.objects.filter(advocate=partner.advocate_id).count()
    bought = Count("pk", filter=Q(stage=Stage.CONVERTED))
    came = Referral.objects.filter(advocate=partner.advocate_id).order_by()
    counted = came.aggregate(leads=Count("pk"), customers=bought)
    return Numbers(clicks, **counted)
