"""Making and editing a rule, what became of it, and what can be done with it as a whole."""

from __future__ import annotations

from typing import Any

from django.contrib.admin.utils import quote
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages
from wagtail.log_actions import log
from wagtail.log_actions import registry as log_registry

from ..exceptions import Conflict, ReferralsError
from ..programs.access import visible_programs
from ..rewards.describe import changes, describe_rule
from ..rewards.rule_models import RewardRule, RuleEffect, RuleState, RuleVersion
from ..rewards.versions import copy_rule, save_rule, set_rule_state
from .rule_form import RuleForm, change_rows
from .setup import ProgramFirst, SetupObjectView, SetupView
from .words import user_name

STATE_CHANGED = "wagtail_referrals.rule_state"
# Buttons that change the form and save nothing.
REDRAW = {"_update", "_add", "_remove"}


def version_number(sent: str) -> int | None:
    """The number of a version as a form sends it; None when it is none."""
    return int(sent) if sent.isdecimal() and len(sent) < 10 else None


class RuleFormView:
    """What making and editing have in common."""

    request: HttpRequest
    header_icon = "cogs"
    template_name = "wagtail_referrals/admin/rule_form.html"
    rule: RewardRule
    effects: list[RuleEffect]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.show(RuleForm(self.rule, self.effects).within(request.user))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if REDRAW & request.POST.keys():
            form = RuleForm(self.rule, self.effects, change_rows(request.POST))
            return self.show(form.within(request.user))
        form = RuleForm(self.rule, self.effects, request.POST, check=True).within(request.user)
        if not form.is_valid():
            messages.error(request, gettext("Nothing was saved yet: see what is marked below."))
            return self.show(form)
        try:
            rule = self.save(form)
        except Conflict:
            return self.show_conflict(request.POST)
        messages.success(request, gettext("Rule “%(name)s” is saved.") % {"name": rule.name})
        return redirect(self.after(rule))

    def save(self, form: RuleForm) -> RewardRule:
        rule = form.rule
        new = rule.pk is None
        seen = form.seen_version
        with transaction.atomic():
            save_rule(
                rule,
                form.effects,
                user=self.request.user,
                seen_version=None if new else version_number(seen),
            )
            assert rule.version
            log(
                instance=rule,
                action="wagtail.create" if new else "wagtail.edit",
                content_changed=True,
                data={"version": rule.version.number},
            )
        return rule

    def show_conflict(self, data: QueryDict) -> HttpResponse:
        """Keep what was typed, say what the other one changed; saving again is on purpose then."""
        newest = self.rule.versions.select_related("created_by", "rule__program").first()
        assert newest is not None
        sent = data.copy()
        seen = data.get("seen_version", "")
        sent["seen_version"] = str(newest.number)
        before = self.rule.versions.filter(number=version_number(seen) or 0).first()
        conflict = {"who": who_saved(newest), "changes": changes(before, newest)}
        form = RuleForm(self.rule, self.effects, sent).within(self.request.user)
        return self.show(form, conflict=conflict)

    def show(self, form: RuleForm, **context: Any) -> HttpResponse:
        raise NotImplementedError

    def after(self, rule: RewardRule) -> str:
        """Where to go when it is saved."""
        return reverse("referrals_rules_modeladmin_index") + f"?program={rule.program_id}"


class RuleCreateView(ProgramFirst, RuleFormView, SetupView):
    page_title = _("New")

    def check_action_permitted(self, user: Any) -> bool:
        return bool(self.permission_helper.user_can_create(user))

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.rule, self.effects = RewardRule(trigger="first_purchase"), []
        programs = list(visible_programs(request.user)[:2])
        if len(programs) == 1:
            self.rule.program = programs[0]
        response: HttpResponse = super().dispatch(request, *args, **kwargs)
        return response

    def save(self, form: RuleForm) -> RewardRule:
        if "_pause" in self.request.POST:
            form.rule.state = RuleState.PAUSED
        return super().save(form)

    def get_page_subtitle(self) -> str:
        return gettext("Reward rule")

    def show(self, form: RuleForm, **context: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form, **context))


class RuleEditView(RuleFormView, SetupObjectView):
    page_title = _("Editing")

    def check_action_permitted(self, user: Any) -> bool:
        return bool(self.permission_helper.user_can_edit_obj(user, self.instance))

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.rule = self.instance
        self.effects = list(self.rule.effects.select_related("offer"))
        response: HttpResponse = super().dispatch(request, *args, **kwargs)
        return response

    def show(self, form: RuleForm, **context: Any) -> HttpResponse:
        user = self.request.user
        return self.render_to_response(
            self.get_context_data(
                form=form,
                history_url=self.url_helper.get_action_url("history", self.pk_quoted),
                state_url=self.url_helper.get_action_url("state", self.pk_quoted),
                can_delete=self.permission_helper.user_can_delete_obj(user, self.instance),
                **context,
            )
        )


