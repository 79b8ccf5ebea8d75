"""Rewards: by state with their totals, and the queue of those that somebody has to approve."""

from __future__ import annotations

from typing import Any

from django.db.models import Min, Q, QuerySet
from django.urls import URLPattern, path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.tables import BulkActionsCheckboxColumn, Column, StatusTagColumn, TitleColumn

from ..coupons.models import Coupon
from ..events.models import Event
from ..programs.offers import MONEY_KINDS
from ..rewards.ledger import OPEN_STATES
from ..rewards.models import EntryKind, Reward, RewardEntry, RewardState
from .bounded import BoundedPaginator
from .permissions import can_look, policy_for
from .records import (
    MomentColumn,
    RecordIndexView,
    RecordViewSet,
    Text,
    days_filter,
    filters_for,
)
from .rewards_story import (
    ApproveRewardView,
    HoldRewardView,
    IssueRewardView,
    RewardInspectView,
    VoidRewardView,
    balance,
)
from .rewards_totals import totals_of
from .rewards_why import why_held, with_holds
from .search import code_q, of_person

# Oldest first: who has waited longest is next.
QUEUE = {"state": RewardState.HELD.value, "ordering": "created_at"}


def find_rewards(term: str) -> Q:
    """Rewards by their person, coupon or order; only by indexed columns."""
    orders = Event.objects.filter(external_id=term).order_by().values("pk")
    found = of_person("person", term) | Q(event__in=orders)
    if code := code_q("code_key", term):
        found |= Q(coupon__in=Coupon.objects.filter(code).order_by().values("pk"))
    return found


def _issued_in(rows: QuerySet, _name: str, days: slice | None) -> QuerySet:
    """Those that were issued in a range of times; of one that is issued again, the first counts."""
    if days is None:
        return rows
    first = RewardEntry.objects.filter(kind=EntryKind.ISSUED).order_by().values("reward")
    issued = first.annotate(at=Min("created_at"))
    if days.start:
        issued = issued.filter(at__gte=days.start)
    if days.stop:
        issued = issued.filter(at__lte=days.stop)
    return rows.filter(pk__in=issued.values("reward"))


class RewardIndexView(RecordIndexView):
    related = ("person", "program", "version")
    template_name = "wagtail_referrals/admin/rewards.html"
    results_template_name = "wagtail_referrals/admin/rewards_results.html"
    paginator_class = BoundedPaginator
    list_display = [
        TitleColumn(
            "reward",
            label=_("Reward"),
            accessor="headline",
            url_name="referrals_rewards:inspect",
            get_title_id=lambda reward: f"reward_{reward.pk}_title",
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
    why_column = Column("why", label=_("Why it is held"), accessor=why_held)
    exports = (
        (_("Reward"), lambda row: row.headline),
        (_("E-mail"), lambda row: row.person.email),
        (_("Name"), lambda row: row.person.name),
        (_("As"), lambda row: row.get_beneficiary_display()),
        (_("Program"), lambda row: row.program.name),
        (_("Rule"), lambda row: row.rule_name),
        (_("State"), lambda row: row.get_state_display()),
        (_("Worth now"), lambda row: row.balance if row.kind in MONEY_KINDS else None),
        (_("To be recovered"), lambda row: row.owed or None),
        (_("Currency"), lambda row: row.currency),
        (_("Waits until"), lambda row: row.hold_until),
        (_("Granted"), lambda row: row.created_at),
    )
    search_hint = _("E-mail, name, coupon or order")
    empty_text = _(
        "Rewards are granted by the reward rules of a program, and issued after their hold."
    )
    filterset_class = filters_for(
        Reward,
        "created_at",
        ["program", "state", "beneficiary"],
        issued=days_filter(_("Issued"), method=_issued_in),
    )

    @property
    def is_queue(self) -> bool:
        """Whether it shows what somebody has to approve."""
        return self.request.GET.get("state") == RewardState.HELD

    def get_page_title(self) -> Text:
        title: Text = super().get_page_title()
        return _("Rewards to approve") if self.is_queue else title

    @cached_property
    def may_decide(self) -> bool:
        """Whether the user may approve, hold and void."""
        return bool(policy_for(Reward).user_has_permission(self.request.user, "change"))

    @cached_property
    def columns(self) -> list[Any]:
        columns = list(self.list_display)
        if self.is_queue:
            # The same for all of them, or no longer of interest.
            hidden = ("get_state_display", "hold_until")
            columns = [column for column in columns if column.name not in hidden]
            columns.insert(1, self.why_column)
        if self.may_decide:
            columns.insert(0, BulkActionsCheckboxColumn("bulk_actions", obj_type="reward"))
        return columns

    def get_base_queryset(self) -> QuerySet:
        rewards = super().get_base_queryset()
        return rewards.prefetch_related(with_holds()) if self.is_queue else rewards

    def search_with(self, term: str) -> Q:
        return find_rewards(term)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        is_cut = context["paginator"].is_cut
        asked = "totals" in self.request.GET
        context["totals"] = [] if is_cut and not asked else totals_of(self.get_queryset())
        query = self.request.GET.copy()
        query["totals"] = "1"
        context["totals_url"] = f"{self.index_url}?{query.urlencode()}" if is_cut else ""
        context["has_one_currency"] = len({total.currency for total in context["totals"]}) == 1
        return context


class RewardViewSet(RecordViewSet):
    model = Reward
    icon = "pick"
    index_view_class = RewardIndexView
    inspect_view_class = RewardInspectView
    has_actions = True

    def get_urlpatterns(self) -> list[URLPattern]:
        actions = {
            "issue": IssueRewardView,
            "approve": ApproveRewardView,
            "hold": HoldRewardView,
            "void": VoidRewardView,
        }
        views: dict[str, Any] = {name: self.construct_view(view) for name, view in actions.items()}
        return [
            *super().get_urlpatterns(),
            *(path(f"{name}/<int:pk>/", view, name=name) for name, view in views.items()),
        ]


class QueueMenuItem(MenuItem):
    """The rewards that are held, the oldest first."""

    def __init__(self, order: int) -> None:
        url = queue_url()
        super().__init__(_("To approve"), url, name="to-approve", icon_name="help", order=order)

    @classmethod
    def get_menu_item(cls, order: int) -> QueueMenuItem:
        """As every other part of the menu makes its entry."""
        return cls(order)

    def is_shown(self, request: Any) -> bool:
        return can_look(request.user, Reward)


def queue_url() -> str:
    """The list of what somebody has to approve."""
    query = "&".join(f"{name}={value}" for name, value in QUEUE.items())
    return f"{reverse('referrals_rewards:index')}?{query}"
