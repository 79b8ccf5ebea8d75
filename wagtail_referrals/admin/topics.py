"""Directory topics: what visitors filter partners by."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, ObjectList, TitleFieldPanel
from wagtail.admin.widgets import SlugInput

from ..partners.models import PartnerTopic
from .setup import SetupAdmin


class TopicAdmin(SetupAdmin):
    model = PartnerTopic
    menu_label = _("Directory topics")
    menu_icon = "globe"
    list_display = ("name", "group", "slug")
    list_filter = ("group",)
    list_export = ("name", "group", "slug")
    search_fields = ("name",)
    ordering = ("group", "name")
    inspect_view_fields = ["group", "name", "slug"]
    edit_handler = ObjectList(
        [
            FieldPanel("group"),
            TitleFieldPanel("name", targets=["slug"], placeholder=False),
            FieldPanel("slug", widget=SlugInput),
        ]
    )
    empty_text = _("Visitors find partners by service, industry, place and language.")