# What can be done with a rule as a whole: the state it leads to, the button, its icon.
ACTIONS: dict[str, tuple[str | Promise, str]] = {
    RuleState.ACTIVE: (_("Activate"), "check"),
    RuleState.PAUSED: (_("Pause"), "pause"),
    RuleState.ARCHIVED: (_("Archive"), "download"),
    "copy": (_("Copy"), "copy"),
}
DONE: dict[str, str | Promise] = {
    RuleState.ACTIVE: _("“%(name)s” is active from now on."),
    RuleState.PAUSED: _("“%(name)s” is paused: it grants nothing until it is activated again."),
    RuleState.ARCHIVED: _("“%(name)s” is archived. What it granted stays readable."),
    "copy": _("This is “%(name)s”. It is paused, so that you can change it first."),
}


class RuleStateView(SetupObjectView):
    """Pause, activate, archive, copy: one button each, and only by POST."""

    page_title = _("Pause, copy, archive")
    template_name = "wagtail_referrals/admin/rule_state.html"

    def check_action_permitted(self, user: Any) -> bool:
        return bool(self.permission_helper.user_can_edit_obj(user, self.instance))

    @property
    def actions(self) -> list[dict[str, Any]]:
        can_copy = self.permission_helper.user_can_create(self.request.user)
        return [
            {"key": key, "label": label, "icon": icon}
            for key, (label, icon) in ACTIONS.items()
            if (can_copy if key == "copy" else key != self.instance.state)
        ]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        wanted = request.POST.get("do", "")
        if wanted not in [action["key"] for action in self.actions]:
            messages.error(request, gettext("This is so already, or somebody else did it."))
            return redirect(request.path)
        try:
            rule = self.perform(wanted)
        except ReferralsError as error:
            messages.error(request, str(error))
            return redirect(request.path)
        messages.success(request, DONE[wanted] % {"name": rule.name})
        return redirect(self.url_helper.get_action_url("edit", quote(rule.pk)))

    def perform(self, wanted: str) -> RewardRule:
        rule: RewardRule = self.instance
        with transaction.atomic():
            if wanted == "copy":
                rule = copy_rule(rule, user=self.request.user)
                log(instance=rule, action="wagtail.create", data={"version": 1})
                return rule
            set_rule_state(rule, wanted)
            log(instance=rule, action=STATE_CHANGED, data={"state": wanted})
        return rule

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        effects = list(self.instance.effects.select_related("offer"))
        return super().get_context_data(
            sentence=describe_rule(self.instance, effects), actions=self.actions, **kwargs
        )


def who_saved(version: RuleVersion) -> str:
    """Who made a version."""
    return user_name(version.created_by) if version.created_by else gettext("automatically")


class RuleHistoryView(SetupObjectView):
    """The rule's versions with what changed, and when it was paused or activated."""

    page_title = _("History")
    template_name = "wagtail_referrals/admin/rule_history.html"
    longest = 100

    def check_action_permitted(self, user: Any) -> bool:
        return bool(self.permission_helper.user_can_inspect_obj(user, self.instance))

    @cached_property
    def story(self) -> list[dict[str, Any]]:
        """The latest first: when, who, what, and the lines of what changed."""
        story = [*self._versions(), *self._states()]
        return sorted(story, key=lambda entry: entry["at"], reverse=True)

    def _versions(self) -> list[dict[str, Any]]:
        found = self.instance.versions.select_related("created_by", "rule__program")
        versions = list(found[: self.longest + 1])
        pairs = zip(versions, [*versions[1:], None], strict=True)
        return [
            {
                "at": version.created_at,
                "who": who_saved(version),
                "what": gettext("Version %(number)d") % {"number": version.number},
                "lines": changes(before, version),
                "icon": "edit" if version.number > 1 else "plus",
            }
            for version, before in list(pairs)[: self.longest]
        ]

    def _states(self) -> list[dict[str, Any]]:
        entries = log_registry.get_logs_for_instance(self.instance)
        entries = entries.filter(action=STATE_CHANGED).select_related("user")
        return [
            {
                "at": entry.timestamp,
                "who": entry.user_display_name,
                "what": gettext("Now it is %(state)s") % {"state": state_label(entry)},
                "lines": [],
                "icon": ACTIONS.get(entry.data.get("state", ""), ("", "cog"))[1],
            }
            for entry in entries[: self.longest]
        ]


def state_label(entry: Any) -> str:
    """The state a log entry tells of, in words."""
    state = entry.data.get("state", "")
    return str(RuleState(state).label) if state in RuleState.values else state
