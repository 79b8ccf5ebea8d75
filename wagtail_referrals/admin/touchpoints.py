"""Touchpoints: the moments a customer has with the business, and what is asked after each."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, re_path
from django.utils.translation import gettext_lazy as _

from ..asks.models import Touchpoint
from ..asks.whom import whom_choices
from .setup import SetupAdmin
from .touchpoint_form import TouchpointCreateView, TouchpointEditView, touchpoint_handler
from .touchpoint_map import MapView, sentence
from .touchpoint_views import SimulationView, UsualView


class TouchpointAdmin(SetupAdmin):
    model = Touchpoint
    menu_label = _("Touchpoints")
    menu_icon = "thumbtack"
    index_view_class = MapView
    create_view_class = TouchpointCreateView
    edit_view_class = TouchpointEditView
    index_template_name = "wagtail_referrals/admin/touchpoint_map.html"
    list_display = ("name", "stage", "says", "program", "is_active")
    list_export = (
        "name",
        "program",
        "stage",
        "event_kind",
        "expectation",
        "is_paying",
        "asks_for",
        "delay_hours",
        "whom",
        "every_days",
        "is_active",
    )
    list_select_related = ("program",)
    search_fields = ("name",)
    ordering = ("program__name", "program_id", "position", "pk")
    inspect_view_fields = [
        "name",
        "program",
        "stage",
        "event_kind",
        "expectation",
        "is_paying",
        "asks_for",
        "delay_hours",
        "whom",
        "every_days",
        "page",
        "is_active",
    ]
    empty_text = _("Draw the way your customers go, from hearing of you to recommending you.")
    instead_of_deleting = _("Take the tick from “in use” instead: whom it asked stays readable.")

    def get_edit_handler(self) -> Any:
        return touchpoint_handler()

    def says(self, touchpoint: Touchpoint) -> str:
        """What is asked, when and whom."""
        return sentence(touchpoint, dict(whom_choices()))

    says.short_description = _("What is asked")  # type: ignore[attr-defined]

    def simulate_view(self, request: HttpRequest) -> HttpResponse:
        return SimulationView.as_view(model_admin=self)(request)

    def usual_view(self, request: HttpRequest) -> HttpResponse:
        return UsualView.as_view(model_admin=self)(request)

    def get_admin_urls_for_registration(self) -> tuple[URLPattern, ...]:
        urls: tuple[URLPattern, ...] = super().get_admin_urls_for_registration()
        more = {"simulate": self.simulate_view, "usual": self.usual_view}
        return (
            *urls,
            *(
                re_path(
                    rf"^{self.base_url_path}/{name}/$",
                    view,
                    name=self.url_helper.get_action_url_name(name),
                )
                for name, view in more.items()
            ),
        )
