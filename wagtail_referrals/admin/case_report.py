"""The report on following up, on a screen and as a spreadsheet."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin
from wagtail.admin.widgets import AdminDateInput

from ..feedback.case_models import Case
from ..feedback.case_report import BY, CaseCounts, cases_by, count_cases, named
from ..insights.clock import local, midnight
from .days import today
from .exports import safe_cell
from .links import list_url
from .permissions import policy_for

HEADINGS = (
    _("Opened"),
    _("Closed"),
    _("Average time"),
    _("Closed in time"),
    _("Open now"),
    _("Late now"),
)
TITLES = {"program": _("By program"), "occasion": _("By occasion"), "owner": _("By whose it is")}


class PeriodForm(forms.Form):
    """From one day to another of the site's clock, both included."""

    start = forms.DateField(label=_("From"), required=False, widget=AdminDateInput)
    end = forms.DateField(label=_("To"), required=False, widget=AdminDateInput)

    def period(self) -> tuple[datetime, datetime]:
        """The days as times; the last 30 days for what was not said or makes no sense."""
        last = today()
        values = self.cleaned_data if self.is_valid() else {}
        end = values.get("end") or last
        start = values.get("start") or end - timedelta(days=29)
        if not (start.year >= 2000 and start <= end <= last + timedelta(days=366)):
            start, end = last - timedelta(days=29), last
        return midnight(start), midnight(end + timedelta(days=1))


def time_text(took: timedelta | None) -> str:
    """A duration as people say it: minutes, hours or days."""
    if took is None:
        return "–"
    minutes = round(took.total_seconds() / 60)
    if minutes < 60:
        return ngettext("%(number)d minute", "%(number)d minutes", minutes) % {"number": minutes}
    hours = round(minutes / 60)
    if hours < 48:
        return ngettext("%(number)d hour", "%(number)d hours", hours) % {"number": hours}
    days = round(hours / 24)
    return ngettext("%(number)d day", "%(number)d days", days) % {"number": days}


def cells(row: CaseCounts) -> list[Any]:
    """A row as it is shown."""
    share = row.share_in_time
    in_time = f"{row.in_time} ({share} %)" if share is not None else "–"
    return [row.opened, row.closed, time_text(row.average), in_time, row.still_open, row.late]


class CaseReportView(PermissionCheckedMixin, WagtailAdminTemplateMixin, TemplateView):
    """Opened, closed, how fast and how much of it in time."""

    any_permission_required = ["view", "change"]
    template_name = "wagtail_referrals/admin/case_report.html"
    page_title = _("How following up goes")
    header_icon = "history"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.permission_policy = policy_for(Case)

    @cached_property
    def form(self) -> PeriodForm:
        period = PeriodForm(self.request.GET)
        self.start, self.end = period.period()
        last = local(self.end - timedelta(seconds=1)).date()
        shown = {"start": local(self.start).date(), "end": last}
        return period if period.errors else PeriodForm(initial=shown)

    @cached_property
    def tables(self) -> list[dict[str, Any]]:
        """All of them, then by each of what divides them."""
        form, now = self.form, timezone.now()
        assert form
        visible = self.permission_policy.instances_user_has_any_permission_for(
            self.request.user, self.any_permission_required
        )
        total = count_cases(visible, self.start, self.end, now)
        tables: list[dict[str, Any]] = [
            {"title": gettext("All"), "rows": [(gettext("All cases"), cells(total))]}
        ]
        for by in BY:
            rows = cases_by(visible, by, self.start, self.end, now)
            names = named(by, rows, Case)
            none = gettext("nobody's") if by == "owner" else gettext("None")
            shown = [(names.get(row.what, none), cells(row)) for row in rows]
            tables.append({"title": TITLES[by], "rows": shown})
        return tables

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.GET.get("export") == "csv":
            return self._csv()
        return super().get(request, *args, **kwargs)

    def _csv(self) -> HttpResponse | StreamingHttpResponse:
        response = HttpResponse(content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = 'attachment; filename="follow-up.csv"'
        writer = csv.writer(response)
        writer.writerow(["", "", *map(str, HEADINGS)])
        for row in self._lines():
            writer.writerow([safe_cell(cell) for cell in row])
        return response

    def _lines(self) -> Iterable[list[Any]]:
        for table in self.tables:
            for name, values in table["rows"]:
                yield [str(table["title"]), str(name), *values]

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": list_url(Case), "label": _("Follow-up")},
            {"url": "", "label": self.page_title},
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        query = self.request.GET.copy()
        query["export"] = "csv"
        return super().get_context_data(
            form=self.form,
            tables=self.tables,
            headings=HEADINGS,
            csv_url=f"?{query.urlencode()}",
            **kwargs,
        )
