"""The board: a column for each stage, what has waited longest on top."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Count, QuerySet
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin

from ..partners.introduction_mails import receiver_name
from ..partners.introduction_models import OPEN_STAGES, Introduction, IntroductionStage
from .links import admin_url, list_url
from .permissions import policy_for
from .words import user_name

# How many cards a column shows, of how many days what is over, and when waiting is long.
MOST_CARDS, DAYS_OVER, LONG_DAYS = 20, 30, 14
OVER = (IntroductionStage.WON, IntroductionStage.LOST)
NEXT: dict[str, IntroductionStage] = {
    IntroductionStage.RECEIVED: IntroductionStage.ACCEPTED,
    IntroductionStage.ACCEPTED: IntroductionStage.CONTACTED,
    IntroductionStage.CONTACTED: IntroductionStage.MEETING,
    IntroductionStage.MEETING: IntroductionStage.OFFER,
}


@dataclass(frozen=True)
class Card:
    """One introduction on the board."""

    introduction: Introduction
    url: str
    to: str
    days: int
    owner: str
    is_due: bool
    next_stage: IntroductionStage | None

    @property
    def is_long(self) -> bool:
        """Whether it has waited in its stage for a long time."""
        return self.introduction.is_open and self.days >= LONG_DAYS


@dataclass(frozen=True)
class BoardColumn:
    """A stage, how many are in it, and the first of them."""

    stage: IntroductionStage
    count: int
    cards: list[Card]
    more_url: str


class BoardView(PermissionCheckedMixin, WagtailAdminTemplateMixin, TemplateView):
    """Introductions by stage; a button moves one to the next."""

    any_permission_required = ["view", "change"]
    template_name = "wagtail_referrals/admin/introduction_board.html"
    page_title = _("Introductions by stage")
    header_icon = "table"

    def setup(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.permission_policy = policy_for(Introduction)

    @cached_property
    def rows(self) -> QuerySet[Introduction]:
        """What is open, and what came to an end lately; of one owner if wanted."""
        user = self.request.user
        seen = self.permission_policy.instances_user_has_any_permission_for(
            user, self.any_permission_required
        )
        mine = self.request.GET.get("owner") == "me"
        return seen.filter(owner=user) if mine else seen

    @property
    def columns(self) -> list[BoardColumn]:
        """One for each stage, in their order."""
        since = timezone.now() - timedelta(days=DAYS_OVER)
        counts: dict[str, int] = dict(
            self.rows.filter(stage__in=OPEN_STAGES)
            .order_by()
            .values_list("stage")
            .annotate(Count("pk"))
        )
        over = self.rows.filter(stage__in=OVER, stage_since__gte=since).order_by()
        counts |= dict(over.values_list("stage").annotate(Count("pk")))
        return [self._column(stage, counts.get(stage, 0), since) for stage in IntroductionStage]

    def _column(self, stage: IntroductionStage, count: int, since: Any) -> BoardColumn:
        rows = self.rows.filter(stage=stage)
        rows = rows.filter(stage_since__gte=since) if stage in OVER else rows
        order = "-stage_since" if stage in OVER else "stage_since"
        related = ("introduced", "giver", "partner", "program__site", "owner")
        shown = rows.select_related(*related).order_by(order)[:MOST_CARDS] if count else []
        more = f"{list_url(Introduction)}?stage={stage.value}" if count > MOST_CARDS else ""
        return BoardColumn(stage, count, [_card(one) for one in shown], more)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        plural = capfirst(str(Introduction._meta.verbose_name_plural))
        return [
            *self.breadcrumbs_items,
            {"url": list_url(Introduction), "label": plural},
            {"url": "", "label": self.page_title},
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = self.request.user
        return super().get_context_data(
            columns=self.columns,
            may_change=self.permission_policy.user_has_permission(user, "change"),
            is_mine=self.request.GET.get("owner") == "me",
            **kwargs,
        )


def _card(one: Introduction) -> Card:
    on = one.next_step_on
    return Card(
        introduction=one,
        url=admin_url(one),
        to=receiver_name(one),
        days=(timezone.now() - one.stage_since).days,
        owner=user_name(one.owner) if one.owner else "",
        is_due=bool(one.is_open and on and on <= timezone.localdate()),
        next_stage=NEXT.get(one.stage),
    )
