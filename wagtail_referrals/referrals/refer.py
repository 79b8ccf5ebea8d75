"""Making, crediting and repairing a referral."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext

from ..exceptions import ClaimRefused
from ..people.models import Person
from ..programs.models import AttributionModel
from ..text import clean_reason
from ..transactions import retried
from .models import Advocate, AttributionChange, Grade, Referral, Stage


def refuse_self_referral(advocate: Advocate, friend: Person, user_id: int | None = None) -> None:
    """Raise ClaimRefused("self_referral") when both are one, or each brought the other.

    One: the same person or the same user account.
    """
    users = {user for user in (friend.user_id, user_id) if user}
    if advocate.person_id == friend.pk or advocate.person.user_id in users:
        raise ClaimRefused("self_referral")
    if Referral.objects.filter(friend=advocate.person_id, referrer=friend.pk).exists():
        raise ClaimRefused("self_referral")


def refer(
    advocate: Advocate,
    friend: Person,
    *,
    source: str,
    at: datetime | None = None,
    **details: Any,
) -> Referral:
    """The friend's referral, made when there is none; an older one wins or gives way by model.

    ``details`` are other fields of Referral (channel, clicked_at, terms). Call it inside
    ``retried``: two advocates at once are settled by the unique key (program, friend).
    Raises ClaimRefused("self_referral").
    """
    refuse_self_referral(advocate, friend)
    at = at or timezone.now()
    began = details.get("clicked_at") or at
    counts_until = began + timedelta(days=advocate.program.attribution_window_days)
    referral = _referral_of(advocate, friend)
    if referral is None:
        return Referral.objects.create(
            program=advocate.program,
            advocate=advocate,
            referrer=advocate.person,
            friend=friend,
            source=source,
            claimed_at=at,
            counts_until=counts_until,
            **details,
        )
    if referral.advocate_id == advocate.pk:
        renew(referral, advocate, at)
    elif _gives_way(referral, advocate, at):
        values = {"source": source, "claimed_at": at, "counts_until": counts_until, **details}
        _credit(
            referral,
            advocate,
            reason=gettext("The last recommendation counts"),
            at=at,
            values=values,
        )
    return referral


def renew(referral: Referral, advocate: Advocate, at: datetime) -> None:
    """Begin the window anew when the same advocate recommends again after its end."""
    counts_until = at + timedelta(days=advocate.program.attribution_window_days)
    over = Referral.objects.filter(pk=referral.pk, stage=Stage.CLAIMED, counts_until__lte=at)
    if over.update(claimed_at=at, counts_until=counts_until):
        referral.claimed_at, referral.counts_until = at, counts_until


def _referral_of(advocate: Advocate, friend: Person) -> Referral | None:
    referrals = Referral.objects.select_related("advocate__person", "friend")
    return referrals.filter(program=advocate.program, friend=friend).first()


def _gives_way(referral: Referral, advocate: Advocate, at: datetime) -> bool:
    """Whether a newer recommendation takes the place of this one."""
    if referral.stage != Stage.CLAIMED:
        return False
    last_counts = advocate.program.attribution_model == AttributionModel.LAST
    return last_counts or at >= referral.counts_until


def _credit(
    referral: Referral,
    advocate: Advocate,
    *,
    reason: str,
    at: datetime,
    changed_by: Any = None,
    values: dict[str, Any] | None = None,
) -> bool:
    """Credit another advocate, once; False when somebody else changed it first."""
    unchanged = Referral.objects.filter(pk=referral.pk, advocate=referral.advocate)
    values = {**(values or {}), "advocate": advocate, "referrer": advocate.person}
    if not unchanged.update(**values):
        return False
    AttributionChange.objects.create(
        referral=referral,
        from_advocate=referral.advocate,
        to_advocate=advocate,
        reason=reason,
        changed_by=changed_by,
        changed_at=at,
    )
    for name, value in values.items():
        setattr(referral, name, value)
    return True


def convert(referral: Referral, at: datetime) -> bool:
    """Note the friend's first purchase. False when it was noted before."""
    claimed = Referral.objects.filter(pk=referral.pk, stage=Stage.CLAIMED)
    changes = {"stage": Stage.CONVERTED, "grade": Grade.A, "converted_at": at}
    if not claimed.update(**changes):
        return False
    for name, value in changes.items():
        setattr(referral, name, value)
    return True


def unconvert(referral: Referral) -> None:
    """The friend sent everything back: the next purchase is the first one again."""
    converted = Referral.objects.filter(pk=referral.pk, stage=Stage.CONVERTED)
    converted.update(stage=Stage.CLAIMED, grade=Grade.C, converted_at=None)


# Rooms below that have to follow a repair register here: fn(referral, old_advocate, user, reason).
_followers: list[Callable[[Referral, Advocate, Any, str], None]] = []


def follow_repairs(follower: Callable[[Referral, Advocate, Any, str], None]) -> None:
    """Have ``follower`` called in the transaction of every repair."""
    if follower not in _followers:
        _followers.append(follower)


@retried
def repair_attribution(
    referral: Referral, advocate: Advocate, *, reason: str, changed_by: Any = None
) -> Referral:
    """Credit another advocate, by staff and with a reason; open rewards follow.

    Raises InvalidInput("invalid_reason"), ClaimRefused("self_referral") or
    ClaimRefused("not_possible") for an advocate of another program or when nothing changes.
    """
    reason = clean_reason(reason)
    related = Referral.objects.select_related("advocate__person", "friend")
    referral = related.get(pk=referral.pk)
    refuse_self_referral(advocate, referral.friend)
    same = advocate.pk == referral.advocate_id
    if same or advocate.program_id != referral.program_id:
        raise ClaimRefused("not_possible")
    old = referral.advocate
    at = timezone.now()
    if not _credit(referral, advocate, reason=reason, at=at, changed_by=changed_by):
        raise ClaimRefused("not_possible")
    for follower in _followers:
        follower(referral, old, changed_by, reason)
    return referral
