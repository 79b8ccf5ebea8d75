"""An experiment's own screen: its plan, how far it is, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib.admin.utils import quote
from django.http import HttpRequest, HttpResponse
from django.utils.formats import number_format
from django.utils.functional import cached_property
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from ..insights.experiment_end import another_runs
from ..insights.experiment_plan import Plan, Problem, plan_of, problems
from ..insights.experiments import Result, result_of
from ..programs.experiment_models import Experiment, ExperimentState, Metric, Variant
from ..retention import retention_days
from .experiment_chart import Picture, draw_rates
from .experiment_views import may_look
from .experiment_words import (
    MoneyRow,
    Row,
    lines_of,
    money_rows,
    percent,
    problem_told,
    row_of,
    says,
    verdict,
)
from .setup import SetupInspectView
from .sheets import FORMATS, as_sheet


@dataclass(frozen=True)
class Progress:
    """How many visitors a variant has of those it needs."""

    variant: Variant
    visitors: int
    worth: int
    needed: int


class ExperimentInspectView(SetupInspectView):
    page_title = _("Experiment")
    instance: Experiment

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        export = request.GET.get("export", "")
        if export in FORMATS and self.shows_result:
            return as_sheet(
                lines_of(self.result, self.reached_label), export, f"experiment-{self.instance.pk}"
            )
        response: HttpResponse = super().get(request, *args, **kwargs)
        return response

    @cached_property
    def variants(self) -> list[Variant]:
        found = list(self.instance.variants.select_related("offer"))
        for variant in found:
            variant.experiment = self.instance
        return found

    @property
    def is_draft(self) -> bool:
        return self.instance.state == ExperimentState.DRAFT

    @property
    def is_running(self) -> bool:
        return self.instance.state == ExperimentState.RUNNING

    @cached_property
    def problems(self) -> list[Problem]:
        """What keeps a draft from beginning."""
        if not self.is_draft:
            return []
        return problems(self.instance, self.variants, click_days=retention_days("clicks"))

    @property
    def problems_told(self) -> list[str]:
        return [problem_told(problem) for problem in self.problems]

    @cached_property
    def plan(self) -> Plan | None:
        return plan_of(self.instance, self.variants) if self.is_draft else None

    @cached_property
    def result(self) -> Result:
        return result_of(self.instance)

    @cached_property
    def shows_result(self) -> bool:
        """What is running is shown when it is decided, or to who looks early and says so."""
        if not self.is_running or self.result.is_complete:
            return not self.is_draft
        token = self.request.GET.get("look", "")
        return may_look(token, self.instance, self.request.user)

    @property
    def is_early(self) -> bool:
        """Whether it ended, or is looked at, before it was complete."""
        return not self.result.is_complete

    @property
    def waits_for_count(self) -> bool:
        """Whether the planned end is reached, and the count up to then not made yet."""
        return self.is_running and self.result.is_over and not self.result.is_complete

    @property
    def count_url(self) -> str:
        """Where it is counted at once; "" where nobody needs to, or this user may not."""
        policy, user = self.permission_helper.policy, self.request.user
        if not self.is_running or self.instance.is_settled:
            return ""
        may = policy.user_has_permission_for_instance(user, "change", self.instance)
        return self.url("count") if may else ""

    @cached_property
    def rows(self) -> list[Row]:
        return [row_of(arm) for arm in self.result.arms]

    @cached_property
    def money(self) -> list[MoneyRow]:
        return money_rows(self.result.arms)

    @cached_property
    def picture(self) -> Picture | None:
        return draw_rates(self.result.arms)

    @property
    def progress(self) -> list[Progress]:
        needed = self.instance.sample_size or 0
        return [
            Progress(arm.variant, arm.visitors, min(arm.worth, needed), needed)
            for arm in self.result.arms
            if arm.variant.weight
        ]

    @property
    def reached_label(self) -> Any:
        """What is counted, as a heading."""
        return {
            Metric.CLAIMS: _("Claimed"),
            Metric.PURCHASES: _("Bought"),
            Metric.BROUGHT: _("Link was opened"),
        }[Metric(self.instance.metric)]

    @property
    def how_long(self) -> str:
        """How many it needs, and how long that takes by the last four weeks."""
        plan = self.plan
        if plan is None:
            return ""
        brought = self.instance.metric == Metric.BROUGHT
        words = (
            gettext("You need %(each)s new advocates in each variant.")
            if brought
            else gettext("You need %(each)s visitors in each variant.")
        )
        told = words % {"each": number_format(plan.each, force_grouping=True)}
        if plan.weeks is None:
            return f"{told} " + gettext("Nobody came in the last four weeks.")
        weekly = number_format(round(plan.weekly), force_grouping=True)
        at_your = ngettext(
            "At your %(weekly)s a week that takes %(weeks)d week.",
            "At your %(weekly)s a week that takes %(weeks)d weeks.",
            plan.weeks,
        )
        return f"{told} " + at_your % {"weekly": weekly, "weeks": plan.weeks}

    @property
    def is_too_long(self) -> bool:
        """Whether it would end before enough have come."""
        plan = self.plan
        if plan is None:
            return False
        return plan.weeks is None or plan.weeks * 7 > self.instance.horizon_days + 6

    @property
    def lately(self) -> str:
        """What the last four weeks say of the rate that was planned with."""
        plan = self.plan
        if plan is None or plan.lately is None:
            return ""
        words = gettext("In the last four weeks it was %(lately)s; you plan with %(planned)s.")
        planned = float(self.instance.baseline_percent) / 100
        return words % {"lately": percent(plan.lately), "planned": percent(planned)}

    def url(self, action: str) -> str:
        return str(self.url_helper.get_action_url(action, quote(self.instance.pk)))

    @property
    def actions(self) -> list[tuple[str, Any, str]]:
        """Address, words and class of what this user can do with it now."""
        policy, user = self.permission_helper.policy, self.request.user
        if not policy.user_has_permission_for_instance(user, "change", self.instance):
            return []
        shown = []
        if self.is_draft:
            shown = [("edit", _("Edit the plan"), "button-secondary")]
            if not self.problems:
                shown.insert(0, ("start", _("Begin …"), ""))
        elif self.is_running:
            if not self.shows_result:
                shown.append(("look", _("Look early …"), "button-secondary"))
            shown.append(("keep", _("Keep one of them …"), ""))
            shown.append(("stop", _("End it without a winner …"), "button-secondary"))
        elif another_runs(self.instance):
            # What that one compares with must not change under it.
            shown = []
        elif self.instance.winner_id is None:
            shown = [("keep", _("Keep one of them …"), "button-secondary")]
        elif self.instance.replaced:
            shown = [("undo", _("Go back to how it was …"), "button-secondary")]
        return [(self.url(action), words, classname) for action, words, classname in shown]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        look = self.request.GET.get("look", "")
        carried = {"look": look} if look and self.shows_result else {}
        return super().get_context_data(
            described=[(variant, says(variant)) for variant in self.variants],
            verdict=verdict(self.result) if self.shows_result else "",
            exports=[
                (kind.upper(), f"?{urlencode({**carried, 'export': kind})}") for kind in FORMATS
            ],
            **kwargs,
        )
