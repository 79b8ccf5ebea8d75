"""A referral's story, told from what was recorded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Model
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext

from ..coupons.models import Redemption, RedemptionState
from ..events.models import Event
from ..programs.money import format_money
from ..programs.offers import MONEY_KINDS
from ..referrals.models import AttributionChange, Referral, Source
from ..referrals.risk import describe_flags
from ..rewards.ledger import OPEN_STATES
from ..rewards.models import EntryKind, Reward, RewardEntry
from ..rewards.rule_models import Beneficiary
from ..rewards.words import for_staff
from .links import admin_url
from .words import CHANNELS, EVENT_KINDS, say, user_name, who


@dataclass(frozen=True)
class Entry:
    """One thing that happened. ``target`` is what it happened to, if that has a screen."""

    at: datetime
    text: str
    detail: str = ""
    target: Model | None = None
    icon: str = "info-circle"

    @property
    def url(self) -> str:
        """The target's own screen; who may see it is the view's question."""
        return admin_url(self.target) if self.target else ""


def referral_timeline(referral: Referral) -> list[Entry]:
    """All that happened, the oldest first; as many queries however long the story is."""
    changes = list(
        referral.attribution_changes.select_related(
            "from_advocate__person", "to_advocate__person", "changed_by"
        )
    )
    entries = [
        *_beginning(referral, changes),
        *_events(referral),
        *_redemptions(referral),
        *_ledger(referral),
        *(_change(change) for change in changes),
    ]
    return sorted(entries, key=lambda entry: entry.at)


def short_date(at: datetime) -> str:
    """A day, with its year only when it is another one than now."""
    local = timezone.localtime(at)
    same_year = local.year == timezone.localtime().year
    return date_format(local, "MONTH_DAY_FORMAT" if same_year else "DATE_FORMAT")


def _beginning(referral: Referral, changes: list[AttributionChange]) -> Iterator[Entry]:
    advocate = changes[0].from_advocate if changes else referral.advocate
    names = {"friend": str(referral.friend), "advocate": str(advocate)}
    if referral.clicked_at:
        yield Entry(
            referral.clicked_at,
            gettext("%(friend)s opened the link of %(advocate)s") % names,
            gettext("By %(channel)s") % {"channel": say(CHANNELS, referral.channel)}
            if referral.channel
            else "",
            icon="link",
        )
    texts = {
        Source.CODE: gettext("%(friend)s gave the code of %(advocate)s"),
        Source.TOLD: gettext("%(friend)s said that %(advocate)s had told them about us"),
        Source.COUPON: gettext("%(friend)s used a coupon that %(advocate)s had handed on"),
    }
    if referral.source in texts:
        text = texts[Source(referral.source)] % names
        yield Entry(referral.claimed_at, text, _window(referral), icon="user")


def _window(referral: Referral) -> str:
    return gettext("What they buy until %(day)s counts for it") % {
        "day": short_date(referral.counts_until)
    }


def _events(referral: Referral) -> Iterator[Entry]:
    events = (
        Event.objects.filter(referral=referral)
        .select_related("refund_of", "person")
        .prefetch_related("decisions__rule__program")
    )
    for event in events:
        event.referral = referral
        yield _event(event, referral)


def _event(event: Event, referral: Referral) -> Entry:
    values = {
        "person": str(event.person or referral.friend),
        "order": order_name(event.refund_of.external_id if event.refund_of else event.external_id),
        "id": event.external_id,
        "kind": say(EVENT_KINDS, event.kind),
        "money": _money(event),
    }
    if event.kind == "referral.claimed":
        text = gettext("%(person)s claimed the offer") % values
        return Entry(event.occurred_at, text, _window(referral), event, "user")
    if event.kind == "refund":
        text = gettext("%(money)s of %(order)s was refunded") % values
        return Entry(event.occurred_at, text, "", event, "arrow-left")
    if event.kind == "purchase":
        text = gettext("%(person)s bought %(order)s for %(money)s") % values
        return Entry(event.occurred_at, text, refusals(event), event, "clipboard-list")
    text = gettext("Reported: %(kind)s %(id)s") % values
    return Entry(event.occurred_at, text, refusals(event), event)


def order_name(order_id: str) -> str:
    """ "order 1001", also where a shop's ids say so themselves."""
    if order_id[:5].lower() == "order":
        return order_id
    return gettext("order %(id)s") % {"id": order_id}


def _money(event: Event) -> str:
    return format_money(event.amount, event.currency) if event.amount is not None else ""


def refusals(event: Event) -> str:
    """Why rules granted nothing for an event, in sentences."""
    return " ".join(
        gettext("No reward by “%(rule)s”: %(reason)s")
        % {"rule": decision.rule.name, "reason": for_staff(decision)}
        for decision in event.decisions.all()
        if not decision.granted
    )


def _redemptions(referral: Referral) -> Iterator[Entry]:
    # What was only held for a checkout took nothing off.
    made = (RedemptionState.REDEEMED, RedemptionState.ROLLED_BACK)
    redemptions = Redemption.objects.select_related("coupon", "person").filter(state__in=made)
    own = redemptions.filter(coupon__reward__referral=referral)
    handed_on = redemptions.filter(
        person=referral.friend_id,
        coupon__given_by=referral.advocate.person_id,
        coupon__program=referral.program_id,
    )
    for redemption in {*own, *handed_on}:
        values = {
            "coupon": str(redemption.coupon),
            "order": order_name(redemption.order_id),
            "money": format_money(redemption.discount, redemption.currency),
        }
        yield Entry(
            redemption.redeemed_at,
            gettext("Coupon %(coupon)s took %(money)s off %(order)s") % values,
            "",
            redemption.coupon,
            "tag",
        )
        if redemption.state == RedemptionState.ROLLED_BACK and redemption.rolled_back_at:
            yield Entry(
                redemption.rolled_back_at,
                gettext("Coupon %(coupon)s was given back by %(order)s") % values,
                redemption.rollback_reason,
                redemption.coupon,
                "arrow-left",
            )


