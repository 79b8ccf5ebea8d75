"""What is late, on Wagtail's home page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import F, Q
from django.utils import timezone
from wagtail.admin.ui.components import Component

from ..feedback.case_models import OPEN_STATES, Case
from .links import admin_url, list_url
from .permissions import can_look, visible

MOST_SHOWN = 5


class LateCasesPanel(Component):
    """The user's own late cases and nobody's, the latest first; nothing while there are none."""

    name = "referrals_late_cases"
    template_name = "wagtail_referrals/admin/late_cases.html"
    order = 150

    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        user = parent_context["request"].user
        if not can_look(user, Case):
            return {}
        late = Case.objects.filter(state__in=OPEN_STATES, due_at__lt=timezone.now())
        own = visible(user, late).order_by(F("owner").desc(nulls_last=True), "due_at", "pk")
        mine = own.filter(Q(owner=user) | Q(owner=None)).select_related("person", "program")
        found = list(mine[: MOST_SHOWN + 1])
        return {
            "cases": [(case, admin_url(case)) for case in found[:MOST_SHOWN]],
            "has_more": len(found) > MOST_SHOWN,
            "list_url": f"{list_url(Case)}?late=true",
        }
