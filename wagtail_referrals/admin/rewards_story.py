"""One reward's story, and what staff can do about it."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import prefetch_related_objects
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ..exceptions import ReferralsError
from ..programs.money import format_money
from ..programs.offers import MONEY_KINDS
from ..referrals.risk import describe_flags
from ..rewards.approve import approve_rewards, hold_rewards
from ..rewards.fulfilment import fulfilments
from ..rewards.issue import issue_reward
from ..rewards.ledger import OPEN_STATES, TRANSITIONS, sources_of
from ..rewards.models import Reward, RewardState
from ..rewards.take_back import void_reward
from ..rewards.words import REFUSALS
from .actions import ActionView, ReasonForm
from .links import url_for
from .records import Fact, RecordInspectView, Section, Text, moment
from .rewards_why import why_held, with_holds
from .timeline import hold_sentence
from .words import who

# From which states staff may approve and hold.
APPROVABLE = sources_of(RewardState.APPROVED)
HOLDABLE = sources_of(RewardState.HELD)


def balance(reward: Reward) -> str:
    """What it is worth now; nothing to say where it is no money."""
    if reward.kind not in MONEY_KINDS:
        return ""
    return format_money(reward.balance, reward.currency)


class RewardInspectView(RecordInspectView):
    related = (
        "person",
        "program",
        "rule",
        "referral",
        "event",
        "coupon",
        "payout",
        "version",
    )
    object: Reward

    def facts(self) -> Iterable[Fact]:
        reward = self.object
        open_ = reward.state in OPEN_STATES
        yield Fact(_("Reward"), reward.headline)
        status = "primary" if open_ else "secondary"
        yield Fact(_("State"), reward.get_state_display(), status=status)
        if reward.state == RewardState.HELD:
            prefetch_related_objects([reward], with_holds())
            yield Fact(_("Why it is held"), why_held(reward))
        yield self.link(_("Person"), reward.person)
        yield Fact(_("As"), reward.get_beneficiary_display())
        yield Fact(_("Hold"), hold_sentence(reward))
        if reward.kind in MONEY_KINDS:
            yield Fact(_("Worth now"), balance(reward))
        if reward.owed:
            yield Fact(_("To be recovered"), format_money(reward.owed, reward.currency))
        yield Fact(_("Given by"), _given_by(reward))
        yield from self.given()
        yield self.link(_("Program"), reward.program)
        yield Fact(_("Rule"), _rule_as_it_was(reward), url_for(self.request.user, reward.rule))
        yield self.link(_("Event"), reward.event)
        yield self.link(_("Referral"), reward.referral)

    def given(self) -> Iterable[Fact]:
        """What was handed over."""
        reward = self.object
        if reward.given:
            yield Fact(_("Code"), reward.given)
        elif payout := getattr(reward, "payout", None):
            yield self.link(_("Payout"), payout)
            yield Fact(_("Payout is"), payout.get_state_display())
        else:
            yield self.link(_("Coupon"), reward.coupon)

    def actions(self) -> Iterable[tuple[str, Text, str]]:
        reward = self.object
        if reward.state in APPROVABLE:
            url = reverse("referrals_rewards:approve", args=[reward.pk])
            yield url, ApproveRewardView.button_label, ""
        if reward.state in HOLDABLE:
            url = reverse("referrals_rewards:hold", args=[reward.pk])
            yield url, HoldRewardView.button_label, ""
        if reward.state in OPEN_STATES:
            yield reverse("referrals_rewards:issue", args=[reward.pk]), _("Issue now"), ""
        if TRANSITIONS[RewardState(reward.state)]:
            yield reverse("referrals_rewards:void", args=[reward.pk]), end_label(reward), "serious"

    def sections(self) -> Iterable[Section]:
        if self.object.flags:
            words = " ".join(describe_flags(self.object.flags))
            yield Section("flags", _("What looked wrong"), text=words)
        yield from self.ledger()

    def ledger(self) -> Iterable[Section]:
        """Every entry: what, when, by whom and why."""
        entries = list(self.object.entries.select_related("user", "reward", "event"))
        balances, total = {}, Decimal("0.00")
        for entry in entries:
            total += entry.amount
            balances[entry.pk] = total
        money = self.object.kind in MONEY_KINDS
        columns: list[Any] = [
            (_("What"), lambda row: row.get_kind_display()),
            (_("Time"), lambda row: moment(row.created_at)),
            (_("By"), who),
            (_("Why"), lambda row: row.reason),
        ]
        if money:
            columns += [
                (_("Amount"), lambda row: _amount(row.amount, row.currency)),
                (_("Balance"), lambda row: format_money(balances[row.pk], row.currency)),
            ]
        if any(entry.owed for entry in entries):
            columns.append((_("Owed"), lambda row: _amount(row.owed, row.currency)))
        yield from self.section(
            _("Ledger"),
            entries,
            columns,
            name="ledger",
            target=lambda row: row.event,
            whole=True,
        )


def _amount(amount: Any, currency: str) -> str:
    return format_money(amount, currency) if amount else ""


def _given_by(reward: Reward) -> str:
    way = fulfilments.get(reward.fulfilment)
    return way.describe(reward.fulfilment_options) if way else reward.fulfilment


def _rule_as_it_was(reward: Reward) -> str:
    """The rule's name, and which version of it granted this."""
    if reward.version is None:
        return reward.rule_name
    values = {"name": reward.rule_name, "number": reward.version.number}
    return gettext("%(name)s, version %(number)d") % values


