"""What the owner knows of margins and costs: the inputs of every customer's value."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel, ObjectList

from ..insights.champion_models import ValueSettings
from .introduction_setup import OnePerProgramForm
from .rules import ProgramFilter
from .setup import SetupAdmin


class ValueSettingsForm(OnePerProgramForm):
    """What was changed counts from the next run of what is due."""

    def save(self, commit: bool = True) -> Any:
        self.instance.computed_at = None
        return super().save(commit)


class ValueSettingsAdmin(SetupAdmin):
    model = ValueSettings
    menu_label = _("Customer value")
    menu_icon = "decimal"
    list_display = ("program", "margin_percent", "acquisition_cost", "marketing_cost", "depth")
    list_filter = (ProgramFilter,)
    list_export = (
        "program",
        "margin_percent",
        "marketing_cost",
        "acquisition_cost",
        "discount_percent",
        "anyway_from",
        "anyway_percent",
        "anyway_to",
        "depth",
        "lifetime_from",
        "referral_from",
    )
    list_select_related = ("program",)
    ordering = ("program__name", "pk")
    inspect_view_fields = [*list_export, "computed_at"]
    empty_text = _(
        "Say what margin your purchases leave and what a new customer costs you: then Champions "
        "shows whom to take to lunch."
    )

    def get_edit_handler(self) -> ObjectList:
        panels = [
            FieldPanel("program"),
            MultiFieldPanel(
                [
                    FieldRowPanel([FieldPanel("margin_percent"), FieldPanel("discount_percent")]),
                    FieldRowPanel([FieldPanel("marketing_cost"), FieldPanel("acquisition_cost")]),
                ],
                heading=_("What purchases leave and customers cost"),
                help_text=_("Amounts are in the program's currency."),
            ),
            MultiFieldPanel(
                [
                    FieldPanel("anyway_percent"),
                    FieldRowPanel([FieldPanel("anyway_from"), FieldPanel("anyway_to")]),
                    FieldPanel("depth"),
                ],
                heading=_("Friends"),
                help_text=_(
                    "Friends are asked after they claimed. Once thirty have answered, their "
                    "answers are used for those who did not."
                ),
            ),
            FieldRowPanel(
                [FieldPanel("lifetime_from"), FieldPanel("referral_from")],
                heading=_("Where high begins"),
            ),
        ]
        return ObjectList(panels, base_form_class=ValueSettingsForm)
