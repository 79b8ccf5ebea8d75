"""What the owner wants to reach, and what other ways to win customers cost."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel, ObjectList

from ..insights.goal_models import ChannelCost, Goal
from ..programs.money import format_money
from .introduction_setup import OnePerProgramForm, ProgramForm
from .rules import ProgramFilter
from .setup import SetupAdmin


class GoalAdmin(SetupAdmin):
    model = Goal
    menu_label = _("Goals")
    menu_icon = "order-up"
    list_display = ("program", "percent")
    list_filter = (ProgramFilter,)
    list_export = ("program", "referred_percent")
    list_select_related = ("program",)
    ordering = ("program__name", "pk")
    inspect_view_fields = ["program", "referred_percent"]
    empty_text = _(
        "Say how many of your new customers are to come by a recommendation: the dashboard shows "
        "how near you are."
    )

    def get_edit_handler(self) -> ObjectList:
        panels = [FieldRowPanel([FieldPanel("program"), FieldPanel("referred_percent")])]
        return ObjectList(panels, base_form_class=OnePerProgramForm)

    def percent(self, goal: Goal) -> str:
        """As people write it."""
        return f"{goal.referred_percent} %"

    percent.short_description = _("new customers by recommendation")  # type: ignore[attr-defined]


class ChannelCostAdmin(SetupAdmin):
    model = ChannelCost
    menu_label = _("Costs of channels")
    menu_icon = "media"
    list_display = ("channel", "program", "starts_on", "ends_on", "money", "customers")
    list_filter = (ProgramFilter,)
    list_export = ("channel", "program", "starts_on", "ends_on", "cost", "customers")
    list_select_related = ("program",)
    search_fields = ("channel",)
    ordering = ("-starts_on", "channel", "pk")
    inspect_view_fields = ["channel", "program", "starts_on", "ends_on", "cost", "customers"]
    empty_text = _(
        "Enter what advertisements, flyers and the like cost: the dashboard puts the price of a "
        "customer they won beside that of a recommendation."
    )

    def get_edit_handler(self) -> ObjectList:
        panels = [
            FieldRowPanel([FieldPanel("program"), FieldPanel("channel")]),
            MultiFieldPanel(
                [FieldRowPanel([FieldPanel("starts_on"), FieldPanel("ends_on")])],
                heading=_("When"),
                help_text=_(
                    "A period of the dashboard that has part of these days has that part of the "
                    "cost."
                ),
            ),
            MultiFieldPanel(
                [FieldRowPanel([FieldPanel("cost"), FieldPanel("customers")])],
                heading=_("What it cost, and brought"),
                help_text=_("The amount is in the program's currency."),
            ),
        ]
        return ObjectList(panels, base_form_class=ProgramForm)

    def money(self, cost: ChannelCost) -> str:
        """With its currency."""
        return format_money(cost.cost, cost.program.currency)

    money.short_description = _("cost")  # type: ignore[attr-defined]
