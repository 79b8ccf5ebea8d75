"""Follow-up rules: when a case is opened by itself."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel, ObjectList

from ..feedback.case_models import CaseRule, Occasion
from ..programs.access import visible_programs
from .rules import ProgramFilter
from .setup import SetupAdmin


def staff_users(_request: Any = None) -> QuerySet:
    """Who may be given a case: those who can log in here."""
    by_group = Q(groups__permissions__codename="access_admin")
    by_hand = Q(user_permissions__codename="access_admin")
    users = get_user_model()._default_manager
    may = users.filter(by_group | by_hand | Q(is_superuser=True), is_active=True)
    return users.filter(pk__in=may.values("pk")).order_by("pk")


class CaseRuleForm(WagtailAdminModelForm):
    """Offers the programs the user sees, and the staff."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = Q(pk=self.instance.program_id)
        programs = visible_programs(self.for_user) if self.for_user else None
        if programs is not None:
            seen = Q(pk__in=programs.order_by().values("pk"))
            programs = programs.model.objects.filter(own | seen)
            self.fields["program"].queryset = programs
        self.fields["owner"].queryset = staff_users()


class CaseRuleAdmin(SetupAdmin):
    model = CaseRule
    menu_label = _("Follow-up rules")
    menu_icon = "sliders"
    list_display = ("name", "program", "says", "hours", "owner", "is_active")
    list_filter = (ProgramFilter, "is_active")
    list_export = ("name", "program", "says", "hours", "owner", "is_active")
    list_select_related = ("program", "owner")
    search_fields = ("name",)
    ordering = ("program__name", "name", "pk")
    inspect_view_fields = [
        "name",
        "program",
        "occasion",
        "score_at_most",
        "words",
        "hours",
        "owner",
        "is_active",
    ]
    empty_text = _("A rule opens a case by itself: for a low score, a word, a wish to be called.")

    def get_edit_handler(self) -> ObjectList:
        panels = [
            MultiFieldPanel(
                [FieldPanel("name"), FieldPanel("program"), FieldPanel("is_active")],
                heading=_("The rule"),
            ),
            MultiFieldPanel(
                [FieldPanel("occasion"), FieldPanel("score_at_most"), FieldPanel("words")],
                heading=_("What opens a case"),
            ),
            FieldRowPanel([FieldPanel("owner"), FieldPanel("hours")], heading=_("What is to do")),
        ]
        return ObjectList(panels, base_form_class=CaseRuleForm)

    def says(self, rule: CaseRule) -> str:
        """What it waits for."""
        if rule.occasion == Occasion.DETRACTOR:
            return str(_("a score up to %(score)s") % {"score": rule.score_at_most})
        if rule.occasion == Occasion.WORD:
            return ", ".join(rule.words.splitlines())
        return str(rule.get_occasion_display())

    says.short_description = _("opens a case for")  # type: ignore[attr-defined]
