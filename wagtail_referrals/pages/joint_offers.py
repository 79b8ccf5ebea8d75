"""The joint offers of a program's partners that are to be had now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from ..partners.models import JointOffer, PartnerState

MOST = 24


@dataclass(frozen=True)
class ShownOffer:
    """``page`` is the partner's page in the reader's language; None: it has none."""

    offer: JointOffer
    page: Any


def current(at: date | None = None) -> QuerySet[JointOffer]:
    """Offers of active partners that have begun and are not over."""
    today = at or timezone.localdate()
    begun = Q(starts_on=None) | Q(starts_on__lte=today)
    lasts = Q(ends_on=None) | Q(ends_on__gte=today)
    of_active = JointOffer.objects.filter(partner__state=PartnerState.ACTIVE)
    return of_active.filter(begun, lasts).select_related("partner", "offer")


def shown_offers(pages: QuerySet[Any], count: int = MOST) -> list[ShownOffer]:
    """The offers of the partners with these pages; those that end first stand first."""
    of_them = current().filter(partner__in=pages.values("partner"))
    soonest = sorted(of_them[:200], key=lambda offer: (offer.ends_on or date.max, offer.pk))[:count]
    of_page = {
        page.partner_id: page for page in pages.filter(partner__in=[o.partner_id for o in soonest])
    }
    return [ShownOffer(offer, of_page.get(offer.partner_id)) for offer in soonest]
