"""What looks wrong about a referral: it holds rewards for somebody to look at, it refuses none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from disposable_email_domains import blocklist
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ..conf import setting
from ..people.models import Person
from .models import Advocate, Referral
from .risk_alias import is_alias

# How far up a chain of recommendations is followed.
CHAIN = 4


@dataclass(frozen=True)
class Pair:
    """An advocate and a friend at the moment of the claim."""

    advocate: Advocate
    friend: Person
    visitor: str
    at: datetime


@dataclass(frozen=True)
class Flag:
    """One thing that can look wrong: for staff, who can switch it off for a program."""

    key: str
    label: str | Promise
    explanation: str | Promise
    is_raised: Callable[[Pair], bool]


def _alias(pair: Pair) -> bool:
    person = pair.advocate.person
    return is_alias(person.email, person.name, pair.friend.email)


def _disposable(pair: Pair) -> bool:
    return any(is_disposable(who.email) for who in (pair.friend, pair.advocate.person))


def is_disposable(email: str) -> bool:
    """Whether a mailbox is of a provider that hands out mailboxes to throw away."""
    parts = email.rpartition("@")[2].lower().split(".")
    return any(".".join(parts[start:]) in blocklist for start in range(len(parts) - 1))


def _fast(pair: Pair) -> bool:
    since = pair.at - timedelta(hours=1)
    claims = Referral.objects.filter(advocate=pair.advocate, claimed_at__range=(since, pair.at))
    return claims.count() >= setting("RISK_CLAIMS_PER_HOUR")


def _own_device(pair: Pair) -> bool:
    return bool(pair.visitor) and pair.visitor == pair.advocate.own_visitor


def _shared_device(pair: Pair) -> bool:
    if not pair.visitor:
        return False
    # A visitor hash is one day's: older rows cannot have it.
    claims = Referral.objects.filter(visitor=pair.visitor).exclude(friend=pair.friend)
    return claims.count() >= setting("RISK_CLAIMS_PER_BROWSER")


def _cycle(pair: Pair) -> bool:
    """Whether the friend is one of those by whose recommendations the advocate came."""
    step = "referrer__referrals__"
    above = [f"{step * depth}referrer" for depth in range(CHAIN)]
    came = Referral.objects.filter(friend=pair.advocate.person_id).order_by()
    return any(pair.friend.pk in chain for chain in came.values_list(*above)[:1000])


FLAGS: dict[str, Flag] = {
    flag.key: flag
    for flag in (
        Flag(
            "alias",
            _("addresses alike"),
            _(
                "The friend's address reads like another one of the advocate's: the same name at "
                "another provider, or with other dots, digits or letters."
            ),
            _alias,
        ),
        Flag(
            "disposable",
            _("throw-away address"),
            _("The address is of a provider that hands out mailboxes to be thrown away."),
            _disposable,
        ),
        Flag(
            "own_device",
            _("advocate's own device"),
            _("The offer was claimed in the browser the advocate used that day."),
            _own_device,
        ),
        Flag(
            "shared_device",
            _("one browser, several friends"),
            _("Other friends claimed in the same browser on the same day."),
            _shared_device,
        ),
        Flag(
            "fast",
            _("many claims in an hour"),
            _("The advocate brought unusually many friends within one hour."),
            _fast,
        ),
        Flag(
            "cycle",
            _("a circle of recommendations"),
            _("The friend is one of those through whom the advocate came."),
            _cycle,
        ),
    )
}


def flag_choices() -> list[tuple[str, str | Promise]]:
    """Every flag's key and label, for forms. A function, so that a new one makes no migration."""
    return [(flag.key, flag.label) for flag in FLAGS.values()]


def describe_flags(keys: list[str]) -> list[str]:
    """What is behind the keys, a sentence each; a key that is no more stays as it is."""
    return [str(FLAGS[key].explanation) if key in FLAGS else key for key in keys]


def flags_for(advocate: Advocate, friend: Person, visitor: str, at: datetime) -> list[str]:
    """The keys of what looks wrong about this pair, by at most three look-ups."""
    pair = Pair(advocate, friend, visitor, at)
    return [flag.key for flag in FLAGS.values() if flag.is_raised(pair)]
