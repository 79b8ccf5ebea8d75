"""Tagging, following up and deleting many answers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy
from taggit.forms import TagField
from wagtail.admin.widgets import AdminTagWidget

from ..feedback.cases import open_case
from ..feedback.delete import delete_responses
from ..feedback.models import FeedbackResponse, ResponseState
from ..feedback.notes import add_tags
from ..feedback.review import mark_spam, release_response
from .bulk import BulkForm, ProgressForm, SlicedBulkAction
from .feedback import FeedbackIndexView
from .feedback_actions import DELETE_EXPLANATION, OpenCaseForm


class TagsForm(ProgressForm):
    """Tags that are added to those there are."""

    tags = TagField(label=_("Tags to add"), widget=AdminTagWidget)


class CasesForm(OpenCaseForm, ProgressForm):
    """What is to do, by whom, until when; and how far it has come."""


class DeletionForm(BulkForm):
    """The reason, and that it is meant."""

    sure = forms.BooleanField(
        label=_("Delete for good"),
        help_text=_("This cannot be undone, by nobody."),
        error_messages={"required": _("Tick the box if you mean it.")},
    )


class FeedbackBulkAction(SlicedBulkAction):
    models = [FeedbackResponse]
    index_view = FeedbackIndexView
    related = ("person",)
    icon = "form"


class TagFeedback(FeedbackBulkAction):
    display_name = _("Tag")
    action_type = "tag"
    aria_label = _("Tag the selected answers")
    action_priority = 10
    form_class = TagsForm
    error_field = "tags"
    question = _("Tag these answers?")
    explanation = _("The tags they have stay.")
    done_words = ngettext_lazy(
        "%(number)d answer is tagged.", "%(number)d answers are tagged.", "number"
    )

    def act(self, rows: list[Any], values: dict[str, Any]) -> set[int]:
        add_tags(rows, values["tags"])
        return {row.pk for row in rows}


class OpenCases(FeedbackBulkAction):
    display_name = _("Open cases")
    action_type = "open_case"
    aria_label = _("Open a case for each of the selected answers")
    action_priority = 20
    form_class = CasesForm
    slice_size = 50
    question = _("Open a case for each of these answers?")
    explanation = _("One that has an open case by hand already keeps it, and gets no second one.")
    done_words = ngettext_lazy(
        "%(number)d answer is followed up.", "%(number)d answers are followed up.", "number"
    )

    def act(self, rows: list[Any], values: dict[str, Any]) -> set[int]:
        given = {name: values[name] for name in ("reason", "owner", "hours")}
        for row in rows:
            open_case(row, user=self.request.user, **given)
        return {row.pk for row in rows}


class ReleaseFeedback(FeedbackBulkAction):
    display_name = _("Release")
    action_type = "release"
    aria_label = _("Release the selected answers")
    action_priority = 30
    slice_size = 50
    question = _("Release these answers?")
    explanation = _("Each counts from now on: the coupon goes out by mail, rules are asked.")
    done_words = ngettext_lazy(
        "%(number)d answer is released.", "%(number)d answers are released.", "number"
    )

    def movable(self, rows: QuerySet) -> QuerySet:
        return rows.exclude(state=ResponseState.RECEIVED)

    def act(self, rows: list[Any], values: dict[str, Any]) -> set[int]:
        user, reason = self.request.user, values["reason"]
        return {row.pk for row in rows if release_response(row, reason=reason, user=user)}


class MarkSpam(FeedbackBulkAction):
    display_name = _("Mark as spam")
    action_type = "spam"
    aria_label = _("Mark the selected answers as spam")
    action_priority = 40
    slice_size = 50
    question = _("Mark these answers as spam?")
    explanation = _("They count in no report, and what they were given is taken back.")
    done_words = ngettext_lazy(
        "%(number)d answer is marked as spam.", "%(number)d answers are marked as spam.", "number"
    )

    def movable(self, rows: QuerySet) -> QuerySet:
        return rows.exclude(state=ResponseState.SPAM)

    def act(self, rows: list[Any], values: dict[str, Any]) -> set[int]:
        user, reason = self.request.user, values["reason"]
        return {row.pk for row in rows if mark_spam(row, reason=reason, user=user)}


class DeleteFeedback(FeedbackBulkAction):
    display_name = _("Delete")
    action_type = "delete"
    aria_label = _("Delete the selected answers")
    action_priority = 90
    classes = {"serious"}
    button_class = "serious"
    permission = "delete"
    form_class = DeletionForm
    slice_size = 200
    question = _("Delete these answers?")
    explanation = DELETE_EXPLANATION
    done_words = ngettext_lazy(
        "%(number)d answer is deleted.", "%(number)d answers are deleted.", "number"
    )

    def act(self, rows: list[Any], values: dict[str, Any]) -> set[int]:
        keys = {row.pk for row in rows}
        delete_responses(rows, reason=values["reason"], user=self.request.user)
        return keys


BULK_ACTIONS: list[type[FeedbackBulkAction]] = [
    TagFeedback,
    OpenCases,
    ReleaseFeedback,
    MarkSpam,
    DeleteFeedback,
]
