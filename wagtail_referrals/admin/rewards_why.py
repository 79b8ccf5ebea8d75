"""Why a reward is held, in staff's words."""

from __future__ import annotations

from decimal import Decimal

from django.db.models import Prefetch
from django.utils.translation import gettext

from ..programs.money import format_money
from ..programs.offers import MONEY_KINDS
from ..referrals.risk import describe_flags
from ..rewards.models import EntryKind, Reward, RewardEntry
from ..rewards.rule_models import Approval
from .words import user_name


def with_holds() -> Prefetch:
    """Reads the entries that ``why_held`` needs, for a whole list at once."""
    holds = RewardEntry.objects.filter(kind=EntryKind.HELD).select_related("user")
    return Prefetch("entries", queryset=holds, to_attr="holds")


def why_held(reward: Reward) -> str:
    """What looked wrong, who held it and why, or what its rule says."""
    holds: list[RewardEntry] = reward.holds  # type: ignore[attr-defined]
    if holds and holds[-1].user:
        return f"{user_name(holds[-1].user)}: {holds[-1].reason}"
    if reward.flags:
        return " ".join(describe_flags(reward.flags))
    definition = reward.version.definition if reward.version else {}
    above = definition.get("approval_above")
    if definition.get("approval") == Approval.ABOVE and above and reward.kind in MONEY_KINDS:
        currency = reward.program.currency
        if reward.currency != currency:
            return gettext("It is not in %(currency)s, as its limit is.") % {"currency": currency}
        return gettext("It is above %(money)s.") % {"money": format_money(Decimal(above), currency)}
    return gettext("Its rule asks for approval.")
