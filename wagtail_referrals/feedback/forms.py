"""Feedback questions: Wagtail's own field types and ours."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from wagtail.contrib.forms.forms import BaseForm, FormBuilder
from wagtail.contrib.forms.models import FORM_FIELD_CHOICES

from ..forms import PublicForm
from .submit import Answers

SCORE, NAME, EMAIL, PERMISSION = "score", "name", "email", "permission"

# What to do about a question that was left out; the words of a summary that names the question.
REQUIRED: dict[str, str | Promise] = {
    SCORE: _("Choose a number from 0 to 10."),
    NAME: _("Enter your name."),
    EMAIL: _("Enter your e-mail address."),
    "checkbox": _("Tick this box."),
}


def question_types() -> list[tuple[str, str | Promise]]:
    """What a question can be. A function, so that a new one makes no migration."""
    return [
        (SCORE, _("0 to 10: would you recommend us?")),
        (NAME, _("Name")),
        (PERMISSION, _("Permission to publish")),
        *FORM_FIELD_CHOICES,
    ]


class FeedbackForm(PublicForm, BaseForm):
    """The form a feedback page makes of its questions."""

    # The names of the questions with a meaning to us: {type: name}.
    special: dict[str, str] = {}

    def answers(self) -> Answers:
        """What was answered, once the form is valid."""
        data = dict(self.cleaned_data)
        score = data.get(self.special.get(SCORE, ""), "")
        permitted = data.get(self.special.get(PERMISSION, ""))
        return Answers(
            email=data[self.special[EMAIL]],
            data=data,
            name=data.get(self.special.get(NAME, ""), ""),
            score=int(score) if score != "" else None,
            publish=str(self.fields[self.special[PERMISSION]].label) if permitted else "",
        )


class FeedbackFormBuilder(FormBuilder):
    """Builds a FeedbackForm. Every text is bound, for a column and a reader have their limits."""

    def create_score_field(self, field: Any, options: dict[str, Any]) -> forms.Field:
        widget = forms.RadioSelect(
            attrs={
                "data-scale": "nps",
                "data-scale-low": _("not at all likely"),
                "data-scale-high": _("very likely"),
            }
        )
        choices = [(str(number), str(number)) for number in range(11)]
        return forms.ChoiceField(choices=choices, widget=widget, **options)

    def create_name_field(self, field: Any, options: dict[str, Any]) -> forms.Field:
        widget = forms.TextInput(attrs={"autocomplete": "name"})
        return forms.CharField(max_length=120, widget=widget, **options)

    def create_email_field(self, field: Any, options: dict[str, Any]) -> forms.Field:
        widget = forms.EmailInput(attrs={"autocomplete": "email"})
        return forms.EmailField(**{**options, "max_length": 254, "widget": widget})

    def create_permission_field(self, field: Any, options: dict[str, Any]) -> forms.Field:
        # A permission that has to be given is none.
        return forms.BooleanField(**{**options, "required": False, "initial": False})

    def create_multiline_field(self, field: Any, options: dict[str, Any]) -> forms.Field:
        widget = forms.Textarea(attrs={"rows": 4})
        return forms.CharField(max_length=5000, widget=widget, **options)

    def get_field_options(self, field: Any) -> dict[str, Any]:
        options: dict[str, Any] = super().get_field_options(field)
        words = REQUIRED.get(field.field_type, _("Answer this question."))
        return {**options, "error_messages": {"required": words}}

    def get_form_class(self) -> type[FeedbackForm]:
        special: dict[str, str] = {}
        for field in self.fields:
            if field.field_type in (SCORE, NAME, EMAIL, PERMISSION):
                special.setdefault(
                    field.field_type, field.clean_name or field.get_field_clean_name()
                )
        form_fields = self.formfields
        if EMAIL in special:
            # The one address the coupon goes to.
            form_fields[special[EMAIL]].required = True
        return type("FeedbackForm", (FeedbackForm,), {**form_fields, "special": special})
