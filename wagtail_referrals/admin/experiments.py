"""Experiments: which of several offers or texts is better."""

from __future__ import annotations

from typing import Any

from django.contrib.admin.utils import quote
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, re_path
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from ..programs.experiment_models import Experiment, ExperimentState
from .experiment_form import ExperimentCreateView, ExperimentEditView
from .experiment_result import ExperimentInspectView
from .experiment_views import ACTIONS
from .permissions import PolicyPermissionHelper
from .rules import ProgramFilter
from .setup import SetupAdmin, SetupButtonHelper


class ExperimentPermissionHelper(PolicyPermissionHelper):
    """What has begun is neither edited nor deleted; it is ended."""

    def user_can_edit_obj(self, user: Any, obj: Any) -> bool:
        return obj.state == ExperimentState.DRAFT and super().user_can_edit_obj(user, obj)

    def user_can_delete_obj(self, user: Any, obj: Any) -> bool:
        return obj.state == ExperimentState.DRAFT and super().user_can_delete_obj(user, obj)


class ExperimentButtonHelper(SetupButtonHelper):
    """Its own screen first."""

    def get_buttons_for_obj(self, obj: Any, *args: Any, **kwargs: Any) -> list[dict[str, Any]]:
        left_out = kwargs.get("exclude") or []
        shows_itself = "inspect" in left_out
        kwargs["exclude"] = [*left_out, "inspect"]
        buttons: list[dict[str, Any]] = super().get_buttons_for_obj(obj, *args, **kwargs)
        if shows_itself or not self.permission_helper.user_can_inspect_obj(self.request.user, obj):
            return buttons
        own = {
            "url": self.url_helper.get_action_url("inspect", quote(obj.pk)),
            "label": _("Plan") if obj.state == ExperimentState.DRAFT else _("Result"),
            "classname": self.finalise_classname(kwargs.get("classnames_add", [])),
            "title": _("What is planned, and what came of it"),
        }
        return [own, *buttons]


class ExperimentAdmin(SetupAdmin):
    model = Experiment
    menu_label = _("Experiments")
    menu_icon = "tasks"
    button_helper_class = ExperimentButtonHelper
    create_view_class = ExperimentCreateView
    edit_view_class = ExperimentEditView
    inspect_view_class = ExperimentInspectView
    inspect_template_name = "wagtail_referrals/admin/experiment.html"
    permission_helper_class = ExperimentPermissionHelper
    list_display = ("name", "state_shown", "subject", "metric", "ends_at", "winner", "program")
    list_filter = (ProgramFilter, "state", "subject")
    list_export = (
        *("name", "program", "subject", "metric", "state", "sample_size"),
        *("started_at", "ends_at", "ended_at", "early_looks", "winner"),
    )
    list_select_related = ("program", "winner")
    search_fields = ("name",)
    ordering = ("-pk",)
    inspect_view_fields = [
        *("program", "subject", "metric", "baseline_percent", "smallest_percent"),
        *("horizon_days", "started_at", "ends_at", "ended_at", "winner"),
    ]
    panels: list[Any] = []
    empty_text: str | Promise = _(
        "Ten percent or a free coffee? Show each to half of your visitors, and keep what more of "
        "them take."
    )
    instead_of_deleting = _("End it instead: what was found stays readable.")

    def state_shown(self, experiment: Experiment) -> SafeString:
        running = experiment.state == ExperimentState.RUNNING
        classname = "w-status w-status--primary" if running else "w-status"
        return format_html('<span class="{}">{}</span>', classname, experiment.get_state_display())

    state_shown.short_description = _("State")  # type: ignore[attr-defined]

    def action_view(self, request: HttpRequest, instance_pk: str) -> HttpResponse:
        """One of ACTIONS, by the last but one part of the address."""
        name = request.path.rstrip("/").split("/")[-2]

        def act(request: HttpRequest, instance_pk: str) -> HttpResponse:
            view: Any = ACTIONS[name].as_view()
            response: HttpResponse = view(request, pk=instance_pk)
            return response

        return self._of_object(act, request, instance_pk)

    def get_admin_urls_for_registration(self) -> tuple[URLPattern, ...]:
        helper = self.url_helper
        urls: tuple[URLPattern, ...] = super().get_admin_urls_for_registration()
        return (
            *urls,
            *(
                re_path(
                    helper.get_action_url_pattern(name),
                    self.action_view,
                    name=helper.get_action_url_name(name),
                )
                for name in ACTIONS
            ),
        )
