"""Making, crediting and repairing a referral."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import F, Value
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext

from ..exceptions import ClaimRefused
from ..late import tell_late
from ..people.models import Person
from ..programs.models import AttributionModel
from ..text import clean_reason
from ..transactions import retried
from .models import Advocate, AttributionChange, Grade, Referral, Stage
from .promised import for_friends, promise_to_advocate, promise_to_friend
from .risk import flags_for

# Of these it is a qualified lead.
QUALIFIED = (Grade.B, Grade.A)


def refuse_self_referral(advocate: Advocate, friend: Person, user_id: int | None = None) -> None:
    """Raise ClaimRefused("self_referral") when both are one, or each brought the other.

    One: the same person or the same user account. Raises ClaimRefused("blocked") when one of
    them is on the block list.
    """
    if friend.blocked_at or advocate.person.blocked_at:
        raise ClaimRefused("blocked")
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
    known: Referral | None = None,
    **details: Any,
) -> Referral:
    """The friend's referral, made when there is none; an older one wins or gives way by model.

    ``details`` are other fields of Referral (channel, clicked_at, terms, page; without ``offer`` it
    is the advocate's, or the program's). What the advocate is promised for the friend is noted.
    Call it inside ``retried``: two advocates at once are settled by the unique key (program,
    friend). ``known`` is the friend's referral where the caller has read it. Raises ClaimRefused:
    blocked, self_referral.
    """
    at = at or timezone.now()
    if known and known.advocate_id == advocate.pk and not friend.blocked_at:
        renew(known, advocate, at)
        return known
    refuse_self_referral(advocate, friend)
    began = details.get("clicked_at") or at
    counts_until = began + timedelta(days=advocate.program.attribution_window_days)
    details = {**details, **_promised(advocate, at, details)}
    referral = _referral_of(advocate, friend)
    if referral is None:
        tell_late([at])
        return Referral.objects.create(
            program=advocate.program,
            advocate=advocate,
            referrer=advocate.person,
            friend=friend,
            source=source,
            claimed_at=at,
            counts_until=counts_until,
            flags=flags_for(advocate, friend, details.get("visitor", ""), at),
            **details,
        )
    if referral.advocate_id == advocate.pk:
        renew(referral, advocate, at)
    elif _gives_way(referral, advocate, at):
        flags = flags_for(advocate, friend, details.get("visitor", ""), at)
        values = {
            "source": source,
            "claimed_at": at,
            "counts_until": counts_until,
            "flags": flags,
            **details,
        }
        _credit(
            referral,
            advocate,
            reason=gettext("The last recommendation counts"),
            at=at,
            values=values,
        )
    return referral


def _promised(advocate: Advocate, at: datetime, details: dict[str, Any]) -> dict[str, Any]:
    """What a new recommendation has besides what is said of it."""
    offer = details["offer"] if "offer" in details else for_friends(advocate)
    found = {**promise_to_friend(offer), **promise_to_advocate(advocate)}
    if "grade" in details:
        found["qualified_at"] = at if details["grade"] in QUALIFIED else None
    return found


def wait_for_turn(advocate: Advocate) -> None:
    """Make whoever else counts for the advocate wait: call it before a referral that is counted.

    On MariaDB a new referral holds its advocate's row: of two that then count, one must give up.
    """
    Advocate.objects.filter(pk=advocate.pk).update(friends_converted=F("friends_converted"))


def renew(referral: Referral, advocate: Advocate, at: datetime) -> None:
    """Begin the window anew when the same advocate recommends again after its end.

    They get for it what they are promised by then; the friend has what they were promised.
    """
    if at < referral.counts_until:
        return
    counts_until = at + timedelta(days=advocate.program.attribution_window_days)
    over = Referral.objects.filter(pk=referral.pk, stage=Stage.CLAIMED, counts_until__lte=at)
    values = {"claimed_at": at, "counts_until": counts_until, **promise_to_advocate(advocate)}
    if over.update(**values):
        tell_late([referral.claimed_at, at])
        for name, value in values.items():
            setattr(referral, name, value)


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
    tell_late([*times_of(referral), values.get("claimed_at")])
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


def times_of(referral: Referral) -> set[datetime | None]:
    """When something happened that counts with the referral's advocate, source and channel."""
    times = {referral.claimed_at, referral.qualified_at, referral.converted_at}
    times |= set(referral.events.values_list("occurred_at", flat=True))
    rewards = referral.rewards.order_by()
    return times.union(*rewards.values_list("entries__created_at", "payout__paid_at"))


def convert(referral: Referral, at: datetime) -> bool:
    """Note the friend's first purchase. False when it was noted before."""
    claimed = Referral.objects.filter(pk=referral.pk, stage=Stage.CLAIMED)
    changes: dict[str, Any] = {"stage": Stage.CONVERTED, "grade": Grade.A, "converted_at": at}
    if not claimed.update(**changes, qualified_at=Coalesce("qualified_at", Value(at))):
        return False
    changes["qualified_at"] = referral.qualified_at or at
    # As a lead, too: it may have been a mere name.
    tell_late([at, referral.claimed_at])
    for name, value in changes.items():
        setattr(referral, name, value)
    return True


def unconvert(referral: Referral) -> bool:
    """The friend sent everything back: the next purchase is the first one again."""
    converted = Referral.objects.filter(pk=referral.pk, stage=Stage.CONVERTED)
    back = {"stage": Stage.CLAIMED, "grade": Grade.C, "converted_at": None, "qualified_at": None}
    tell_late([referral.converted_at, referral.qualified_at])
    return bool(converted.update(**back))


def count_purchase(advocate: Advocate, *, friends: int, value: Decimal) -> None:
    """Add what a friend bought (or, below zero, sent back) to the advocate's counts.

    Whoever counts for the same advocate at the same time waits: each friend has a number.
    """
    old = {"friends_converted": advocate.friends_converted, "friends_value": advocate.friends_value}
    new = {
        "friends_converted": max(advocate.friends_converted + friends, 0),
        "friends_value": advocate.friends_value + value,
    }
    row = Advocate.objects.filter(pk=advocate.pk)
    if not row.filter(**old).update(**new):
        # Somebody counted since the row was read: wait for them, then read it anew.
        row.update(friends_converted=F("friends_converted"))
        advocate.refresh_from_db(fields=list(old))
        count_purchase(advocate, friends=friends, value=value)
        return
    for name, counted in new.items():
        setattr(advocate, name, counted)


def set_grade(referral: Referral, grade: str, at: datetime | None = None) -> bool:
    """Note how far a recommendation has come; False when it is of that grade or better."""
    at = at or timezone.now()
    worse = Referral.objects.filter(pk=referral.pk, grade__gt=grade)
    if not worse.update(grade=grade):
        return False
    tell_late([referral.claimed_at, at])
    referral.grade = grade
    if grade in QUALIFIED and referral.qualified_at is None:
        Referral.objects.filter(pk=referral.pk, qualified_at=None).update(qualified_at=at)
        referral.qualified_at = at
    return True


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

    What the friend brings them is what was promised for the friend, as with open rewards.
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
    values = {"flags": flags_for(advocate, referral.friend, referral.visitor, at)}
    if not _credit(referral, advocate, reason=reason, at=at, changed_by=changed_by, values=values):
        raise ClaimRefused("not_possible")
    for follower in _followers:
        follower(referral, old, changed_by, reason)
    return referral
