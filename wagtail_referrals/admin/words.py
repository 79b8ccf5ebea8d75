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

MESSAGE_KINDS: Words = {
    "case_reply": _("reply to feedback"),
    "cases_late": _("cases that are late"),
    "cases_new": _("new cases"),
    "coupon_to_hand_on": _("coupon to hand on"),
    "feedback_ask": _("asking for feedback"),
    "introduction_ask": _("asking for an introduction"),
    "referral_ask": _("asking for a recommendation"),
    "review_ask": _("asking for a review"),
    "feedback_invitation": _("invitation to a form"),
    "friend_coupon": _("friend's coupon"),
    "introduction_received": _("introduction for a partner"),
    "introduction_stage": _("how an introduction goes on"),
    "partners_due": _("partners to get in touch with"),
    "introductions_due": _("next steps that are due"),
    "pool_low": _("few codes left"),
    "reward_issued": _("reward issued"),
    "reward_paid": _("reward paid out"),
    "reward_pending": _("reward waits"),
    "reward_settled": _("reward set against a debt"),
    "told_by": _("thanks for telling somebody about us"),
    "reward_withdrawn": _("reward withdrawn"),
    "running_dry": _("nothing left to give"),
    "testimonial_published": _("testimonial published"),
}

CHANNELS: Words = {key: channel.counted for key, channel in BY_KEY.items()}
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
