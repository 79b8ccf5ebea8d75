"""Reward rules: when what happens, who gets what, in the order in which they are asked."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.contrib.admin.filters import SimpleListFilter
from django.contrib.admin.utils import quote
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, re_path
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ..programs.access import visible_programs
from ..rewards.describe import describe_rule
from ..rewards.limits import describe_limit, limit_at, read_used
from ..rewards.rule_models import RewardRule, RuleState
from .rule_rehearsal import RehearsalView
from .rule_views import RuleCreateView, RuleEditView, RuleHistoryView, RuleStateView
from .setup import SetupAdmin, SetupButtonHelper, SetupIndexView, SetupInspectView


class ProgramFilter(SimpleListFilter):
    """Django's own filter by a relation asks Django's admin, which a site need not have."""

    title = _("program")
    parameter_name = "program"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(program.pk), program.name) for program in visible_programs(request.user)]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        known = {key for key, _name in self.lookup_choices}
        return queryset.filter(program=self.value()) if self.value() in known else queryset


class RuleButtonHelper(SetupButtonHelper):
    """The usual buttons, and those only rules have."""

    def get_buttons_for_obj(self, obj: Any, *args: Any, **kwargs: Any) -> list[dict[str, Any]]:
        # Deleting is for a rule that was made by mistake: its own screen offers it.
        kwargs["exclude"] = [*(kwargs.get("exclude") or []), "delete"]
        buttons: list[dict[str, Any]] = super().get_buttons_for_obj(obj, *args, **kwargs)
        if not self.permission_helper.user_can_edit_obj(self.request.user, obj):
            return buttons
        classname = self.finalise_classname(["button-secondary", *kwargs.get("classnames_add", [])])
        more = [
            {
                "url": f"{self.url_helper.get_action_url('dry-run')}?rule={obj.pk}",
                "label": _("Dry run"),
                "classname": classname,
                "title": _("What would it grant? Nothing is written."),
            },
            {
                "url": self.url_helper.get_action_url("state", quote(obj.pk)),
                "label": _("Pause …") if obj.state == RuleState.ACTIVE else _("Activate …"),
                "classname": classname,
                "title": _("Pause or activate, copy, archive"),
            },
        ]
        return [*buttons[:1], *more, *buttons[1:]]


class RuleIndexView(SetupIndexView):
    """The list; what is used of all limits in it is one query."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        rules = context["object_list"] = list(context["object_list"])
        used = used_of(rules)
        for rule in rules:
            rule.used_now = used
        return context


def shared_limits(rule: RewardRule) -> dict[str, dict[str, Any]]:
    """The rule's limits for everybody, by the key of their counter of now."""
    now = timezone.now()
    shared = [stored for stored in rule.limits if stored["per"] == "rule"]
    return {limit_at(rule, stored, now).key: stored for stored in shared}


def used_of(rules: Iterable[RewardRule]) -> dict[str, Decimal]:
    """What is used of the rules' limits for everybody."""
    keys = [key for rule in rules for key in shared_limits(rule)]
    return read_used(keys) if keys else {}


class RuleInspectView(SetupInspectView):
    def get_field_display_value(self, field_name: str, field: Any = None) -> Any:
        if field_name in ("sentence", "used"):
            return getattr(self.model_admin, field_name)(self.instance)
        return super().get_field_display_value(field_name, field)

    def get_field_label(self, field_name: str, field: Any = None) -> Any:
        if field_name in ("sentence", "used"):
            return getattr(self.model_admin, field_name).short_description
        return super().get_field_label(field_name, field)


