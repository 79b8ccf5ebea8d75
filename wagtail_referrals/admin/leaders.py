"""The leaderboards for staff: who brought most, with links to each and a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin.menu import MenuItem
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin
from wagtail.admin.viewsets.base import ViewSet

from ..insights.champion_models import ValueSummary
from ..insights.leaders import (
    BOARDS,
    FURTHEST,
    MEASURES,
    MOST,
    PARTNERS,
    REVENUE,
    Board,
    find_leaders,
)
from ..partners.models import Partner
from ..programs.access import visible_programs
from ..programs.models import Program
from ..programs.money import format_money
from ..referrals.models import Advocate
from .days import span_of, today
from .leaders_form import PERIODS, LeadersForm
from .links import url_for
from .permissions import can_look, policy_for
from .sheets import FORMATS, as_sheet

_OF_FURTHEST = (_("Steps"), _("People reached"), _("of them brought by themselves"))


@dataclass(frozen=True)
class Line:
    """A line as it is shown; ``width`` of its bar in percent of the longest."""

    rank: int
    name: str
    url: str
    cells: list[str]
    width: str


class LeadersView(PermissionCheckedMixin, WagtailAdminTemplateMixin, TemplateView):
    """One board at a time, of one program."""

    any_permission_required = ["view", "change"]
    template_name = "wagtail_referrals/admin/leaders.html"
    page_title = _("Leaderboards")
    header_icon = "order-down"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.permission_policy = policy_for(Advocate)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        kind = request.GET.get("export", "")
        if kind in FORMATS:
            return as_sheet(self._lines_of_sheet(), kind, self._file_name())
        return super().get(request, *args, **kwargs)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": "", "label": self.page_title}]

    @cached_property
    def programs(self) -> dict[int, Program]:
        """Those this user may see, by their key."""
        return {one.pk: one for one in visible_programs(self.request.user).order_by("name", "pk")}

    @cached_property
    def form(self) -> LeadersForm:
        programs = {key: str(one) for key, one in self.programs.items()}
        seen = ValueSummary.objects.filter(program__in=list(programs)).order_by()
        currencies = {one.currency for one in self.programs.values()}
        currencies |= set(seen.values_list("currency", flat=True))
        form = LeadersForm(
            self.request.GET or None, programs=programs, currencies=sorted(currencies)
        )
        if not can_look(self.request.user, Partner):
            form.leave_out(PARTNERS)
        form.is_valid()
        return form

    @cached_property
    def program(self) -> Program | None:
        """The one that was asked for, else the first."""
        asked = self.form.value("program")
        return self.programs.get(asked) or next(iter(self.programs.values()), None)

    @cached_property
    def days(self) -> tuple[date, date] | None:
        return self.form.days(today())

    @cached_property
    def currency(self) -> str:
        """Of all the time only the program's own is known."""
        own = self.program.currency if self.program else ""
        asked = self.form.value("currency")
        return own if self.form.is_unknown else asked or own

    @cached_property
    def board(self) -> Board:
        if self.program is None:
            return Board()
        return find_leaders(
            self.program,
            self.form.asked_board,
            self.form.asked_measure,
            span=span_of(*self.days) if self.days else None,
            currency=self.currency,
        )

    @property
    def headings(self) -> list[Any]:
        """Of the columns beside rank and name."""
        if self.form.asked_board == FURTHEST:
            return list(_OF_FURTHEST)
        return [capfirst(str(MEASURES[self.form.asked_measure]))]

    @property
    def is_money(self) -> bool:
        return self.form.asked_board != FURTHEST and self.form.asked_measure == REVENUE

    @property
    def other_currency(self) -> bool:
        """Whether another currency was asked for than can be told."""
        asked = self.form.value("currency")
        return self.is_money and bool(asked) and asked != self.currency

    def _lines(self) -> list[Line]:
        # People, where they say more than the steps do.
        by = 1 if self.form.asked_board == FURTHEST else 0
        most = max((one.values[by] for one in self.board.leaders), default=0) or 1
        return [
            Line(
                one.rank,
                one.name,
                self._url(one.target),
                [self._say(value) for value in one.values],
                f"{100 * one.values[by] / most:.1f}",
            )
            for one in self.board.leaders
        ]

    def _url(self, target: Model) -> str:
        return url_for(self.request.user, target) if isinstance(target, Advocate | Partner) else ""

    def _say(self, value: Any) -> str:
        return format_money(value, self.currency) if self.is_money else str(value)

    def _lines_of_sheet(self) -> Iterable[list[Any]]:
        money = [_("Currency")] if self.is_money else []
        yield [_("Rank"), _("Who"), *self.headings, *money]
        for one in self.board.leaders:
            yield [one.rank, one.name, *one.values, *([self.currency] if self.is_money else [])]

    def _file_name(self) -> str:
        days = "-".join(day.isoformat() for day in self.days or ())
        return "-".join(part for part in ("leaders", self.form.asked_board, days) if part)

    def _query(self, **more: str) -> str:
        query = self.request.GET.copy()
        for name, value in more.items():
            query[name] = value
        return f"?{query.urlencode()}"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            form=self.form,
            program=self.program,
            board=self.board,
            what=BOARDS[self.form.asked_board],
            is_furthest=self.form.asked_board == FURTHEST,
            period=PERIODS[self.form.asked_period],
            days=self.days,
            headings=self.headings,
            lines=self._lines(),
            most=MOST,
            exports=[(kind.upper(), self._query(export=kind)) for kind in FORMATS],
            **kwargs,
        )


class LeadersMenuItem(MenuItem):
    """For who may see advocates."""

    def is_shown(self, request: HttpRequest) -> bool:
        return can_look(request.user, Advocate)


class LeadersViewSet(ViewSet):
    """The screen and its place in the menu."""

    name = "referrals_leaders"
    url_prefix = "referrals/leaders"
    icon = LeadersView.header_icon
    menu_label = LeadersView.page_title

    def get_urlpatterns(self) -> list[URLPattern]:
        view: Any = self.construct_view(LeadersView)
        return [path("", view, name="index")]

    def get_menu_item(self, order: int | None = None) -> MenuItem:
        url = reverse("referrals_leaders:index")
        return LeadersMenuItem(
            self.menu_label, url, name="leaders", icon_name=self.icon, order=order
        )
