"""Staff's words for the codes the verbs store."""

from __future__ import annotations

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ..messages.kinds import mail_kinds
from ..referrals.channels import CHANNELS as BY_KEY
from ..rewards.models import RewardEntry

Words = dict[str, str | Promise]

EVENT_KINDS: Words = {
    "feedback.submitted": _("feedback given"),
    "referral.claimed": _("offer claimed"),
    "referral.graded": _("referral graded"),
    "introduction.received": _("introduction received"),
    "introduction.won": _("introduction won"),
    "purchase": _("purchase"),
    "refund": _("refund"),
    "chargeback": _("chargeback"),
    "order.changed": _("order changed"),
}

CHANNELS: Words = {key: channel.counted for key, channel in BY_KEY.items()}


def say(words: Words, code: str) -> str:
    """The words for a code, or the code itself when it is a site's own."""
    return str(words.get(code, code))


def kind_label(key: str) -> str:
    """What a kind of mails is called."""
    kind = mail_kinds().get(key)
    return str(kind.label) if kind else key


def user_name(user: Any) -> str:
    """Staff by their name, or by the one they log in with."""
    name: str = user.get_full_name() or user.get_username()
    return name


def who(entry: RewardEntry) -> str:
    """Who made a ledger entry."""
    if entry.user:
        return user_name(entry.user)
    if entry.actor.startswith("rule:"):
        return gettext("rule “%(name)s”") % {"name": entry.reward.rule_name}
    if entry.actor.startswith("user:"):
        return gettext("somebody whose account is gone")
    return gettext("automatically")
