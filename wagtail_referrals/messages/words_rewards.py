"""Our words for mails about rewards and coupons."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from .kinds import (
    COUPON,
    COUPON_FIELDS,
    REWARDS,
    SHARE,
    SHARE_FIELDS,
    Field,
    MailKind,
    text,
)


def reward_values(context: dict[str, Any]) -> dict[str, Any]:
    """What a reward is called, and how it reaches its reader: by one of the ways at most."""
    code, given = context.get("code", ""), context.get("given", "")
    return {
        "offer_headline": context.get("offer_headline") or context.get("amount_text", ""),
        "with_code": bool(code),
        # Somebody else's code, or words: the coupon's place shows it.
        "with_given": bool(given) and not code,
        "code": code or given,
        "by_payout": context.get("fulfilment") == "payout" and not (code or given),
    }


def paid_values(context: dict[str, Any]) -> dict[str, Any]:
    """The same of what was paid or handed over: the sum comes first."""
    donation = context.get("kind") == "donation"
    return {
        **reward_values(context),
        "offer_headline": context.get("amount_text") or context.get("offer_headline", ""),
        "donation": donation,
        "news": _("The donation is made") if donation else _("On its way"),
    }


# Of what reward_values derives.
REWARD_FIELDS = (
    *COUPON_FIELDS,
    Field("with_code", _("a coupon of ours"), True),
    Field("with_given", _("a code of somebody else's"), False),
    Field("by_payout", _("something that is sent or paid later"), False),
)
HOW_GIVEN = (
    text(_("Give the code when you pay."), only_with="with_code"),
    text(
        _("The code is yours alone. Please keep this mail: we cannot send another code."),
        only_with="with_given",
    ),
    text(
        _("We will send it to you within the next few weeks. There is nothing you need to do."),
        only_with="by_payout",
    ),
)
FRIEND_NAME = Field("friend_first_name", _("first name of the friend"), "Jonas")
RECOMMENDING = _("You get this mail because you recommend us with your own link.")
EARNED = _("You get this mail because you have earned a reward.")

KINDS = (
    MailKind(
        key="coupon_to_hand_on",
        label=_("coupon to hand on"),
        category=REWARDS,
        subject=_("A coupon for a friend of yours"),
        body=(
            text(_("Thank you for your feedback. It helps us to get better.")),
            text(_("Here is a coupon to hand on to a friend:")),
            COUPON,
            text(
                _(
                    "Whoever you think would like us may have it: forward this mail, or read the "
                    "code out to them."
                ),
                only_with="with_code",
            ),
            SHARE,
        ),
        why=_("You get this mail because you filled in our feedback form."),
        fields=(*REWARD_FIELDS, *SHARE_FIELDS),
        derive=reward_values,
    ),
    MailKind(
        key="friend_coupon",
        label=_("friend's coupon"),
        category=REWARDS,
        subject=_("Your coupon: {{ offer_headline|welcome }}"),
        body=(
            text(_("Welcome! Here is the coupon you asked for:"), only_with="with_code"),
            text(_("Welcome! This is for you:"), only_with="!with_code"),
            COUPON,
            text(
                _("Give the code when you pay. We look forward to seeing you."),
                only_with="with_code",
            ),
            *HOW_GIVEN[1:],
        ),
        why=_(
            "You get this mail because somebody asked for this coupon with your address on our "
            "site. If it was not you, you need not do anything."
        ),
        fields=REWARD_FIELDS,
        derive=reward_values,
    ),
    MailKind(
        key="reward_pending",
        label=_("reward waits"),
        category=REWARDS,
        subject=_("Thank you: your recommendation worked"),
        body=(
            text(_("{{ friend_first_name|A friend }} came to us because of you. Thank you!")),
            text(_("Your reward: <b>{{ offer_headline }}</b>"), only_with="offer_headline"),
            text(
                _(
                    "It is set aside for you until {{ hold_until }}, in case the order is "
                    "returned. Then we send it to you."
                ),
                only_with="hold_until",
            ),
            text(_("It is set aside for you. We send it to you soon."), only_with="!hold_until"),
            text(_("There is nothing you need to do.")),
        ),
        why=RECOMMENDING,
        fields=(
            FRIEND_NAME,
            COUPON_FIELDS[0],
            Field("hold_until", _("waits until"), "2030-12-24T12:00:00+00:00"),
        ),
        derive=reward_values,
    ),
    MailKind(
        key="reward_issued",
        label=_("reward issued"),
        category=REWARDS,
        subject=_("Your thank-you: {{ offer_headline|here it is }}"),
        body=(
            text(
                _(
                    "You recommended us to {{ friend_first_name|a friend }}. Thank you! "
                    "This is for you:"
                )
            ),
            COUPON,
            *HOW_GIVEN,
            text(
                _("Your link works for the next friend, too:\n{{ share_link }}"),
                only_with="share_link",
            ),
        ),
        why=RECOMMENDING,
        fields=(FRIEND_NAME, *REWARD_FIELDS, *SHARE_FIELDS),
        derive=reward_values,
    ),
    MailKind(
        key="reward_paid",
        label=_("reward paid out"),
        category=REWARDS,
        subject=_("{{ news }}: {{ offer_headline|your reward }}"),
        body=(
            text(
                _("The donation is made: {{ offer_headline|your reward }}. Thank you!"),
                only_with="donation",
            ),
            text(
                _("Your reward is on its way to you: {{ offer_headline|as agreed }}. Thank you!"),
                only_with="!donation",
            ),
            text(
                _("If it has not come within two weeks, just answer this mail."),
                only_with="!donation",
            ),
        ),
        why=EARNED,
        fields=(
            COUPON_FIELDS[0],
            Field("news", _("what has happened"), _("On its way")),
            Field("donation", _("a donation"), False),
        ),
        derive=paid_values,
    ),
    MailKind(
        key="reward_settled",
        label=_("reward set against a debt"),
        category=REWARDS,
        subject=_("Your reward is settled: {{ offer_headline|set against an earlier one }}"),
        body=(
            text(_("You have earned a reward: {{ offer_headline|our thanks }}. Thank you!")),
            text(
                _(
                    "An earlier reward had been given to you before its order was cancelled or "
                    "sent back. We have set the new one against it, so there is nothing more to "
                    "send this time. If you think this is a mistake, just answer this mail."
                )
            ),
        ),
        why=EARNED,
        fields=(COUPON_FIELDS[0],),
        derive=reward_values,
    ),
    MailKind(
        key="reward_withdrawn",
        label=_("reward withdrawn"),
        category=REWARDS,
        subject=_("No longer valid: {{ offer_headline|your reward }}"),
        body=(
            text(
                _("Your reward “{{ offer_headline }}” has been withdrawn."),
                only_with="offer_headline",
            ),
            text(_("Your reward has been withdrawn."), only_with="!offer_headline"),
            text(
                _(
                    "That happens, for example, when the order it was for is cancelled or sent "
                    "back. If you think this is a mistake, just answer this mail."
                )
            ),
        ),
        why=_("You get this mail because we told you of this reward before."),
        fields=(COUPON_FIELDS[0],),
        derive=reward_values,
    ),
)
