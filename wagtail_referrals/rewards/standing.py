"""Where somebody's recommendations and rewards stand, and why not yet, in their own words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy

from ..coupons.codes import display_code
from ..coupons.models import Coupon, CouponState
from ..lookups import Lookup, padded
from ..people.models import Person, first_word
from ..programs.money import format_money
from ..programs.offers import OfferKind
from ..referrals.models import Advocate, Referral, Stage
from .models import Decision, Reward, RewardState
from .rule_models import Beneficiary
from .telling import Telling
from .words import FOR_CUSTOMER, refusal

# SQLite knows no larger number.
LARGEST_KEY = 2**63 - 1
# What a page shows of each at once.
ROWS = 50
# Nobody has so much that was not used yet.
MOST_READY = 1000
# These say something of the rules, not of the friend: another rule may have said more.
_SAYS_LITTLE = frozenset(["exclusive", "not_triggered", "once", "too_early", "too_late"])

FOR_WHAT: dict[str, str | Promise] = {
    Beneficiary.ADVOCATE: pgettext_lazy("a reward", "for your recommendation"),
    Beneficiary.FRIEND: pgettext_lazy("a reward", "because you were recommended to us"),
    Beneficiary.HAND_ON: pgettext_lazy("a reward", "to hand on to a friend"),
}


@dataclass(frozen=True)
class ReferralRow:
    """One friend: where it stands, and why there is nothing yet, or nothing at all."""

    friend: str
    since: str
    stands: str | Promise
    why: str
    reward: str
    is_done: bool


@dataclass(frozen=True)
class RewardRow:
    """One reward and what became of it."""

    headline: str
    since: str
    words: str
    for_what: str | Promise


@dataclass(frozen=True)
class ReadyRow:
    """What can be used now: a coupon of ours, or what was ``given`` instead of one."""

    headline: str
    for_what: str | Promise
    given: str
    coupon: int | None
    code: str
    until: datetime | None


@dataclass(frozen=True)
class Ready:
    """All that can be used, and the store credit in it: one amount for each currency."""

    rows: list[ReadyRow]
    credit: list[str]


# What of a reward says what it is.
_WORTH = ("kind", "amount", "currency", "item", "wording", "balance")
_STATE = ("pk", "referral_id", "beneficiary", "state", "hold_until", "created_at")
_COUPON = tuple(
    f"coupon__{name}"
    for name in ("code_key", "shown", "state", "expires_at", "max_uses", "uses", "pk")
)
_REFERRAL = ("pk", "stage", "claimed_at", "counts_until")
_FRIEND = ("friend__name", "friend__email", "friend__erased_at")

# Plain values, their SQL written once: a model of each row would cost more than all the rest.
_friends: Lookup[Any] = Lookup(
    lambda: Referral.objects.order_by("-claimed_at", "-pk").values_list(
        *_REFERRAL, *_FRIEND, named=True
    ),
    "advocate",
    most=ROWS + 1,
)
_rewards: Lookup[Any] = Lookup(
    lambda: Reward.objects.order_by("-created_at", "-pk").values_list(*_STATE, *_WORTH, named=True),
    "person",
    "program",
    most=ROWS,
)
_issued: Lookup[Any] = Lookup(
    lambda: (
        Reward.objects.filter(state=RewardState.ISSUED)
        .order_by("-created_at", "-pk")
        .values_list(*_STATE, *_WORTH, "given", "expires_at", *_COUPON, named=True)
    ),
    "person",
    "program",
    most=MOST_READY,
)
_rewards_of: Lookup[Any] = Lookup(
    lambda: Reward.objects.order_by("-created_at", "-pk").values_list(*_STATE, *_WORTH, named=True),
    "person",
    "referral__in",
)
_refused: Lookup[Any] = Lookup(
    lambda: (
        Decision.objects.filter(
            event__is_first_purchase=True, beneficiary=Beneficiary.ADVOCATE, granted=False
        )
        .order_by("pk")
        .values_list("event__referral", "reason", "details")
    ),
    "event__referral__in",
)


def latest_rewards(advocate: Advocate) -> list[Any]:
    """The values of what they got last in the program, or may get."""
    return _rewards.all(advocate.person_id, advocate.program_id)


def referral_rows(
    advocate: Advocate, rewards: Sequence[Any], telling: Telling, *, page: int = 1
) -> tuple[list[ReferralRow], bool]:
    """A page of their recommendations, the latest first, and whether there are older ones.

    ``rewards`` are the latest ones. At most three queries however many there are. A friend is a
    first name or an initial.
    """
    found = _friends.all(advocate.pk) if page == 1 else _older(advocate, page)
    shown = found[:ROWS]
    known = _by_referral(rewards)
    bought = [one.pk for one in shown if one.stage == Stage.CONVERTED and one.pk not in known]
    known |= _rewards_for(advocate, bought)
    refusals = _refusals([pk for pk in bought if pk not in known])
    told = [_referral(one, known.get(one.pk), refusals.get(one.pk), telling) for one in shown]
    return told, len(found) > ROWS


def _older(advocate: Advocate, page: int) -> list[Any]:
    rows = Referral.objects.filter(advocate=advocate).order_by("-claimed_at", "-pk")
    start = (page - 1) * ROWS
    return list(rows.values_list(*_REFERRAL, *_FRIEND, named=True)[start : start + ROWS + 1])


def _by_referral(rewards: Iterable[Any]) -> dict[int, Any]:
    """Of each referral the reward that its advocate got last."""
    found: dict[int, Any] = {}
    for reward in rewards:
        if reward.referral_id and reward.beneficiary == Beneficiary.ADVOCATE:
            found.setdefault(reward.referral_id, reward)
    return found


def _rewards_for(advocate: Advocate, referrals: list[int]) -> dict[int, Any]:
    """Those of friends whose rewards are not among the latest."""
    if not referrals:
        return {}
    return _by_referral(_rewards_of.all(advocate.person_id, padded(referrals, ROWS)))


def _refusals(referrals: list[int]) -> dict[int, str]:
    """Of each why there is nothing: the answer to the first purchase that says the most."""
    if not referrals:
        return {}
    found: dict[int, tuple[str, Any]] = {}
    for pk, reason, details in _refused.all(padded(referrals, ROWS)):
        if pk not in found or found[pk][0] in _SAYS_LITTLE:
            found[pk] = reason, details
    return {pk: refusal(*said, Beneficiary.ADVOCATE) for pk, said in found.items()}


def _referral(referral: Any, reward: Any, why_not: str | None, telling: Telling) -> ReferralRow:
    bought = referral.stage == Stage.CONVERTED
    why = (why_not or "") if bought else _waits(referral, telling)
    return ReferralRow(
        friend=_shown_friend(referral),
        since=telling.day(referral.claimed_at),
        stands=telling.bought if bought else telling.claimed,
        why=telling.became_of(reward) if reward else why,
        reward=telling.worth(reward) if reward else "",
        is_done=bool(reward) and reward.state in (RewardState.ISSUED, RewardState.REDEEMED),
    )


def _waits(referral: Any, telling: Telling) -> str:
    """Why there is nothing for a friend who has not bought."""
    if referral.counts_until <= telling.at:
        return str(FOR_CUSTOMER["outside_window"])
    words = gettext("Has not bought yet. A purchase counts until %(day)s.")
    return words % {"day": telling.day(referral.counts_until)}


def _shown_friend(referral: Any) -> str:
    """The most an advocate is shown of a friend: a first name, or an initial."""
    if referral.friend__erased_at:
        return gettext("Somebody")
    initial = next((char for char in referral.friend__email if char.isalnum()), "")
    by_address = f"{initial.upper()}." if initial else gettext("Somebody")
    return first_word(referral.friend__name) or by_address


def reward_row(reward: Any, telling: Telling) -> RewardRow:
    """A line of the history; ``reward`` is one of ``latest_rewards``."""
    return RewardRow(
        headline=telling.worth(reward),
        since=telling.day(reward.created_at),
        words=telling.became_of(reward),
        for_what=FOR_WHAT.get(reward.beneficiary, ""),
    )


def what_is_ready(advocate: Advocate, telling: Telling) -> Ready:
    """What they can use in the program now; one query."""
    issued = _issued.all(advocate.person_id, advocate.program_id)
    alive = [one for one in issued if one.expires_at is None or one.expires_at > telling.at]
    usable = [
        one for one in alive if one.given or (one.coupon__pk and _can_be_used(one, telling.at))
    ]
    return Ready([_ready(one, telling) for one in usable[:ROWS]], _credit(alive))


def _can_be_used(reward: Any, at: datetime) -> bool:
    """Whether somebody at the till would take its coupon."""
    over = reward.coupon__expires_at is not None and reward.coupon__expires_at <= at
    most = reward.coupon__max_uses
    used = most is not None and reward.coupon__uses >= most
    return reward.coupon__state == CouponState.ACTIVE and not over and not used


def _ready(reward: Any, telling: Telling) -> ReadyRow:
    return ReadyRow(
        headline=telling.worth(reward),
        for_what=FOR_WHAT.get(reward.beneficiary, ""),
        given=reward.given,
        coupon=reward.coupon__pk,
        code=reward.coupon__shown or display_code(reward.coupon__code_key or ""),
        until=reward.coupon__expires_at,
    )


def _credit(rewards: Iterable[Any]) -> list[str]:
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for reward in rewards:
        if reward.kind == OfferKind.STORE_CREDIT:
            sums[reward.currency] += reward.balance
    return [format_money(sums[currency], currency) for currency in sorted(sums) if sums[currency]]


def find_coupon(advocate: Advocate, pk: int) -> Coupon | None:
    """A coupon they got as a reward in the program, to be shown at the till."""
    if pk > LARGEST_KEY:
        return None
    rewards = Reward.objects.filter(person=advocate.person_id, program=advocate.program_id)
    reward = rewards.filter(coupon=pk, state=RewardState.ISSUED).select_related("coupon").first()
    return reward.coupon if reward else None


def has_coupon_coming(event: int | None) -> bool:
    """Whether a coupon to hand on, for this fact, reaches somebody by mail, now or later."""
    states = (RewardState.PENDING, RewardState.HELD, RewardState.APPROVED, RewardState.ISSUED)
    coming = Reward.objects.filter(beneficiary=Beneficiary.HAND_ON, state__in=states)
    return event is not None and coming.filter(event=event).exists()


def what_is_open(person: Person) -> tuple[int, int]:
    """How many rewards still wait for somebody, in all programs, and how many can be used."""
    waiting = (RewardState.PENDING, RewardState.HELD, RewardState.APPROVED)
    rows = Reward.objects.filter(person=person).order_by()
    return rows.filter(state__in=waiting).count(), rows.filter(state=RewardState.ISSUED).count()
