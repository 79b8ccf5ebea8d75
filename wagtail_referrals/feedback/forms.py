"""The form a feedback page makes of its questions."""

from __future__ import annotations

from typing import Any

from django import forms
from wagtail.contrib.forms.forms import BaseForm, FormBuilder

from ..forms import PublicForm
from . import contact, plain, ratings
from .questions import (
    CONSENT,
    CSAT,
    EMAIL,
    HIDDEN,
    NAME,
    PERMISSION,
    PHONE,
    SCORE,
    STARS,
    TOWN,
    question_choices,
    question_types,
    type_of,
)
from .submit import Answers

__all__ = [
    "EMAIL",
    "FeedbackForm",
    "FeedbackFormBuilder",
    "contact",
    "plain",
    "question_choices",
    "question_types",
    "ratings",
]


class FeedbackForm(PublicForm, BaseForm):
    """The form a feedback page makes of its questions."""

    # The questions whose answers say something to us: {name: meaning}.
    meanings: dict[str, str] = {}
    # The first question of each meaning: {meaning: name}.
    special: dict[str, str] = {}

    def answers(self) -> Answers:
        """What was answered, once the form is valid."""
        said = self.said
        permissions = self._granted(PERMISSION)
        return Answers(
            email=said(EMAIL),
            data=dict(self.cleaned_data),
            name=said(NAME),
            phone=said(PHONE),
            town=said(TOWN),
            source=said(HIDDEN)[:60],
            score=_number(said(SCORE)),
            stars=_number(said(STARS)),
            csat=_number(said(CSAT)),
            publish=permissions[0] if permissions else "",
            consents=self._granted(CONSENT),
        )

    def said(self, meaning: str) -> Any:
        """The answer to the first question of a meaning; "" where nobody was asked."""
        return self.cleaned_data.get(self.special.get(meaning, ""), "")

    def _granted(self, meaning: str) -> tuple[str, ...]:
        """The wordings of the boxes that were ticked, as they were shown."""
        return tuple(
            wording(self.fields[name])
            for name, found in self.meanings.items()
            if found == meaning and self.cleaned_data.get(name)
        )


def _number(answer: str) -> int | None:
    return int(answer) if answer != "" else None


def wording(field: forms.Field) -> str:
    """What a question says, with its hint: the words somebody agreed to."""
    return "\n".join(str(words) for words in (field.label, field.help_text) if words)


class FeedbackFormBuilder(FormBuilder):
    """Builds a FeedbackForm of the registered types of questions."""

    def get_create_field_function(self, type: str) -> Any:
        return lambda question, options: type_of(question).form_field(question, options)

    def get_field_options(self, field: Any) -> dict[str, Any]:
        options: dict[str, Any] = super().get_field_options(field)
        return {**options, "error_messages": {"required": type_of(field).required_words}}

    def get_form_class(self) -> type[FeedbackForm]:
        form_fields = self.formfields
        meanings = {
            field.clean_name or field.get_field_clean_name(): type_of(field).meaning
            for field in self.fields
        }
        meanings = {name: meaning for name, meaning in meanings.items() if meaning}
        special = {meaning: name for name, meaning in reversed(meanings.items())}
        if EMAIL in special:
            # The one address the coupon goes to.
            form_fields[special[EMAIL]].required = True
        attributes = {**form_fields, "meanings": meanings, "special": special}
        return type("FeedbackForm", (FeedbackForm,), attributes)
