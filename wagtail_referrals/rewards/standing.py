"""Where somebody's recommendations and rewards stand, and why not yet, in their own words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Case, IntegerField, Q, Sum, When
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, pgettext

from ..coupons.models import Coupon, CouponState
from ..people.models import Person
from ..programs.money import CENT, format_money
from ..programs.offers import MONEY_KINDS, OfferKind
from ..referrals.models import Advocate, Referral, Stage
from .models import Decision, Reward, RewardState
from .rule_models import Beneficiary
from .words import FOR_CUSTOMER, for_customer

# SQLite knows no larger number.
LARGEST_KEY = 2**63 - 1
# What a page shows of each at once.
ROWS = 50
# These say something of the rules, not of the friend: another rule may have said more.
_SAYS_LITTLE = frozenset(["exclusive", "not_triggered", "once", "too_early", "too_late"])


@dataclass(frozen=True)
class ReferralRow:
    """One friend: where it stands, and why there is nothing yet, or nothing at all."""

    friend: str
    since: datetime
    stands: str
    why: str
    reward: str
    is_done: bool


@dataclass(frozen=True)
class RewardRow:
    """One reward; ``coupon`` while it can be used, ``given`` what was handed over instead."""

    headline: str
    since: datetime
    words: str
    for_what: str
    given: str
    coupon: Coupon | None


def referral_rows(
    advocate: Advocate, *, page: int = 1, at: datetime | None = None
) -> tuple[list[ReferralRow], bool]:
    """A page of their recommendations, the latest first, and whether there are older ones.

    Three queries however many there are. A friend is a first name or an initial.
    """
    at = at or timezone.now()
    rows = Referral.objects.filter(advocate=advocate).select_related("friend")
    start = (page - 1) * ROWS
    found = list(rows.order_by("-claimed_at", "-pk")[start : start + ROWS + 1])
    shown = found[:ROWS]
    rewards = _rewards_for(advocate, shown)
    bought = [one for one in shown if one.stage == Stage.CONVERTED and one.pk not in rewards]
    refusals = _refusals(bought)
    told = [_referral(one, rewards.get(one.pk), refusals.get(one.pk), at) for one in shown]
    return told, len(found) > ROWS


def _rewards_for(advocate: Advocate, referrals: Sequence[Referral]) -> dict[int, Reward]:
    """Of each referral the reward its advocate got last."""
    rewards = Reward.objects.filter(
        referral__in=[one.pk for one in referrals],
        person=advocate.person_id,
        beneficiary=Beneficiary.ADVOCATE,
    )
    return {reward.referral_id: reward for reward in rewards.order_by("pk") if reward.referral_id}


def _refusals(referrals: Sequence[Referral]) -> dict[int, Decision]:
    """Of each the answer to the friend's first purchase that says the most."""
    if not referrals:
        return {}
    asked = Decision.objects.filter(
        event__referral__in=[one.pk for one in referrals],
        event__is_first_purchase=True,
        beneficiary=Beneficiary.ADVOCATE,
        granted=False,
    )
    found: dict[int, Decision] = {}
    for decision in asked.select_related("event").order_by("pk"):
        known = found.get(decision.event.referral_id or 0)
        if known is None or known.reason in _SAYS_LITTLE:
            found[decision.event.referral_id or 0] = decision
    return found


def _referral(
    referral: Referral, reward: Reward | None, refusal: Decision | None, at: datetime
) -> ReferralRow:
    bought = referral.stage == Stage.CONVERTED
    if reward:
        why = reward_words(reward, at)
    elif bought:
        why = for_customer(refusal) if refusal else ""
    else:
        why = _waits(referral, at)
    return ReferralRow(
        friend=shown_friend(referral.friend),
        since=referral.claimed_at,
        stands=gettext("has bought") if bought else gettext("has your recommendation"),
        why=why,
        reward=reward.headline if reward else "",
        is_done=bool(reward and reward.state in (RewardState.ISSUED, RewardState.REDEEMED)),
    )


def _waits(referral: Referral, at: datetime) -> str:
    """Why there is nothing for a friend who has not bought."""
    if referral.counts_until <= at:
        return str(FOR_CUSTOMER["outside_window"])
    words = gettext("Has not bought yet. A purchase counts until %(day)s.")
    return words % {"day": _day(referral.counts_until)}


def shown_friend(friend: Person) -> str:
    """The most an advocate is shown of a friend: a first name, or an initial."""
    if friend.erased_at:
        return gettext("Somebody")
    initial = next((char for char in friend.email if char.isalnum()), "")
    return friend.first_name or (f"{initial.upper()}." if initial else gettext("Somebody"))


