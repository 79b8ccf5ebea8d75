"""What staff do about an answer: tag it, note something, open a case, delete it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from taggit.forms import TagField
from wagtail.admin import messages
from wagtail.admin.widgets import AdminTagWidget

from ..feedback.cases import USUAL_HOURS, open_case
from ..feedback.delete import delete_responses
from ..feedback.models import FeedbackResponse
from ..feedback.notes import add_note, set_tags
from ..feedback.review import mark_spam, release_response
from .actions import ActionView, ReasonForm
from .case_actions import NoteForm
from .case_rules import staff_users
from .links import admin_url, list_url
from .person_actions import EraseForm
from .words import user_name

RELATED = ("person", "program")


class TagForm(forms.Form):
    """Its tags, all of them."""

    tags = TagField(label=_("Tags"), required=False, widget=AdminTagWidget)


class OpenCaseForm(ReasonForm):
    """What is to do, by whom, and until when."""

    reason = forms.CharField(
        label=_("What is to do?"),
        max_length=500,
        help_text=_("The first line of the case's history."),
    )
    owner: Any = forms.ModelChoiceField(
        label=_("Whose it is"), queryset=None, required=False, empty_label=_("nobody's")
    )
    hours = forms.IntegerField(
        label=_("To be closed within working hours"),
        initial=USUAL_HOURS,
        validators=[MinValueValidator(1), MaxValueValidator(1000)],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owner: Any = self.fields["owner"]
        owner.queryset = staff_users()
        owner.label_from_instance = user_name


class DeleteForm(EraseForm):
    """The reason, and that it is meant."""

    sure = forms.BooleanField(
        label=_("Delete for good"),
        help_text=_("This cannot be undone, by nobody."),
        error_messages={"required": _("Tick the box if you mean it.")},
    )


DELETE_EXPLANATION = _(
    "The words, the score, the notes and the cases are gone, from every list and report. Coupons "
    "that were given for them stay good. To remove all that is known of a person, erase the person."
)


REFERRAL_STAYS = _(
    "The recommendation %(referral)s stays: something came of it since. Look at it yourself."
)


class AddNoteView(ActionView):
    model = FeedbackResponse
    related = RELATED
    form_class = NoteForm
    page_title = button_label = _("Write a note")
    header_icon = "edit"
    success_message = _("The note is kept.")

    def perform(self, reason: str) -> None:
        add_note(self.object, self.form_values["text"], user=self.request.user)


class TagView(ActionView):
    model = FeedbackResponse
    related = RELATED
    form_class = TagForm
    page_title = _("Change the tags")
    button_label = _("Save")
    header_icon = "tag"
    success_message = _("The tags are kept.")

    def get_initial(self) -> dict[str, Any]:
        return {"tags": self.object.tags.all()}

    def perform(self, reason: str) -> None:
        set_tags(self.object, self.form_values["tags"])


class OpenCaseView(ActionView):
    model = FeedbackResponse
    related = RELATED
    form_class = OpenCaseForm
    page_title = button_label = _("Open a case")
    header_icon = "history"
    explanation = _("If there is an open one by hand already, you come to it.")

    def form_valid(self, form: Any) -> HttpResponse:
        values = form.cleaned_data
        case, created = open_case(
            self.object,
            reason=values["reason"],
            owner=values["owner"],
            hours=values["hours"],
            user=self.request.user,
        )
        if created:
            messages.success(self.request, _("The case is open."))
        else:
            messages.warning(self.request, _("There is an open case already: this one."))
        return redirect(admin_url(case))


class ReleaseView(ActionView):
    model = FeedbackResponse
    related = RELATED
    page_title = button_label = _("Release")
    header_icon = "check"
    explanation = _(
        "It counts from now on, and what it had to wait for follows: the coupon is sent by mail. "
        "What was taken back when it was marked as spam is given again."
    )
    success_message = _("It counts now.")

    def perform(self, reason: str) -> None:
        release_response(self.object, reason=reason, user=self.request.user)


class MarkSpamView(ActionView):
    model = FeedbackResponse
    related = RELATED
    page_title = button_label = _("It is spam")
    header_icon = "warning"
    explanation = _(
        "It counts in no report any more. A coupon that was given for it is taken back, as is the "
        "recommendation of whoever it named, and what was published of it is taken off. A low "
        "score or harsh words are no spam."
    )
    success_message = _("It is marked as spam.")

    def perform(self, reason: str) -> None:
        marked = mark_spam(self.object, reason=reason, user=self.request.user)
        if marked and marked.kept_referral:
            messages.warning(self.request, REFERRAL_STAYS % {"referral": marked.kept_referral})


class DeleteResponseView(ActionView):
    model = FeedbackResponse
    related = RELATED
    permission_required = "delete"
    form_class = DeleteForm
    page_title = button_label = _("Delete")
    button_class = "serious"
    header_icon = "bin"
    explanation = DELETE_EXPLANATION

    def form_valid(self, form: Any) -> HttpResponse:
        delete_responses([self.object], reason=form.cleaned_data["reason"], user=self.request.user)
        messages.success(self.request, _("The answer is deleted."))
        return redirect(list_url(FeedbackResponse))
