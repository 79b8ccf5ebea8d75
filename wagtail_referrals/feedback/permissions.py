"""Questions that ask for a permission. None is ever required, ticked before, or taken from an
address: a permission that has to be given is none."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .questions import CALL, CONSENT, PERMISSION, PERMISSIONS, Chosen, QuestionType, question_types

# Under which name: the keys are those of a testimonial's scope.
SCOPES: dict[str, str | Promise] = {
    "name": _("Yes, with my name"),
    "town": _("Yes, with my first name and my town"),
    "anonymous": _("Yes, without my name"),
}
NO = "no"


class Agreement(QuestionType):
    """A box to tick. What is kept of it is the label and the help text, as they were shown."""

    group = PERMISSIONS

    def form_field(self, question: Any, options: dict[str, Any]) -> forms.Field:
        return forms.BooleanField(**{**options, "required": False, "initial": False})


@question_types.add
class Permission(Agreement):
    key = meaning = PERMISSION
    label = _("Permission to publish")


@question_types.add
class Consent(Agreement):
    key = meaning = CONSENT
    label = _("Permission for something else, like a newsletter")


@question_types.add
class CallMe(Agreement):
    """The wish that opens a case for who asks to be called; a number alone is none."""

    key = "call_me"
    meaning = CALL
    label = _("A wish to be called")


class ScopeField(forms.ChoiceField):
    """The words of a yes as Chosen, with its key; a no is no answer."""

    def clean(self, value: Any) -> str:
        key = super().clean(value)
        return Chosen(SCOPES[key], key) if key in SCOPES else ""


@question_types.add
class PublishAs(QuestionType):
    """The permission to publish, and under which name."""

    key = "publish_as"
    meaning = PERMISSION
    group = PERMISSIONS
    label = _("Permission to publish, and under which name")

    def form_field(self, question: Any, options: dict[str, Any]) -> forms.Field:
        choices = [*SCOPES.items(), (NO, _("No"))]
        options = {**options, "required": False, "initial": None}
        return ScopeField(choices=choices, widget=forms.RadioSelect, **options)