def reward_words(reward: Reward, at: datetime) -> str:
    """What became of a reward, or what it waits for. Nothing about checks, or other people."""
    if reward.state == RewardState.PENDING:
        if reward.hold_until <= at:
            return gettext("It is set aside for you. You get it soon.")
        words = gettext("It is set aside for you until %(day)s, in case something is returned.")
        return words % {"day": _day(reward.hold_until)}
    words_of_state = {
        RewardState.HELD: gettext("It waits for approval: one of us looks at it first."),
        RewardState.APPROVED: gettext("It is approved. You get it soon."),
        RewardState.ISSUED: gettext("You have it."),
        RewardState.REDEEMED: gettext("You have it, and have used it."),
        RewardState.EXPIRED: gettext("It was not used in time."),
        RewardState.VOIDED: gettext("It was not given in the end."),
        RewardState.CLAWED_BACK: gettext("It was taken back: what it was for was undone."),
    }
    return words_of_state[RewardState(reward.state)]


def reward_rows(advocate: Advocate, *, at: datetime | None = None) -> list[RewardRow]:
    """What they got or may get in the program, what can be used first; one query."""
    at = at or timezone.now()
    rows = Reward.objects.filter(person=advocate.person_id, program=advocate.program_id)
    first = Case(When(state=RewardState.ISSUED, then=0), default=1, output_field=IntegerField())
    rows = rows.select_related("coupon").order_by(first, "-created_at", "-pk")
    return [_reward(reward, at) for reward in rows[:ROWS]]


def _reward(reward: Reward, at: datetime) -> RewardRow:
    issued = reward.state == RewardState.ISSUED
    coupon = reward.coupon if issued and reward.coupon and can_be_used(reward.coupon, at) else None
    return RewardRow(
        headline=worth_now(reward),
        since=reward.created_at,
        words=reward_words(reward, at),
        for_what=_for_what(reward),
        given=reward.given if issued else "",
        coupon=coupon,
    )


def _for_what(reward: Reward) -> str:
    words = {
        Beneficiary.ADVOCATE: pgettext("a reward", "for your recommendation"),
        Beneficiary.FRIEND: pgettext("a reward", "because you were recommended to us"),
        Beneficiary.HAND_ON: pgettext("a reward", "to hand on to a friend"),
    }
    return words.get(Beneficiary(reward.beneficiary), "")


def worth_now(reward: Reward) -> str:
    """What it is, with what is left of its amount where some was taken back."""
    if reward.kind in MONEY_KINDS and reward.amount and reward.balance != reward.amount:
        return f"{reward.headline} ({format_money(reward.balance, reward.currency)})"
    return reward.headline


def can_be_used(coupon: Coupon, at: datetime) -> bool:
    """Whether somebody at the till would take it."""
    over = coupon.expires_at is not None and coupon.expires_at <= at
    used = coupon.max_uses is not None and coupon.uses >= coupon.max_uses
    return coupon.state == CouponState.ACTIVE and not over and not used


def find_coupon(advocate: Advocate, pk: int) -> Coupon | None:
    """A coupon they got as a reward in the program, to be shown at the till."""
    rewards = Reward.objects.filter(person=advocate.person_id, program=advocate.program_id)
    if pk > LARGEST_KEY:
        return None
    reward = rewards.filter(coupon=pk, state=RewardState.ISSUED).select_related("coupon").first()
    return reward.coupon if reward else None


def store_credit(person: Person, program: int) -> list[str]:
    """What they have in store credit that was not used, one amount for each currency."""
    issued = Reward.objects.filter(
        person=person, program=program, kind=OfferKind.STORE_CREDIT, state=RewardState.ISSUED
    )
    alive = issued.filter(Q(expires_at=None) | Q(expires_at__gt=timezone.now()))
    sums = alive.order_by().values_list("currency").annotate(sum=Sum("balance"))
    # SQLite reckons in floating point.
    exact = [(currency, Decimal(sum or 0).quantize(CENT)) for currency, sum in sums]
    return [format_money(amount, currency) for currency, amount in sorted(exact) if amount]


def what_is_open(person: Person) -> tuple[int, int]:
    """How many rewards still wait for somebody, in all programs, and how many can be used."""
    waiting = (RewardState.PENDING, RewardState.HELD, RewardState.APPROVED)
    rows = Reward.objects.filter(person=person).order_by()
    return rows.filter(state__in=waiting).count(), rows.filter(state=RewardState.ISSUED).count()


def _day(at: datetime) -> str:
    return date_format(timezone.localtime(at), "DATE_FORMAT")
