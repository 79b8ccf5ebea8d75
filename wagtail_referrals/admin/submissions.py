"""Wagtail's own list of a page's submissions, with exports that no spreadsheet runs."""

from typing import Any

from django.db.models import QuerySet
from wagtail.contrib.forms.views import SubmissionsListView

from .exports import safe_cell
from .permissions import visible


class FeedbackSubmissionsView(SubmissionsListView):
    """As Wagtail's, of the programs the user sees, and without cells that look like formulas."""

    def get_base_queryset(self) -> QuerySet:
        return visible(self.request.user, super().get_base_queryset())

    def to_row_dict(self, item: Any) -> dict[str, Any]:
        return {key: safe_cell(value) for key, value in super().to_row_dict(item).items()}
