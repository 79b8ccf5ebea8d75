"""The report on partners: who gives, who takes, whom we owe, who is asleep."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin

from ..partners.introduction_models import Introduction
from ..partners.models import Partner, PartnerState
from ..partners.report import Balance, balances, is_asleep, months, owed, quiet_since
from ..programs.money import format_money
from .balance_chart import draw_balance
from .exports import safe_cell
from .links import list_url, url_for
from .permissions import can_look, policy_for, visible

PER_PAGE, MOST_NAMED = 50, 10


@dataclass(frozen=True)
class Line:
    """A partner in the report, with the widths of its bars in percent of the longest."""

    partner: Partner
    balance: Balance
    url: str
    received_width: str = "0"
    given_width: str = "0"

    @property
    def received_value(self) -> str:
        return money_of(self.balance.received.value)

    @property
    def given_value(self) -> str:
        return money_of(self.balance.given.value)


def money_of(values: dict[str, Decimal]) -> str:
    """Sums by currency, one after the other: they never meet."""
    return ", ".join(format_money(value, currency) for currency, value in values.items()) or "–"


class PartnerReportView(PermissionCheckedMixin, WagtailAdminTemplateMixin, TemplateView):
    """Given and received per partner; with ``?partner=`` one of them over time."""

    any_permission_required = ["view", "change"]
    template_name = "wagtail_referrals/admin/partner_report.html"
    page_title = _("Given and received")
    header_icon = "history"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.permission_policy = policy_for(Introduction)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.GET.get("export") == "csv":
            return self._csv()
        return super().get(request, *args, **kwargs)

    @property
    def introductions(self) -> QuerySet[Introduction]:
        seen: QuerySet[Introduction] = self.permission_policy.instances_user_has_any_permission_for(
            self.request.user, self.any_permission_required
        )
        return seen

    @cached_property
    def partners(self) -> QuerySet[Partner]:
        """Those the user may see, by name; what only was invited is none yet."""
        begun = [PartnerState.ACTIVE, PartnerState.PAUSED, PartnerState.ENDED]
        rows = visible(self.request.user, Partner.objects.filter(state__in=begun))
        return rows.order_by("name", "pk")

    @cached_property
    def found(self) -> dict[int, Balance]:
        return balances(self.introductions)

    def _lines(self, partners: Any) -> list[Line]:
        user, rows = self.request.user, list(partners)
        sides = [
            side.count
            for row in rows
            if (one := self.found.get(row.pk))
            for side in (one.received, one.given)
        ]
        most = max(sides, default=0) or 1
        sees = can_look(user, Partner)
        return [
            Line(
                row,
                one := self.found.get(row.pk, Balance()),
                url_for(user, row) if sees else "",
                f"{50 * one.received.count / most:.1f}",
                f"{50 * one.given.count / most:.1f}",
            )
            for row in rows
        ]

    def _owed(self) -> list[Line]:
        keys = owed(self.found)
        rows = self.partners.filter(state=PartnerState.ACTIVE).in_bulk(keys[: 5 * MOST_NAMED])
        return self._lines([rows[key] for key in keys if key in rows][:MOST_NAMED])

    def _asleep(self) -> list[Line]:
        now = timezone.now()
        quiet = self.partners.filter(quiet_since(now))
        rows = [row for row in quiet if is_asleep(self.found.get(row.pk), now)]
        return self._lines(rows[:MOST_NAMED])

    def _one(self) -> dict[str, Any]:
        """One partner over time."""
        key = self.request.GET.get("partner", "")
        if not key:
            return {}
        if not (key.isascii() and key.isdigit() and len(key) < 19):
            raise Http404
        partner = get_object_or_404(visible(self.request.user, Partner.objects.all()), pk=key)
        steps = months(self.introductions.filter(partner=partner))
        return {
            "partner": partner,
            "months": steps,
            "chart": draw_balance(steps) if steps else None,
            "line": self._lines([partner])[0],
        }

    def _csv(self) -> HttpResponse:
        response = HttpResponse(content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = 'attachment; filename="partners-balance.csv"'
        writer = csv.writer(response)
        headings = (
            *(_("Partner"), _("State"), _("Given"), _("Given, won"), _("Value of these")),
            *(_("Received"), _("Received, won"), _("Value of these"), _("Balance"), _("Last")),
        )
        writer.writerow([str(heading) for heading in headings])
        for line in self._lines(self.partners):
            one = line.balance
            given = (one.given.count, one.given.won, line.given_value)
            received = (one.received.count, one.received.won, line.received_value)
            last = timezone.localdate(one.last).isoformat() if one.last else ""
            row = (line.partner.name, line.partner.get_state_display(), *given, *received)
            writer.writerow([safe_cell(cell) for cell in (*row, one.difference, last)])
        return response

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        plural = capfirst(str(Introduction._meta.verbose_name_plural))
        return [
            *self.breadcrumbs_items,
            {"url": list_url(Introduction), "label": plural},
            {"url": "", "label": self.page_title},
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        one = self._one()
        if one:
            return super().get_context_data(**one, **kwargs)
        page = Paginator(self.partners, PER_PAGE).get_page(self.request.GET.get("p"))
        return super().get_context_data(
            page=page,
            lines=self._lines(page.object_list),
            owed=self._owed(),
            asleep=self._asleep(),
            csv_url=f"?{urlencode({'export': 'csv'})}",
            **kwargs,
        )
