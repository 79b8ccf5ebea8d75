"""Thanking by itself: what an advocate hears of a friend who came.

One mail for each person and fact at most. Where a reward is told of, that mail is the thanks;
where one is looked at first, ``friend_bought`` says so; where there is none, a note says thank you.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import timedelta

from django.utils import timezone

from ..messages.models import Message
from ..messages.queue import new_message
from ..referrals.models import Advocate, AdvocateState
from ..referrals.own_link import own_page_url
from .facts import Facts
from .models import Reward
from .triggers import CLAIMED, PURCHASE

# There are so many thank-you notes: thank_you_1 …
NOTES = 4
# What happened longer ago is no news.
NEWS = timedelta(days=7)
# What names a friend by the first name.
FRIEND_MAILS = (
    *("friend_claimed", "friend_bought", *(f"thank_you_{n + 1}" for n in range(NOTES))),
    *("reward_pending", "reward_issued", "reward_approved", "reward_refused"),
)


def moment_mails(facts: Facts, rewards: Iterable[Reward], told: Iterable[Message]) -> list[Message]:
    """The mail to the advocate about what a friend just did; none beside another one to them.

    ``rewards`` are what was granted, ``told`` the mails about them. Of several friends on one day
    the first is told of: the key is the day's. Asks the database nothing.
    """
    advocate = facts.advocate
    if advocate is None or facts.referral is None or not _is_told(advocate, facts):
        return []
    if any(message.person_id == advocate.person_id for message in told):
        return []
    kind = _kind(facts, advocate, rewards)
    return [_mail(kind, advocate, facts)] if kind else []


def _is_told(advocate: Advocate, facts: Facts) -> bool:
    """Whether they want to know: partners see on their own page who came."""
    person, event = advocate.person, facts.event
    if advocate.state != AdvocateState.ACTIVE or not person.email or person.blocked_at:
        return False
    if advocate.landing_page_id or facts.program.audience == "partners":
        return False
    return bool(event.occurred_at >= event.recorded_at - NEWS)


def _kind(facts: Facts, advocate: Advocate, rewards: Iterable[Reward]) -> str:
    if facts.event.kind == CLAIMED:
        return "friend_claimed"
    if facts.event.kind != PURCHASE or not facts.event.is_first_purchase:
        return ""
    # It is held for review, or there is nothing to give at the moment.
    if any(reward.person_id == advocate.person_id for reward in rewards):
        return "friend_bought"
    return note_for(_about(advocate, facts))


def note_for(seed: str) -> str:
    """One of the thank-you notes, always the same for the same seed."""
    digest = hashlib.sha256(seed.encode()).digest()
    return f"thank_you_{digest[0] % NOTES + 1}"


def _about(advocate: Advocate, facts: Facts) -> str:
    return f"{advocate.pk}:{timezone.localdate(facts.event.recorded_at)}"


def _mail(kind: str, advocate: Advocate, facts: Facts) -> Message:
    assert facts.referral is not None
    friend = facts.referral.friend
    advocate.program = facts.program
    return new_message(
        kind,
        about=_about(advocate, facts),
        person=advocate.person,
        program=facts.program,
        # Whose name it is, so that it goes when they are erased.
        context={
            "friend_first_name": friend.first_name,
            "friend": friend.pk,
            "own_page": own_page_url(advocate),
        },
        at=facts.event.recorded_at,
    )
