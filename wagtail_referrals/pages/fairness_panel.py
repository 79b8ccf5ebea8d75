"""What is fair about a page and what is not, where editors see it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import Panel

from ..feedback.fairness import BROKEN, FAIR, RISKY, findings
from .fair_publishing import was_refused

LEVELS = {
    BROKEN: ("warning", "critical", _("Not allowed")),
    RISKY: ("warning", "warning", _("Risky")),
    FAIR: ("check", "", _("Fair")),
}


class FairnessPanel(Panel):
    """The findings about the page as it was saved."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"heading": _("Fair play"), "icon": "check", **kwargs})

    class BoundPanel(Panel.BoundPanel):
        template_name = "wagtail_referrals/admin/fairness.html"

        class Media:
            css: ClassVar[dict[str, list[str]]] = {"all": ["wagtail_referrals/admin/admin.css"]}

        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            context: dict[str, Any] = super().get_context_data(parent_context)
            found = [(*LEVELS[one.level], one) for one in findings(self.instance)]
            return {**context, "findings": found, "was_refused": was_refused(self.instance)}
