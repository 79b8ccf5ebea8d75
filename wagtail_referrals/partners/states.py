"""Where a business stands with us: begun, at rest, taken up again, ended. Its link follows."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone

from ..exceptions import ReferralsError
from ..people.log import PARTNER, note
from ..referrals.links import forget_link
from ..referrals.models import Advocate, AdvocateState
from ..transactions import retried
from .mail import PUBLISHED, STATE, tell
from .models import Partner, PartnerState

NEW = (PartnerState.INVITED, PartnerState.APPLIED)


@retried
def activate(partner: Partner, *, page_url: str = "", user: Any = None) -> bool:
    """It is a partner from now on, and told so once; False when it was before, or is at rest.

    ``page_url`` is the absolute address of its page.
    """
    if not _move(partner, NEW, PartnerState.ACTIVE, user=user):
        return False
    tell(partner, PUBLISHED, about=partner.pk, page_url=page_url)
    return True


@retried
def pause(partner: Partner, *, reason: str = "", user: Any = None, by_itself: bool = False) -> None:
    """Nothing counts for it until it is resumed. Raises ReferralsError("not_possible")."""
    _move_or_refuse(
        partner,
        (PartnerState.ACTIVE,),
        PartnerState.PAUSED,
        reason=reason,
        user=user,
        by_itself=by_itself,
    )


@retried
def resume(
    partner: Partner, *, reason: str = "", user: Any = None, by_itself: bool = False
) -> None:
    """It goes on. Raises ReferralsError("not_possible").

    The partner itself (``by_itself``) can only take up what it paused; we what has ended, too.
    """
    before = (PartnerState.PAUSED,) if by_itself else (PartnerState.PAUSED, PartnerState.ENDED)
    _move_or_refuse(
        partner, before, PartnerState.ACTIVE, reason=reason, user=user, by_itself=by_itself
    )


@retried
def end(partner: Partner, *, reason: str = "", user: Any = None) -> None:
    """It is no partner any more; what it earned stays. Raises ReferralsError("not_possible")."""
    before = tuple(state for state in PartnerState if state != PartnerState.ENDED)
    _move_or_refuse(partner, before, PartnerState.ENDED, reason=reason, user=user)


def _move_or_refuse(
    partner: Partner,
    before: tuple[PartnerState, ...],
    after: PartnerState,
    *,
    reason: str,
    user: Any,
    by_itself: bool = False,
) -> None:
    was_shown = partner.state in (PartnerState.ACTIVE, PartnerState.PAUSED, PartnerState.ENDED)
    if not _move(partner, before, after, reason=reason, user=user, by_itself=by_itself):
        raise ReferralsError("not_possible")
    if was_shown and not by_itself:
        now = timezone.now().timestamp()
        tell(partner, STATE, about=f"{partner.pk}:{after}:{now}", state=str(after))


def _move(
    partner: Partner,
    before: tuple[PartnerState, ...],
    after: PartnerState,
    *,
    reason: str = "",
    user: Any = None,
    by_itself: bool = False,
) -> bool:
    """One conditional UPDATE decides; then the advocate follows, and a line is written."""
    there = Partner.objects.filter(pk=partner.pk, state__in=before)
    if by_itself and after == PartnerState.ACTIVE:
        there = there.filter(paused_by_itself=True)
    paused_by_itself = by_itself and after == PartnerState.PAUSED
    if not there.update(state=after, paused_by_itself=paused_by_itself):
        return False
    partner.state, partner.paused_by_itself = after, paused_by_itself
    _follow(partner)
    data = {"state": str(after), "by_itself": by_itself}
    note(partner, PARTNER, reason=reason or str(after.label), user=user, **data)
    return True


def _follow(partner: Partner) -> None:
    """The advocate is active while the partner is."""
    state = AdvocateState.ACTIVE if partner.is_active else AdvocateState.PAUSED
    Advocate.objects.filter(pk=partner.advocate_id).update(state=state)
    advocate = partner.advocate
    advocate.state = state
    transaction.on_commit(partial(forget_link, advocate), robust=True)


def lead_to_page(partner: Partner, page: Any) -> None:
    """Have its link lead to its page, unless it leads to a live one already."""
    advocate = partner.advocate
    there = advocate.landing_page
    if there is None or (there.pk != page.pk and not there.live):
        Advocate.objects.filter(pk=advocate.pk).update(landing_page=page.pk)
        advocate.landing_page_id = page.pk
    # What the cache knows of the page may be out of date, too.
    transaction.on_commit(partial(forget_link, advocate), robust=True)
