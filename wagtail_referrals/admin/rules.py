"""Reward rules: when what happens, who gets what."""

from __future__ import annotations

from typing import Any

from django.contrib.admin.filters import SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel

from ..programs.models import Program
from ..rewards.models import RewardRule
from .setup import SetupAdmin


class ProgramFilter(SimpleListFilter):
    """Django's own filter by a relation asks Django's admin, which a site need not have."""

    title = _("program")
    parameter_name = "program"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(program.pk), program.name) for program in Program.objects.all()]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        known = {key for key, _name in self.lookup_choices}
        return queryset.filter(program=self.value()) if self.value() in known else queryset


class RewardRuleAdmin(SetupAdmin):
    model = RewardRule
    menu_label = _("Reward rules")
    menu_icon = "cogs"
    list_display = ("name", "program", "trigger", "beneficiary", "what", "hold", "is_active")
    list_filter = (ProgramFilter, "trigger", "beneficiary", "is_active")
    list_export = ("name", "program", "trigger", "beneficiary", "what", "hold", "is_active")
    list_select_related = (
        "offer",
        "program__friend_offer",
        "program__advocate_offer",
    )
    search_fields = ("name",)
    inspect_view_fields = [
        "name",
        "program",
        "trigger",
        "beneficiary",
        "offer",
        "first_purchase_only",
        "minimum_amount",
        "hold_days",
        "is_active",
        "priority",
    ]
    panels = [
        FieldPanel("program"),
        FieldPanel("name", help_text=_("For your lists and mails: “Thank-you for the advocate”.")),
        MultiFieldPanel(
            [
                FieldPanel("trigger"),
                FieldPanel("first_purchase_only", help_text=_("Only asked about purchases.")),
                FieldPanel(
                    "minimum_amount",
                    help_text=_("In the program's currency. Empty: any order."),
                ),
            ],
            heading=_("When"),
        ),
        MultiFieldPanel(
            [FieldPanel("beneficiary"), FieldPanel("offer")], heading=_("Who gets what")
        ),
        MultiFieldPanel(
            [
                FieldPanel("hold_days"),
                FieldRowPanel([FieldPanel("is_active"), FieldPanel("priority")]),
            ],
            heading=_("From when"),
            help_text=_("A change counts for what happens from now on, not for rewards granted."),
        ),
    ]
    empty_text = _("Every new program comes with three rules. Make the program first.")
    instead_of_deleting = _("Take the tick from “active” instead: what it granted stays readable.")

    def what(self, rule: RewardRule) -> Any:
        """The offer it grants."""
        offer = rule.effective_offer()
        return offer.headline if offer else gettext("nothing: there is no offer")

    what.short_description = _("Gets")  # type: ignore[attr-defined]

    def hold(self, rule: RewardRule) -> Any:
        """Days it waits."""
        return rule.effective_hold_days() or gettext("at once")

    hold.short_description = _("Hold days")  # type: ignore[attr-defined]
