"""A friend claims the offer on the landing page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from ..coupons.models import Coupon
from ..exceptions import ClaimRefused
from ..late import tell_late
from ..people.consent import new_consent, note_consents
from ..people.models import Consent, Person
from ..people.register import find_or_add_person
from ..programs.models import Offer, current_terms
from ..referrals.models import Advocate, Click, Referral, Source
from ..referrals.promised import for_friends, promise_to_friend
from ..referrals.refer import refer, refuse_self_referral, renew, times_of
from ..rewards.facts import Facts
from ..rewards.models import Reward
from ..rewards.rule_models import Beneficiary
from ..signals import referral_claimed
from ..transactions import retried
from .report import clean_report
from .store import find_event, follow_up, store_event

KIND = "referral.claimed"


@dataclass(frozen=True)
class ClaimResult:
    """The referral and its coupon (None when no rule grants one); ``created`` once."""

    referral: Referral
    coupon: Coupon | None
    created: bool


# Rooms below that have to follow a claim register here: fn(referral, at).
_followers: list[Callable[[Referral, datetime], None]] = []


def follow_claims(follower: Callable[[Referral, datetime], None]) -> None:
    """Have ``follower`` called in the transaction of every new claim."""
    if follower not in _followers:
        _followers.append(follower)


@retried
def claim_offer(
    advocate: Advocate,
    *,
    email: str,
    visitor: str = "",
    user_id: int | None = None,
    locale: str = "",
    place: str = "",
    page: Any = None,
    promised: int | None = None,
    at: datetime | None = None,
) -> ClaimResult:
    """Make the friend's referral and coupon; the same friend and advocate again change nothing.

    ``visitor`` is the visitor hash of the friend's browser: today's click of it gives the
    referral its time and channel. ``user_id`` is the account that is signed in, if any.
    ``promised`` is the key of the offer that the friend was shown: they get it, also when
    another one stands there by now. ``page`` is where it is claimed.
    Raises InvalidInput("invalid_email"), or ClaimRefused with one of closed, full,
    self_referral, already_customer, already_referred.
    """
    at = at or timezone.now()
    program = advocate.program
    if not program.is_open(at):
        raise ClaimRefused("closed")
    friend = find_or_add_person(email, locale=locale, at=at)
    refuse_self_referral(advocate, friend, user_id)
    known = Referral.objects.filter(program=program, friend=friend).first()
    claimed = bool(known and known.events.filter(kind=KIND).exists())
    if known and claimed and known.advocate_id == advocate.pk:
        renew(known, advocate, at)
        return ClaimResult(known, coupon_of(known), False)
    if friend.customer_since:
        raise ClaimRefused("already_customer")
    if program.full_since:
        raise ClaimRefused("full")
    return _claim(advocate, friend, visitor, place, page, _promised(advocate, promised), at)


def _promised(advocate: Advocate, shown: int | None) -> Offer | None:
    """What the friend was shown, or else what friends of the advocate get."""
    return shown_offer(for_friends(advocate), shown)


def shown_offer(now: Offer | None, shown: int | None) -> Offer | None:
    """The offer that somebody was shown, by its key; without one, or where it is gone, ``now``."""
    if shown is None or (now and now.pk == shown):
        return now
    return Offer.objects.filter(pk=shown).first() or now


def _claim(
    advocate: Advocate,
    friend: Person,
    visitor: str,
    place: str,
    page: Any,
    offer: Offer | None,
    at: datetime,
) -> ClaimResult:
    program = advocate.program
    terms = current_terms(program) if program.terms else None
    click = Click.objects.filter(advocate=advocate, visitor=visitor).first() if visitor else None
    referral = refer(
        advocate,
        friend,
        source=Source.LINK,
        at=at,
        terms=terms,
        clicked_at=click.occurred_at if click else None,
        channel=click.channel if click else "",
        visitor=visitor,
        offer=offer,
        page_id=page.pk if page else None,
    )
    if referral.advocate_id != advocate.pk:
        raise ClaimRefused("already_referred")
    if offer and referral.offer_id != offer.pk:
        # A referral there was before, by a code at the till: what the page says now, holds.
        tell_late(times_of(referral))
        promised = promise_to_friend(offer)
        Referral.objects.filter(pk=referral.pk).update(**promised)
        referral.offer, referral.offer_terms = offer, promised["offer_terms"]
    report = clean_report(
        kind=KIND, external_id=f"referral-{referral.pk}", email=friend.email, occurred_at=at
    )
    if find_event(program, KIND, report.source_key):
        return ClaimResult(referral, coupon_of(referral), False)
    if terms:
        note_consents([new_consent(friend, Consent.Kind.TERMS, terms.body, place=place, at=at)])
    event = store_event(program, report, at=at, person=friend, referral=referral)
    result = follow_up(event, Facts(event, program, advocate, referral))
    for follower in _followers:
        follower(referral, at)
    transaction.on_commit(lambda: referral_claimed.send(Referral, referral=referral), robust=True)
    coupons = [
        reward.coupon for reward in result.rewards if reward.beneficiary == Beneficiary.FRIEND
    ]
    return ClaimResult(referral, coupons[0] if coupons else None, True)


def coupon_of(referral: Referral) -> Coupon | None:
    """The coupon the friend got for claiming."""
    rewards = Reward.objects.select_related("coupon")
    reward = rewards.filter(
        referral=referral, beneficiary=Beneficiary.FRIEND, event__kind=KIND
    ).first()
    return reward.coupon if reward else None
