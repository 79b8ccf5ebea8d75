"""What a partner's own link gives and where it leads; what we did for a partner."""

from __future__ import annotations

import datetime
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext

from ..people.log import FAVOUR, note
from ..programs.models import Offer, Program
from ..referrals.links import forget_link
from ..referrals.models import Advocate
from ..text import clean_reason
from ..transactions import retried
from .models import Partner


def check_currency(offer: Offer | None, program: Program) -> None:
    """Raises ValidationError for an offer of money in another currency than the program's."""
    if offer and offer.currency and offer.currency != program.currency:
        words = gettext("This offer is in %(offer)s, the program in %(program)s.")
        raise ValidationError(words % {"offer": offer.currency, "program": program.currency})


def partner_advocates(program_id: int) -> list[int]:
    """A program's partners as advocates, by key: what is put to the test is not theirs."""
    partners = Partner.objects.filter(program=program_id).order_by()
    return list(partners.values_list("advocate_id", flat=True))


@retried
def set_own_offer(partner: Partner, *, offer: Offer | None, landing_page: Any) -> None:
    """What friends get by its link, and the page it leads to; None: as in the program."""
    check_currency(offer, partner.program)
    advocate = partner.advocate
    page_id = landing_page.pk if landing_page else None
    Advocate.objects.filter(pk=advocate.pk).update(friend_offer=offer, landing_page=page_id)
    advocate.friend_offer, advocate.landing_page_id = offer, page_id
    transaction.on_commit(partial(forget_link, advocate), robust=True)


@retried
def note_favour(partner: Partner, *, on: datetime.date, words: str, user: Any = None) -> None:
    """We did something for them on a day; the latest day counts. Raises InvalidInput."""
    words = clean_reason(words)
    older = Q(last_favour_on=None) | Q(last_favour_on__lt=on)
    if Partner.objects.filter(older, pk=partner.pk).update(last_favour_on=on):
        partner.last_favour_on = on
    note(partner, FAVOUR, reason=words, user=user, day=on.isoformat())
