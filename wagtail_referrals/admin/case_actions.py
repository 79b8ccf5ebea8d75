"""What staff do about a case: a note, a reply, whose it is, and the end of it."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.widgets import AdminDateTimeInput

from ..feedback.case_models import Case, CaseState
from ..feedback.cases import change_case, close_case, note_case, reopen_case, reply_to_case
from .actions import ActionView, ReasonForm
from .case_rules import staff_users
from .words import user_name

RELATED = ("person", "program__site", "owner", "response", "referral")


class NoteForm(forms.Form):
    """Words for the colleagues."""

    text = forms.CharField(
        label=_("Note"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Kept with your name. The person does not see it."),
    )


class ReplyForm(forms.Form):
    """A mail to the person."""

    subject = forms.CharField(label=_("Subject"), max_length=150)
    text = forms.CharField(
        label=_("Words"), max_length=5000, widget=forms.Textarea(attrs={"rows": 10})
    )
    # The same form sent twice is one mail.
    key = forms.CharField(max_length=40, widget=forms.HiddenInput)


class ChangeForm(forms.Form):
    """Whose it is, how far it is, and until when."""

    owner: Any = forms.ModelChoiceField(
        label=_("Whose it is"), queryset=None, required=False, empty_label=_("nobody's")
    )
    state = forms.ChoiceField(
        label=_("State"),
        choices=[(one.value, one.label) for one in CaseState if one != CaseState.CLOSED],
        widget=forms.RadioSelect,
    )
    due_at = forms.DateTimeField(label=_("Due"), widget=AdminDateTimeInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owner: Any = self.fields["owner"]
        owner.queryset = staff_users()
        owner.label_from_instance = user_name


class NoteCaseView(ActionView):
    model = Case
    related = RELATED
    form_class = NoteForm
    page_title = button_label = _("Write a note")
    header_icon = "edit"
    success_message = _("The note is in the history.")

    def perform(self, reason: str) -> None:
        note_case(self.object, self.form_values["text"], user=self.request.user)


class ReplyView(ActionView):
    model = Case
    related = RELATED
    form_class = ReplyForm
    template_name = "wagtail_referrals/admin/case_reply.html"
    page_title = button_label = _("Reply by mail")
    header_icon = "mail"
    explanation = _("The mail goes out at once; the case waits for an answer then.")
    success_message = _("The mail is in the outbox.")

    def get_initial(self) -> dict[str, Any]:
        return {"subject": gettext("Your feedback"), "key": uuid.uuid4().hex}

    def perform(self, reason: str) -> None:
        values = self.form_values
        reply_to_case(
            self.object,
            subject=values["subject"],
            text=values["text"],
            key=values["key"],
            user=self.request.user,
        )


class ChangeCaseView(ActionView):
    model = Case
    related = RELATED
    form_class = ChangeForm
    page_title = _("Give it to somebody, or put it off")
    button_label = _("Save")
    header_icon = "edit"
    success_message = _("The case is changed.")

    def get_initial(self) -> dict[str, Any]:
        case = self.object
        due_at = timezone.localtime(case.due_at).replace(second=0, microsecond=0)
        return {"owner": case.owner_id, "state": case.state, "due_at": due_at}

    def perform(self, reason: str) -> None:
        values, case = self.form_values, self.object
        to_the_minute = case.due_at.replace(second=0, microsecond=0)
        # What was not touched keeps its seconds, too.
        due_at = case.due_at if values["due_at"] == to_the_minute else values["due_at"]
        change_case(
            case,
            owner=values["owner"],
            state=values["state"],
            due_at=due_at,
            user=self.request.user,
        )


class CloseForm(ReasonForm):
    """Why nothing is left to do."""

    reason = forms.CharField(
        label=_("Why is it closed?"),
        max_length=500,
        help_text=_("What came of it. Kept with your name; the person does not see it."),
    )


class CloseCaseView(ActionView):
    model = Case
    related = RELATED
    form_class = CloseForm
    page_title = button_label = _("Close the case")
    header_icon = "check"
    success_message = _("The case is closed.")

    def perform(self, reason: str) -> None:
        close_case(self.object, reason=reason, user=self.request.user)


class ReopenCaseView(ActionView):
    model = Case
    related = RELATED
    page_title = button_label = _("Open it again")
    header_icon = "undo"
    success_message = _("The case is open again.")

    def perform(self, reason: str) -> None:
        reopen_case(self.object, reason=reason, user=self.request.user)