def _ledger(referral: Referral) -> Iterator[Entry]:
    entries = list(
        RewardEntry.objects.filter(reward__referral=referral).select_related(
            "reward__person", "reward__coupon", "reward__event", "user"
        )
    )
    issued = {(e.reward_id, e.created_at) for e in entries if e.kind == EntryKind.ISSUED}
    used: set[int] = set()
    for entry in entries:
        # A use and its rollback are told by the coupon.
        if entry.reward.coupon_id and entry.kind == EntryKind.REDEEMED:
            used.add(entry.reward_id)
        if entry.reward_id in used and entry.kind in (EntryKind.REDEEMED, EntryKind.ISSUED):
            continue
        at_once = (entry.reward_id, entry.created_at) in issued
        # What was issued in the same moment is told once, as issued.
        if at_once and entry.kind in (EntryKind.GRANTED, EntryKind.APPROVED):
            continue
        yield Entry(
            entry.created_at, _what(entry), _why(entry), entry.reward, _ICONS[EntryKind(entry.kind)]
        )


_ICONS = {
    EntryKind.GRANTED: "time",
    EntryKind.PENDING: "time",
    EntryKind.HELD: "warning",
    EntryKind.APPROVED: "check",
    EntryKind.ISSUED: "circle-check",
    EntryKind.REDEEMED: "tag",
    EntryKind.EXPIRED: "cross",
    EntryKind.REDUCED: "minus",
    EntryKind.OWED: "minus",
    EntryKind.OFFSET: "minus",
    EntryKind.RECOVERED: "check",
    EntryKind.VOIDED: "cross",
    EntryKind.CLAWED_BACK: "cross",
}


def worth(reward: Reward) -> str:
    """What a reward was granted as: its money, or its words."""
    if reward.kind in MONEY_KINDS and reward.amount is not None:
        return format_money(reward.amount, reward.currency)
    return reward.headline


def _what(entry: RewardEntry) -> str:
    reward = entry.reward
    values = {
        "person": str(reward.person),
        "worth": worth(reward),
        "coupon": str(reward.coupon) if reward.coupon else "",
        "amount": format_money(-entry.amount, entry.currency) if entry.currency else "",
        "owed": format_money(abs(entry.owed), entry.currency) if entry.currency else "",
    }
    texts: dict[str, Any] = {
        EntryKind.GRANTED: gettext("Reward %(worth)s for %(person)s"),
        EntryKind.PENDING: gettext("Reward %(worth)s for %(person)s waits again"),
        EntryKind.HELD: gettext("Reward %(worth)s for %(person)s is held for review"),
        EntryKind.APPROVED: gettext("Reward %(worth)s for %(person)s was approved"),
        EntryKind.ISSUED: gettext("%(person)s got %(worth)s as coupon %(coupon)s"),
        EntryKind.REDEEMED: gettext("%(person)s used the reward %(worth)s"),
        EntryKind.EXPIRED: gettext("Reward %(worth)s of %(person)s has expired"),
        EntryKind.REDUCED: gettext("The reward of %(person)s was lowered by %(amount)s"),
        EntryKind.OWED: gettext("%(person)s owes %(owed)s that had been given already"),
        EntryKind.OFFSET: gettext("%(amount)s of the reward went against what %(person)s owes"),
        EntryKind.RECOVERED: gettext("%(owed)s of what %(person)s owes was recovered"),
        EntryKind.VOIDED: gettext("Reward %(worth)s for %(person)s was voided"),
        EntryKind.CLAWED_BACK: gettext("Reward %(worth)s of %(person)s was taken back"),
    }
    if not reward.coupon_id:
        texts[EntryKind.ISSUED] = gettext("%(person)s got %(worth)s")
    elif reward.beneficiary == Beneficiary.HAND_ON:
        texts[EntryKind.ISSUED] = gettext("%(person)s got coupon %(coupon)s to hand on: %(worth)s")
    text: str = texts[EntryKind(entry.kind)] % values
    return text


def _why(entry: RewardEntry) -> str:
    if entry.kind == EntryKind.GRANTED:
        return hold_sentence(entry.reward)
    flags = entry.reward.flags
    if entry.kind == EntryKind.HELD and entry.actor.startswith("rule:") and flags:
        return " ".join(describe_flags(flags))
    return f"{entry.reason} ({who(entry)})" if entry.reason else capfirst(who(entry))


def hold_sentence(reward: Reward) -> str:
    """Until when a reward waits, or waited, and why."""
    days = (reward.hold_until - reward.event.occurred_at).days
    if days <= 0:
        return gettext("By rule “%(name)s”") % {"name": reward.rule_name}
    values = {"day": short_date(reward.hold_until), "days": days}
    if reward.state in OPEN_STATES:
        return (
            ngettext(
                "Waits until %(day)s because of the %(days)d-day hold",
                "Waits until %(day)s because of the %(days)d-day hold",
                days,
            )
            % values
        )
    return (
        ngettext(
            "Was to wait until %(day)s because of the %(days)d-day hold",
            "Was to wait until %(day)s because of the %(days)d-day hold",
            days,
        )
        % values
    )


def _change(change: AttributionChange) -> Entry:
    names = {"old": str(change.from_advocate), "new": str(change.to_advocate)}
    by = f" ({user_name(change.changed_by)})" if change.changed_by else ""
    return Entry(
        change.changed_at,
        gettext("Counts for %(new)s now, no longer for %(old)s") % names,
        f"{change.reason}{by}",
        change.to_advocate,
        "rotate",
    )
