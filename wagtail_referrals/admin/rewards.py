"""Rewards: the ledger of each, and what staff can do about it."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column, StatusTagColumn, TitleColumn

from ..coupons.models import Coupon
from ..events.models import Event
from ..exceptions import ReferralsError
from ..programs.money import format_money
from ..programs.offers import MONEY_KINDS
from ..rewards.issue import issue_reward
from ..rewards.ledger import OPEN_STATES, TRANSITIONS
from ..rewards.models import Reward, RewardState
from ..rewards.take_back import void_reward
from .actions import ActionView
from .records import (
    Fact,
    MomentColumn,
    RecordIndexView,
    RecordInspectView,
    RecordViewSet,
    Section,
    Text,
    filters_for,
    moment,
)
from .search import code_q, of_person
from .timeline import hold_sentence
from .words import who


def balance(reward: Reward) -> str:
    """What it is worth now; nothing to say where it is no money."""
    if reward.kind not in MONEY_KINDS:
        return ""
    return format_money(reward.balance, reward.currency)


class RewardIndexView(RecordIndexView):
    related = ("person", "program")
    list_display = [
        TitleColumn(
            "reward", label=_("Reward"), accessor="headline", url_name="referrals_rewards:inspect"
        ),
        Column("person", label=_("Person")),
        Column("get_beneficiary_display", label=_("As")),
        Column("program", label=_("Program")),
        StatusTagColumn(
            "get_state_display", label=_("State"), primary=lambda row: row.state in OPEN_STATES
        ),
        Column("balance", label=_("Worth now"), accessor=balance),
        MomentColumn("hold_until", label=_("Waits until")),
        MomentColumn("created_at", label=_("Granted"), sort_key="created_at"),
    ]
    exports = (
        (_("Reward"), lambda row: row.headline),
        (_("E-mail"), lambda row: row.person.email),
        (_("Name"), lambda row: row.person.name),
        (_("As"), lambda row: row.get_beneficiary_display()),
        (_("Program"), lambda row: row.program.name),
        (_("Rule"), lambda row: row.rule_name),
        (_("State"), lambda row: row.get_state_display()),
        (_("Worth now"), lambda row: row.balance if row.kind in MONEY_KINDS else None),
        (_("Currency"), lambda row: row.currency),
        (_("Waits until"), lambda row: row.hold_until),
        (_("Granted"), lambda row: row.created_at),
    )
    search_hint = _("E-mail, name, coupon or order")
    empty_text = _(
        "Rewards are granted by the reward rules of a program, and issued after their hold."
    )
    filterset_class = filters_for(Reward, "created_at", ["program", "state", "beneficiary"])

    def search_with(self, term: str) -> Q:
        orders = Event.objects.filter(external_id=term).order_by().values("pk")
        found = of_person("person", term) | Q(event__in=orders)
        if code := code_q("code_key", term):
            found |= Q(coupon__in=Coupon.objects.filter(code).order_by().values("pk"))
        return found


class RewardInspectView(RecordInspectView):
    related = ("person", "program", "rule", "referral", "event", "coupon")
    object: Reward

    def facts(self) -> Iterable[Fact]:
        reward = self.object
        open_ = reward.state in OPEN_STATES
        yield Fact(_("Reward"), reward.headline)
        status = "primary" if open_ else "secondary"
        yield Fact(_("State"), reward.get_state_display(), status=status)
        yield self.link(_("Person"), reward.person)
        yield Fact(_("As"), reward.get_beneficiary_display())
        yield Fact(_("Hold"), hold_sentence(reward))
        if reward.kind in MONEY_KINDS:
            yield Fact(_("Worth now"), balance(reward))
        yield self.link(_("Coupon"), reward.coupon)
        yield self.link(_("Program"), reward.program)
        yield self.link(_("Rule"), reward.rule)
        yield self.link(_("Event"), reward.event)
        yield self.link(_("Referral"), reward.referral)

    def actions(self) -> Iterable[tuple[str, Text, str]]:
        reward = self.object
        if reward.state in OPEN_STATES:
            yield reverse("referrals_rewards:issue", args=[reward.pk]), _("Issue now"), ""
        if TRANSITIONS[RewardState(reward.state)]:
            yield reverse("referrals_rewards:void", args=[reward.pk]), end_label(reward), "serious"

    def sections(self) -> Iterable[Section]:
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
        yield from self.section(
            _("Ledger"),
            entries,  # type: ignore[arg-type]
            columns,
            name="ledger",
            target=lambda row: row.event,
            whole=True,
        )


def _amount(amount: Any, currency: str) -> str:
    return format_money(amount, currency) if amount else ""


def end_label(reward: Reward) -> Text:
    """What ending it is called: nothing was given yet, or something is taken back."""
    return _("Take back") if reward.state == RewardState.ISSUED else _("Void")


class IssueRewardView(ActionView):
    model = Reward
    related = ("person", "program__site", "offer", "coupon")
    page_title = _("Issue now")
    header_icon = "circle-check"
    explanation = _("The coupon is made and sent at once, without waiting for the end of the hold.")
    button_label = _("Issue now")
    success_message = _("The reward is issued, and its message is on the way.")

    def perform(self, reason: str) -> None:
        if not issue_reward(self.object, user=self.request.user, reason=reason):
            raise ReferralsError("not_possible")


class VoidRewardView(ActionView):
    model = Reward
    related = ("person", "program", "coupon")
    header_icon = "cross"
    button_class = "serious"

    @property
    def page_title(self) -> Text:
        return end_label(self.object)

    button_label = page_title

    @property
    def explanation(self) -> Text:  # type: ignore[override]
        if self.object.state == RewardState.ISSUED:
            return _("Its coupon is void from now on. A use that was made already stays.")
        return _("The reward ends; nothing will be issued.")

    success_message = _("Done. The ledger says who, when and why.")

    def perform(self, reason: str) -> None:
        void_reward(self.object, reason=reason, user=self.request.user)


class RewardViewSet(RecordViewSet):
    model = Reward
    icon = "pick"
    index_view_class = RewardIndexView
    inspect_view_class = RewardInspectView
    has_actions = True

    def get_urlpatterns(self) -> list[URLPattern]:
        issue: Any = self.construct_view(IssueRewardView)
        void: Any = self.construct_view(VoidRewardView)
        return [
            *super().get_urlpatterns(),
            path("issue/<int:pk>/", issue, name="issue"),
            path("void/<int:pk>/", void, name="void"),
        ]
