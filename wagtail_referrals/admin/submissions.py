"""Wagtail's own list of a page's submissions: ours need our permission beside the page's."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext, ngettext
from wagtail.admin import messages
from wagtail.contrib.forms.views import DeleteSubmissionsView, SubmissionsListView

from ..feedback.delete import delete_responses
from ..feedback.models import FeedbackResponse
from .exports import safe_cell
from .permissions import can_look, policy_for, visible


class FeedbackSubmissionsView(SubmissionsListView):
    """As Wagtail's, of the programs the user sees, and without cells that look like formulas."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not can_look(request.user, FeedbackResponse):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_base_queryset(self) -> QuerySet:
        return visible(self.request.user, super().get_base_queryset())

    def to_row_dict(self, item: Any) -> dict[str, Any]:
        return {key: safe_cell(value) for key, value in super().to_row_dict(item).items()}


class DeleteView(DeleteSubmissionsView):
    """In the place of Wagtail's, as it is for the forms of others."""

    def get_queryset(self) -> QuerySet:
        submissions = super().get_queryset()
        if submissions.model is not FeedbackResponse:
            return submissions
        policy, user = policy_for(FeedbackResponse), self.request.user
        if not policy.user_has_permission(user, "delete"):
            raise PermissionDenied
        return visible(user, submissions)

    def handle_delete(self, submissions: QuerySet) -> None:
        if submissions.model is not FeedbackResponse:
            super().handle_delete(submissions)
            return
        # The log keeps who did it, as for those deleted in the inbox.
        reason = gettext("From the page's list of submissions")
        count = delete_responses(list(submissions), reason=reason, user=self.request.user)
        words = ngettext("%(number)d answer is deleted.", "%(number)d answers are deleted.", count)
        messages.success(self.request, words % {"number": count})


def delete_address() -> list[URLPattern]:
    """Wagtail's own address, to be found before Wagtail's."""
    return [path("forms/submissions/<int:page_id>/delete/", DeleteView.as_view())]
