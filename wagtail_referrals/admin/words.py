"""Staff's words for the codes the verbs store."""

from __future__ import annotations

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ..rewards.models import RewardEntry

Words = dict[str, str | Promise]

REASONS: Words = {
    "already_customer": _("They had bought here before anybody recommended us."),
    "already_referred": _("Somebody else had recommended us to them before."),
    "closed": _("The program was not running at that time."),
    "minimum_not_met": _("The order was below the rule's minimum."),
    "no_offer": _("Neither the rule nor the program has an offer for this."),
    "no_referral": _("Nobody had recommended us to this person."),
    "not_first_purchase": _("It was not their first purchase."),
    "outside_window": _("It came after the attribution window had ended."),
    "self_referral": _("The code was their own."),
    "unknown": _("The code they gave is not known."),
    "wrong_currency": _("The order was in another currency than the rule's minimum."),
}

EVENT_KINDS: Words = {
    "feedback.submitted": _("feedback given"),
    "referral.claimed": _("offer claimed"),
    "purchase": _("purchase"),
    "refund": _("refund"),
}

MESSAGE_KINDS: Words = {
    "coupon_to_hand_on": _("coupon to hand on"),
    "friend_coupon": _("friend's coupon"),
    "reward_issued": _("reward issued"),
    "reward_pending": _("reward waits"),
}

CHANNELS: Words = {
    "copy": _("copied link"),
    "email": _("e-mail link"),
    "facebook": _("Facebook link"),
    "qr": _("QR code"),
    "share": _("share button"),
    "sms": _("text message link"),
    "telegram": _("Telegram link"),
    "whatsapp": _("WhatsApp link"),
}


def say(words: Words, code: str) -> str:
    """The words for a code, or the code itself when it is a site's own."""
    return str(words.get(code, code))


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
