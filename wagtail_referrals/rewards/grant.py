"""Storing what an event's rules granted, and giving at once what need not wait."""

from __future__ import annotations

from typing import Any

from ..bulk import create_many, insert
from ..messages.models import Message
from ..messages.queue import queue_messages
from .announce import reward_mails, settled_mails, signal_issued
from .answers import needs_approval
from .facts import Facts
from .fulfilment import follow_up, prepare
from .ledger import ZERO, entry, set_against_debts
from .models import EntryKind, Reward, RewardEntry, RewardState
from .moments import moment_mails
from .rule_models import RewardRule


def grant(rewards: list[Reward], rules: dict[int, RewardRule], facts: Facts) -> None:
    """Store the rewards with their ledgers, in as many statements for two as for twenty.

    All mails about the event are queued by one statement, those about no reward among them.
    """
    news = _give(rewards, rules, facts) if rewards else []
    queue_messages([*news, *moment_mails(facts, rewards, news)])


def _give(rewards: list[Reward], rules: dict[int, RewardRule], facts: Facts) -> list[Message]:
    """Store them and give what need not wait; the mails about them, not queued yet."""
    # From now, however long ago it was: a late report must not bring an expired coupon.
    at = facts.event.recorded_at
    for reward in rewards:
        reward.state = _first_state(reward, rules[reward.rule_id])
    now = [reward for reward in rewards if reward.state == RewardState.APPROVED]
    worth = {reward.award_key: reward.balance for reward in rewards}
    offsets = dict(
        zip(
            [reward.award_key for reward in now],
            set_against_debts(now, reason=facts.event.external_id, at=at),
            strict=True,
        )
    )
    issued = prepare([reward for reward in now if not _is_settled(reward, offsets)], at)
    for reward in issued:
        reward.state = RewardState.ISSUED
    for reward in now:
        if _is_settled(reward, offsets):
            reward.state = RewardState.REDEEMED
    create_many(rewards, "award_key")
    lines = [line for reward in rewards for line in _first_entries(reward, worth, offsets)]
    insert(lines)
    follow_up(issued, at)
    advocates = {facts.advocate.person_id: facts.advocate} if facts.advocate else {}
    waiting = [reward for reward in rewards if reward.state == RewardState.PENDING]
    signal_issued(issued)
    settled = [reward for reward in rewards if reward.state == RewardState.REDEEMED]
    return [*reward_mails(issued, waiting, advocates, at), *settled_mails(settled, at)]


def _first_state(reward: Reward, rule: RewardRule) -> RewardState:
    if needs_approval(reward, rule):
        return RewardState.HELD
    return RewardState.PENDING if rule.effective_hold_days() else RewardState.APPROVED


def _is_settled(reward: Reward, offsets: dict[str | None, Any]) -> bool:
    """Whether nothing is left of it, because all of it was set against a debt."""
    return bool(offsets.get(reward.award_key)) and not reward.balance


def _first_entries(
    reward: Reward, worth: dict[str | None, Any], offsets: dict[str | None, Any]
) -> list[RewardEntry]:
    actor, at = f"rule:{reward.rule_id}", reward.created_at
    why: dict[str, Any] = {"actor": actor, "at": at}
    granted = worth[reward.award_key]
    lines = [entry(reward, EntryKind.GRANTED, amount=granted, reason=reward.rule_name, **why)]
    offset = offsets.get(reward.award_key, ZERO)
    if offset:
        lines.append(entry(reward, EntryKind.OFFSET, amount=-offset, **why))
    if reward.state != RewardState.PENDING:
        reason = ", ".join(reward.flags) if reward.state == RewardState.HELD else ""
        lines.append(entry(reward, EntryKind(reward.state), reason=reason, **why))
    return lines
