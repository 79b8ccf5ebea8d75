"""Telling people what they got, or what waits for them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.functional import Promise

from ..messages.models import Message
from ..messages.queue import new_message, queue_messages
from ..programs.money import format_money
from ..programs.offers import MONEY_KINDS
from ..referrals.models import Advocate
from ..referrals.share import share_in_mail
from ..signals import reward_issued
from .models import Reward
from .rule_models import Beneficiary

MESSAGE_KINDS = {
    Beneficiary.ADVOCATE: "reward_issued",
    Beneficiary.FRIEND: "friend_coupon",
    Beneficiary.HAND_ON: "coupon_to_hand_on",
}


def announce(
    issued: list[Reward], waiting: list[Reward], advocates: dict[int, Advocate], at: datetime
) -> None:
    """Queue the mails about what was given and what waits; send the signal after the commit.

    ``advocates`` are the beneficiaries' own memberships by person, whose links the mails carry.
    """
    queue_messages(reward_mails(issued, waiting, advocates, at))
    signal_issued(issued)


def reward_mails(
    issued: list[Reward], waiting: list[Reward], advocates: dict[int, Advocate], at: datetime
) -> list[Message]:
    """The mails of ``announce``, not queued yet."""
    kinds = [(reward, MESSAGE_KINDS[Beneficiary(reward.beneficiary)]) for reward in issued]
    kinds += [
        (reward, "reward_pending")
        for reward in waiting
        if reward.beneficiary == Beneficiary.ADVOCATE
    ]
    return [_message(reward, kind, advocates.get(reward.person_id), at) for reward, kind in kinds]


def signal_issued(issued: list[Reward]) -> None:
    """Tell the site after the commit."""
    for reward in issued:
        _signal_later(reward)


def _signal_later(reward: Reward) -> None:
    transaction.on_commit(lambda: reward_issued.send(Reward, reward=reward), robust=True)


def announce_settled(rewards: list[Reward], at: datetime) -> None:
    """Tell people whose reward was set against what they owed, so that nothing is left of it."""
    queue_messages(settled_mails(rewards, at))


def settled_mails(rewards: list[Reward], at: datetime) -> list[Message]:
    """The mails of ``announce_settled``, not queued yet."""
    return [_message(reward, "reward_settled", None, at) for reward in rewards]


def announce_paid(rewards: list[Reward], at: datetime) -> None:
    """Tell people that what they were promised by a payout was paid or handed over."""
    queue_messages([_message(reward, "reward_paid", None, at) for reward in rewards])


def announce_withdrawn(reward: Reward, at: datetime) -> None:
    """Tell somebody who was told of a reward that it is theirs no more."""
    told = ("reward_pending", *MESSAGE_KINDS.values())
    keys = [f"{kind}:{reward.award_key}" for kind in told]
    if Message.objects.filter(key__in=keys).exists():
        queue_messages([_message(reward, "reward_withdrawn", None, at)])


def announce_refused(reward: Reward, words: str | Promise, at: datetime) -> None:
    """Tell somebody why staff ended a reward in their name, told of before or not."""
    if reward.person.email:
        queue_messages([_message(reward, "reward_refused", None, at, reason=words)])


def announce_approved(rewards: list[Reward], at: datetime) -> None:
    """Tell people that what was held for review is theirs, and when they get it."""
    queue_messages(
        [_message(reward, "reward_approved", None, at) for reward in rewards if reward.person.email]
    )


def _message(
    reward: Reward, kind: str, advocate: Advocate | None, at: datetime, **words: str | Promise
) -> Message:
    """``words`` are values in the reader's language."""
    with translation.override(reward.person.locale or settings.LANGUAGE_CODE):
        said = {name: str(value) for name, value in words.items()}
        context = {**_context(reward, advocate), **said}
    return new_message(
        kind,
        about=reward.award_key,
        person=reward.person,
        program=reward.program,
        context=context,
        at=at,
    )


def _context(reward: Reward, advocate: Advocate | None) -> dict[str, Any]:
    coupon = reward.coupon
    context: dict[str, Any] = {
        "offer_headline": reward.headline,
        "kind": reward.kind,
        "reason": reward.rule_name,
        "hold_until": reward.hold_until.isoformat(),
        "given": reward.given,
        "fulfilment": reward.fulfilment,
    }
    if reward.kind in MONEY_KINDS:
        context["amount_text"] = format_money(reward.balance, reward.currency)
    if coupon:
        context["code"] = coupon.display_code
        context["conditions"] = coupon.conditions
        context["expires_at"] = coupon.expires_at.isoformat() if coupon.expires_at else ""
    if reward.beneficiary == Beneficiary.ADVOCATE:
        context.update(friend_of(reward))
    if advocate and reward.beneficiary != Beneficiary.FRIEND:
        context |= share_in_mail(advocate)
    return context


def friend_of(reward: Reward) -> dict[str, Any]:
    """Who came, by the first name; "friend" is for erasing it. No mail is worth a query."""
    referral = reward._state.fields_cache.get("referral")
    friend = referral._state.fields_cache.get("friend") if referral else None
    if friend is None:
        return {}
    return {"friend_first_name": friend.first_name, "friend": friend.pk}
