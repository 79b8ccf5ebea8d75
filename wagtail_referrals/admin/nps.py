"""The NPS report: would they recommend us, who would not, and is it getting better?"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import swapper
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin.menu import MenuItem
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin
from wagtail.admin.viewsets.base import ViewSet

from ..feedback.models import FeedbackResponse, ResponseState
from ..feedback.ratings import FACES
from ..insights.nps import Comparison, Scores, compare
from ..insights.open_words import NEWEST, common_words
from ..insights.report import MONTH, Period, Report, make_report
from ..insights.smileys import count_smileys
from ..insights.tallies import counted_answers, of_days
from ..programs.access import visible_programs
from .days import today
from .exports import safe_cell
from .nps_charts import draw_bars, draw_gauge, draw_trend
from .nps_form import DIMENSION_LABELS, NO_VALUE, ReportForm, label_of
from .permissions import can_look, form_pages, policy_for

# A page says as much of its sources; what else visitors' addresses said is in the export.
MOST_ROWS = 12
Row = tuple[str, Scores]


@dataclass(frozen=True)
class Split:
    """One table of the report, one row for each page, source, …"""

    name: str
    heading: Any
    rows: list[Row]
    more: int


def verdict(found: Comparison) -> str:
    """A comparison in the words of somebody who keeps a shop."""
    if found.difference is None:
        return gettext("There is nothing to compare: one of the two has no answers.")
    # As the two are shown.
    points = abs((found.one.points or 0) - (found.other.points or 0))
    if not points:
        said = gettext("Both are the same.")
    elif found.difference > 0:
        said = ngettext("%(points)d point higher.", "%(points)d points higher.", points)
    else:
        said = ngettext("%(points)d point lower.", "%(points)d points lower.", points)
    said %= {"points": points}
    if found.is_few:
        return f"{said} " + gettext("But one of the two has few answers: this may be chance.")
    if not points:
        return said
    if found.is_real:
        return f"{said} " + gettext("Chance alone would hardly do that: take it seriously.")
    return f"{said} " + gettext("Chance alone often does that: do not build on it yet.")


class NpsView(PermissionCheckedMixin, WagtailAdminTemplateMixin, TemplateView):
    """One page that can be read, printed and taken along as CSV."""

    any_permission_required = ["view", "change"]
    template_name = "wagtail_referrals/admin/nps.html"
    page_title = _("Would they recommend us?")
    header_icon = "success"

    def setup(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.permission_policy = policy_for(FeedbackResponse)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": "", "label": self.page_title}]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.GET.get("export") == "csv":
            return self._csv()
        return super().get(request, *args, **kwargs)

    @cached_property
    def pages(self) -> dict[int, str]:
        """The pages whose answers this user may see."""
        pages = swapper.load_model("wagtailcore", "Page").objects
        found = pages.filter(pk__in=form_pages(self.request.user)).order_by("title")
        return dict(found.values_list("pk", "title"))

    @cached_property
    def programs(self) -> dict[int, str]:
        """The programs this user may see."""
        return dict(visible_programs(self.request.user).values_list("pk", "name"))

    @cached_property
    def form(self) -> ReportForm:
        """What was asked for; where that is wrong, the last twelve months."""
        form = ReportForm(self.request.GET or None, pages=self.pages, programs=self.programs)
        form.is_valid()
        return form

    @cached_property
    def permitted(self) -> Q:
        """The answers this user may see, as a condition on what is counted."""
        of_programs = Q(program_id__in=list(self.programs)) | Q(program_id=None)
        return Q(page_id__in=list(self.pages)) & of_programs

    @cached_property
    def period(self) -> Period:
        end = self.form.value("end") or today()
        start = self.form.value("start") or (end - timedelta(days=364) if end.year > 2 else end)
        return Period(min(start, end), end)

    @cached_property
    def only(self) -> Q:
        """What is permitted and asked for."""
        return self.permitted & self.form.condition

    @cached_property
    def report(self) -> Report:
        return make_report(self.period, step=self.form.value("step") or "", only=self.only)

    def splits(self, most: int | None = MOST_ROWS) -> Iterable[Split]:
        """The tables: those that would say more than the whole does."""
        for name, heading in DIMENSION_LABELS.items():
            rows = [
                (self._label(name, value), scores)
                for value, scores in self.report.splits[name].items()
            ]
            if rows and not (len(rows) == 1 and name in ("source", "regular", "locale")):
                yield Split(name, heading, rows[:most], max(len(rows) - (most or len(rows)), 0))

    def _label(self, name: str, value: Any) -> str:
        names = {"page_id": self.pages, "program_id": self.programs}.get(name, {})
        return label_of(name, value, names)

    def _segment(self, name: str, value: Any) -> str:
        label = self._label(name, value)
        return label if name == "regular" else f"{DIMENSION_LABELS[name]}: {label}"

    @cached_property
    def segments(self) -> dict[str, tuple[str, Scores]]:
        """What can be compared: {its name in the address: (label, scores)}."""
        return {
            f"{name}:{NO_VALUE if value is None else value}"[:90]: (
                self._segment(name, value),
                scores,
            )
            for name, values in self.report.splits.items()
            for value, scores in list(values.items())[:50]
        }

    @property
    def compared(self) -> tuple[str, str, Comparison, str] | None:
        """The two segments that were chosen, by their labels, how they compare, and in words."""
        keys = [self.request.GET.get(name, "") for name in ("one", "other")]
        one, other = map(self.segments.get, keys)
        if not (one and other):
            return None
        found = compare(one[1], other[1])
        if keys[0].partition(":")[0] == keys[1].partition(":")[0]:
            return one[0], other[0], found, verdict(found)
        # What chance does is known of two groups only that share nobody.
        words = gettext(
            "Some answers may be in both, so nobody can say what is chance. Compare two of the "
            "same kind, like two pages."
        )
        return one[0], other[0], found, words

    def _words(self) -> list[tuple[str, int]]:
        answers = of_days(counted_answers(), self.period.start, self.period.end)
        return common_words(answers.filter(self.only))

    def _faces(self) -> list[tuple[Any, int, str]]:
        """Each smiley, how often it was chosen, and its bar; nothing where none was."""
        received = FeedbackResponse.objects.filter(state=ResponseState.RECEIVED)
        answers = of_days(received, self.period.start, self.period.end)
        counts = count_smileys(answers.filter(self.only))
        return list(zip(FACES, counts, draw_bars(counts), strict=True)) if any(counts) else []

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        report = self.report
        words = self._words() if report.whole.total else []
        bars = draw_bars(report.whole.counts)
        return super().get_context_data(
            form=self.form,
            report=report,
            gauge=draw_gauge(report.whole),
            distribution=list(zip(range(11), report.whole.counts, bars, strict=True)),
            trend=draw_trend(report.steps) if report.steps else None,
            steps=list(report.steps.items()),
            is_monthly=report.step == MONTH,
            splits=list(self.splits()),
            change=verdict(report.change),
            segments=[(key, label) for key, (label, _scores) in self.segments.items()],
            compared=self.compared,
            words=list(zip(words, draw_bars([count for _word, count in words]), strict=True)),
            faces=self._faces() if report.whole.total else [],
            newest=NEWEST,
            has_any=bool(report.whole.total) or self._has_any(),
            csv_url=f"?{self._query(export='csv')}",
            **kwargs,
        )

    def _query(self, **more: str) -> str:
        query = self.request.GET.copy()
        for name, value in more.items():
            query[name] = value
        return query.urlencode()

    def _has_any(self) -> bool:
        return bool(counted_answers().filter(self.permitted)[:1])

    def _csv(self) -> HttpResponse:
        """All numbers, one line for each; cells that no spreadsheet runs."""
        response = HttpResponse(content_type="text/csv; charset=utf-8")
        name = f"nps-{self.period.start}-{self.period.end}.csv"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        writer = csv.writer(response)
        writer.writerow([str(heading) for heading in self._headings()])
        for part, label, scores in self._lines():
            low, high = scores.interval or ("", "")
            groups = (scores.total, scores.promoters, scores.passives, scores.detractors)
            numbers = [_rounded(number) for number in (scores.nps, low, high)]
            writer.writerow(
                [safe_cell(str(part)), safe_cell(label), *groups, *numbers, *scores.counts]
            )
        return response

    @staticmethod
    def _headings() -> list[Any]:
        return [
            _("Part"),
            _("Of"),
            _("Answers"),
            _("Promoters"),
            _("Passives"),
            _("Detractors"),
            _("NPS"),
            _("From"),
            _("To"),
            *range(11),
        ]

    def _lines(self) -> Iterable[tuple[Any, str, Scores]]:
        yield _("All"), f"{self.period.start} – {self.period.end}", self.report.whole
        before = self.period.before
        yield _("The period before"), f"{before.start} – {before.end}", self.report.earlier
        step = _("Month") if self.report.step == MONTH else _("Week from")
        for day, scores in self.report.steps.items():
            yield step, day.isoformat(), scores
        for part in self.splits(most=None):
            for label, scores in part.rows:
                yield part.heading, label, scores


def _rounded(number: Any) -> Any:
    return number if number in ("", None) else f"{number:.2f}"


class NpsMenuItem(MenuItem):
    """For who may see answers."""

    def is_shown(self, request: HttpRequest) -> bool:
        return can_look(request.user, FeedbackResponse)


class NpsViewSet(ViewSet):
    """The screen and its place in the menu."""

    name = "referrals_nps"
    url_prefix = "referrals/nps"
    icon = "success"
    menu_label = _("NPS report")

    def get_menu_item(self, order: int | None = None) -> MenuItem:
        url = reverse("referrals_nps:index")
        return NpsMenuItem(self.menu_label, url, name="nps", icon_name=self.icon, order=order)

    def get_urlpatterns(self) -> list[URLPattern]:
        view: Any = self.construct_view(NpsView)
        return [path("", view, name="index")]