class RewardRuleAdmin(SetupAdmin):
    model = RewardRule
    menu_label = _("Reward rules")
    menu_icon = "cogs"
    button_helper_class = RuleButtonHelper
    index_view_class = RuleIndexView
    create_view_class = RuleCreateView
    edit_view_class = RuleEditView
    inspect_view_class = RuleInspectView
    history_view_class = RuleHistoryView
    inspect_view_fields = ["name", "program", "sentence", "state", "used", "priority"]
    list_display = ("name", "sentence", "state_shown", "used", "asked", "program")
    list_filter = (ProgramFilter, "state")
    list_export = ("name", "program", "sentence_text", "state", "priority", "exclusive_group")
    list_select_related = ("program__advocate_offer", "program__friend_offer")
    search_fields = ("name",)
    # As they are asked.
    ordering = ("program__name", "program_id", "priority", "pk")
    panels: list[Any] = []
    empty_text = _("Every new program comes with three rules. Make the program first.")
    instead_of_deleting = _("Archive it instead: what it granted stays readable.")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).prefetch_related("effects__offer")

    def sentence_text(self, rule: RewardRule) -> str:
        """The rule as a sentence."""
        return describe_rule(rule, list(rule.effects.all()))

    sentence_text.short_description = _("What it says")  # type: ignore[attr-defined]

    def sentence(self, rule: RewardRule) -> SafeString:
        return format_html('<p class="referrals-sentence">{}</p>', self.sentence_text(rule))

    sentence.short_description = _("What it says")  # type: ignore[attr-defined]

    def state_shown(self, rule: RewardRule) -> SafeString:
        classname = "w-status w-status--primary" if rule.state == RuleState.ACTIVE else "w-status"
        return format_html('<span class="{}">{}</span>', classname, rule.get_state_display())

    state_shown.short_description = _("State")  # type: ignore[attr-defined]

    def used(self, rule: RewardRule) -> str | SafeString:
        """How much of its limits for everybody is used, and whether it ran dry."""
        lines = self._limit_lines(rule)
        if rule.dry_since:
            since = timezone.localtime(rule.dry_since).strftime("%Y-%m-%d")
            dry = gettext("Ran dry on %(day)s: it grants nothing now.") % {"day": since}
            notice = format_html('<strong class="referrals-dry">{}</strong>', dry)
            return format_html("{}{}", notice, _lines(lines))
        return _lines(lines) if lines else "–"

    used.short_description = _("Limits used")  # type: ignore[attr-defined]

    def _limit_lines(self, rule: RewardRule) -> list[str]:
        used = getattr(rule, "used_now", None)
        used = used_of([rule]) if used is None else used
        return [
            gettext("%(used)s used, %(limit)s")
            % {
                "used": used.get(key, 0),
                "limit": describe_limit(stored, rule.program.currency),
            }
            for key, stored in shared_limits(rule).items()
        ]

    def asked(self, rule: RewardRule) -> SafeString | str:
        """When it is its turn, and which rules it shares a group with."""
        if not rule.exclusive_group:
            return str(rule.priority)
        return format_html(
            '{} <span class="w-status">{}: {}</span>',
            rule.priority,
            rule.exclusive_group,
            rule.get_exclusive_by_display(),
        )

    asked.short_description = _("Asked at")  # type: ignore[attr-defined]
    asked.admin_order_field = "priority"  # type: ignore[attr-defined]

    def state_view(self, request: HttpRequest, instance_pk: str) -> HttpResponse:
        def view(request: HttpRequest, instance_pk: str) -> HttpResponse:
            return RuleStateView.as_view(model_admin=self, instance_pk=instance_pk)(request)

        return self._of_object(view, request, instance_pk)

    def dry_run_view(self, request: HttpRequest) -> HttpResponse:
        return RehearsalView.as_view(model_admin=self)(request)

    def get_admin_urls_for_registration(self) -> tuple[URLPattern, ...]:
        urls: tuple[URLPattern, ...] = super().get_admin_urls_for_registration()
        helper = self.url_helper
        return (
            *urls,
            re_path(
                helper.get_action_url_pattern("state"),
                self.state_view,
                name=helper.get_action_url_name("state"),
            ),
            re_path(
                rf"^{self.base_url_path}/dry-run/$",
                self.dry_run_view,
                name=helper.get_action_url_name("dry-run"),
            ),
        )


def _lines(lines: list[str]) -> SafeString:
    return format_html_join("", "<div>{}</div>", ((line,) for line in lines))
