"""The one screen: how many come by recommendation, through whom, at what cost, is it better?"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin.menu import MenuItem
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin
from wagtail.admin.viewsets.base import ViewSet

from ..feedback.models import FeedbackResponse
from ..insights.champion_models import CustomerValue
from ..insights.dashboard import Dashboard, about, as_rows, make_dashboard, without_answers
from ..insights.goal_models import ChannelCost, Goal
from ..insights.sample import sample_dashboard
from ..partners.models import Partner
from ..programs.access import hidden_programs, visible_programs
from ..programs.models import Program
from ..referrals.models import Advocate
from .dashboard_export import KINDS, spreadsheet
from .dashboard_form import PERIODS, DashboardForm
from .dashboard_links import rows_urls
from .dashboard_words import picture, steps, tile, write
from .first_steps import first_steps
from .links import SETUP, list_url
from .permissions import LOOK, can_look, can_set_up, policy_for, sees_all_answers
from .projection import ProjectionForm, known_of


class DashboardView(PermissionCheckedMixin, WagtailAdminTemplateMixin, TemplateView):
    """Numbers that are counted beforehand: it costs the same however many there are."""

    any_permission_required = LOOK
    template_name = "wagtail_referrals/admin/dashboard.html"
    page_title = _("Dashboard")
    header_icon = "desktop"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.permission_policy = policy_for(Program)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.GET.get("part") == "projection":
            form = ProjectionForm(request.GET, {})
            name = "wagtail_referrals/admin/dashboard_projection.html"
            return TemplateResponse(request, name, {"projection": form.picture})
        kind = request.GET.get("export")
        if kind in KINDS:
            rows = [*self._example_rows(), *about(self.dashboard), *as_rows(self.dashboard)]
            return spreadsheet(rows, kind, self._file_name())
        return super().get(request, *args, **kwargs)

    def _file_name(self) -> str:
        first, last = self.dashboard.days
        return "referrals-example" if self.is_example else f"referrals-{first}-{last}"

    def _example_rows(self) -> list[list[Any]]:
        """Invented numbers say so wherever they go."""
        return [[_("These numbers are invented."), "", "", "", "", ""]] if self.is_example else []

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": "", "label": self.page_title}]

    @cached_property
    def programs(self) -> list[Program]:
        """Those this user may see."""
        found = visible_programs(self.request.user).select_related("site")
        return list(found.order_by("name", "pk"))

    @cached_property
    def form(self) -> DashboardForm:
        """What was asked for."""
        form = DashboardForm(self.request.GET or None, programs=self.programs)
        if not can_look(self.request.user, Partner):
            form.leave_out_split("partner")
        form.is_valid()
        return form

    @property
    def is_example(self) -> bool:
        """Whether the numbers are invented."""
        return self.request.GET.get("example") == "1"

    @cached_property
    def dashboard(self) -> Dashboard:
        """All numbers of what was asked for that this user may see."""
        found = self._whole()
        return found if self._sees_answers else without_answers(found)

    @property
    def _sees_answers(self) -> bool:
        """Whether all answers are this user's to see: what is counted of them is of all."""
        user = self.request.user
        if not can_look(user, FeedbackResponse):
            return False
        return self.is_example or sees_all_answers(user, self.form.chosen)

    def _whole(self) -> Dashboard:
        chosen = self.form.chosen
        if self.is_example:
            return sample_dashboard(chosen)
        first, last = self.form.days
        return make_dashboard(chosen, first, last, split_by=self.form.value("split") or "channel")

    def _query(self, **more: str) -> str:
        """This address with other values; an empty one takes its field away."""
        query = self.request.GET.copy()
        for name, value in more.items():
            query[name] = value
            if not value:
                del query[name]
        return f"?{query.urlencode()}"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        dashboard = self.dashboard
        is_empty = dashboard.is_empty and not self.is_example
        tells_steps = not self.is_example and (is_empty or self._runs_all())
        steps = first_steps(self.request.user, self.programs) if tells_steps else []
        still_open = [step for step in steps if not step.is_done]
        # As long as nothing has happened, they stand in place of the numbers.
        shows_steps = bool(is_empty and still_open)
        context = super().get_context_data(
            form=self.form,
            dashboard=dashboard,
            example=self.is_example,
            to_do=steps if shows_steps else [],
            still_open=still_open,
            is_empty=is_empty,
            periods=self._periods(),
            chosen=self.form.chosen,
            example_url=self._query(example="1"),
            own_url=self._query(example=""),
            others=self._others(),
            exports=[(kind.upper(), self._query(export=kind)) for kind in KINDS],
            **kwargs,
        )
        return context if shows_steps else {**context, **self._numbers()}

    def _others(self) -> list[tuple[Any, str]]:
        """The screens that say who, for who may see them."""
        offered = [
            (_("Leaderboards"), Advocate, "referrals_leaders:index"),
            (_("Champions"), CustomerValue, "referrals_champions:report"),
        ]
        user = self.request.user
        return [(label, reverse(name)) for label, model, name in offered if can_look(user, model)]

    def _periods(self) -> list[tuple[Any, str, bool]]:
        """The usual periods: what it is called, its address, whether it is shown."""
        shown = self.form.shown_period
        return [
            (label, self._query(period=key, start="", end=""), key == shown)
            for key, label in PERIODS.items()
        ]

    def _numbers(self) -> dict[str, Any]:
        """What the sections show."""
        dashboard = self.dashboard
        charts = [picture(chart) for chart in dashboard.charts if chart.key != "projection"]
        return {
            "headlines": [tile(number) for number in dashboard.headlines],
            "funnel": steps(dashboard.funnel, rows_urls(self.request.user, dashboard.funnel)),
            "splits": [
                (
                    split,
                    [
                        (label, ["–" if count is None else write(count) for count in counts])
                        for label, counts in split.rows
                    ],
                )
                for split in dashboard.splits
            ],
            "dimensions": [
                (label, self._query(split=key), key == (self.form.value("split") or "channel"))
                for key, label in self.form.splits
            ],
            "trends": [one for one in charts if one.unit != "money" and one.key != "nps"],
            "money": [tile(number) for number in dashboard.money],
            "money_charts": [one for one in charts if one.unit == "money"],
            "growth": [tile(number) for number in dashboard.growth],
            "projection_form": self._projection,
            "projection": self._projection.picture,
            "costs": [
                (
                    row.channel,
                    write(row.cost, "money", row.currency),
                    write(row.customers, "plain"),
                    write(row.each, "money", row.currency),
                    row.why,
                )
                for row in dashboard.costs
            ],
            "nps_charts": [one for one in charts if one.key == "nps"],
            "nps_url": self._nps_url(),
            "setup": self._setup(),
        }

    @cached_property
    def _projection(self) -> ProjectionForm:
        return ProjectionForm(self.request.GET, known_of(self.dashboard))

    @property
    def _is_one_or_all(self) -> bool:
        """What a report can be of: one program, or all that this user sees."""
        return len(self.form.chosen) in (1, len(self.programs))

    def _setup(self) -> list[tuple[Any, str]]:
        """Where costs and goals are entered, or seen by who may not enter any."""
        offered = [
            (ChannelCost, _("Enter what other channels cost"), _("See what other channels cost")),
            (Goal, _("Set a goal"), _("See goals")),
        ]
        return [
            (enter if self._may(model, "add") else see, list_url(model))
            for model, enter, see in offered
            if model in SETUP and can_set_up(self.request.user, model)
        ]

    def _runs_all(self) -> bool:
        """Whether what is still open is theirs to do: beside numbers it is told to nobody else."""
        return self._may(Program, "change") and not hidden_programs(self.request.user)

    def _may(self, model: type[Model], action: str) -> bool:
        return bool(policy_for(model).user_has_permission(self.request.user, action))

    def _nps_url(self) -> str:
        """The report on the same answers; "" where there is none, or not for this user."""
        may = can_look(self.request.user, FeedbackResponse)
        if self.is_example or not (may and self._is_one_or_all):
            return ""
        first, last = self.dashboard.days
        asked: dict[str, Any] = {"start": first, "end": last}
        if len(self.form.chosen) == 1:
            asked["program"] = self.form.chosen[0].pk
        return f"{reverse('referrals_nps:index')}?{urlencode(asked)}"


class DashboardMenuItem(MenuItem):
    """For who may see programs."""

    def is_shown(self, request: HttpRequest) -> bool:
        return can_look(request.user, Program)


class DashboardViewSet(ViewSet):
    """The screen and its place in the menu."""

    name = "referrals_dashboard"
    url_prefix = "referrals/dashboard"
    icon = "desktop"
    menu_label = _("Dashboard")

    def get_menu_item(self, order: int | None = None) -> MenuItem:
        url = reverse("referrals_dashboard:index")
        return DashboardMenuItem(
            self.menu_label, url, name="dashboard", icon_name=self.icon, order=order
        )

    def get_urlpatterns(self) -> list[URLPattern]:
        view: Any = self.construct_view(DashboardView)
        return [path("", view, name="index")]