def end_label(reward: Reward) -> Text:
    """What ending it is called: nothing was given yet, or something is taken back."""
    return _("Void") if reward.state in OPEN_STATES else _("Take back")


class ApproveRewardView(ActionView):
    model = Reward
    related = ("person", "program")
    page_title = button_label = _("Approve")
    header_icon = "check"
    explanation = _("It is given once its hold is over.")
    success_message = _("The reward is approved.")

    def perform(self, reason: str) -> None:
        _refuse_unless(approve_rewards([self.object], reason=reason, user=self.request.user))


class HoldRewardView(ActionView):
    model = Reward
    related = ("person", "program")
    page_title = button_label = _("Hold")
    header_icon = "view"
    explanation = _("It is not given until somebody approves it.")
    success_message = _("The reward is held.")

    def perform(self, reason: str) -> None:
        _refuse_unless(hold_rewards([self.object], reason=reason, user=self.request.user))


def _refuse_unless(moved: list[Reward]) -> None:
    if not moved:
        raise ReferralsError("not_possible")


class IssueRewardView(ActionView):
    model = Reward
    related = ("person", "program__site", "offer", "coupon")
    page_title = _("Issue now")
    header_icon = "circle-check"
    explanation = _("It is given at once, without waiting for the end of the hold.")
    button_label = _("Issue now")
    success_message = _("The reward is issued, and its message is on the way.")

    def perform(self, reason: str) -> None:
        if issue_reward(self.object, user=self.request.user, reason=reason):
            return
        self.object.refresh_from_db(fields=["state"])
        waits = self.object.state == RewardState.APPROVED
        raise ReferralsError("nothing_to_give" if waits else "not_possible")


def refusal_choices() -> list[tuple[str, Text]]:
    """What the person can be told."""
    return [("", _("No reason")), *REFUSALS.items()]


def tell_field() -> forms.ChoiceField:
    """What a person reads whose reward is ended."""
    return forms.ChoiceField(
        label=_("What they are told"),
        choices=refusal_choices,
        required=False,
        help_text=_(
            "Sent by mail, in their language. Your own reason stays with you. Without one, who "
            "knew of the reward hears that it is gone."
        ),
    )


class VoidForm(ReasonForm):
    """Why, and what the person is told."""

    tell = tell_field()


class VoidRewardView(ActionView):
    model = Reward
    form_class = VoidForm
    related = ("person", "program", "coupon")
    header_icon = "cross"
    button_class = "serious"

    @property
    def page_title(self) -> Text:
        return end_label(self.object)

    button_label = page_title

    @property
    def explanation(self) -> Text:  # type: ignore[override]
        if self.object.state not in OPEN_STATES:
            return _(
                "Its coupon is void from now on. What was used or paid already is noted, "
                "and the person's next rewards are set against it."
            )
        return _("The reward ends; nothing will be issued.")

    success_message = _("Done. The ledger says who, when and why.")

    def perform(self, reason: str) -> None:
        tell = self.form_values["tell"]
        void_reward(self.object, reason=reason, user=self.request.user, tell=tell)
