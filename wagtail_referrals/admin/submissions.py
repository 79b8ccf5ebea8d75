"""Wagtail's own list of a page's submissions, with exports that no spreadsheet runs."""

from typing import Any

from wagtail.contrib.forms.views import SubmissionsListView

from .exports import safe_cell


class FeedbackSubmissionsView(SubmissionsListView):
    """As Wagtail's, but for cells that look like formulas."""

    def to_row_dict(self, item: Any) -> dict[str, Any]:
        return {key: safe_cell(value) for key, value in super().to_row_dict(item).items()}
