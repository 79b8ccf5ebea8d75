"""The form a feedback page makes of its questions."""

from __future__ import annotations

import html
from functools import cached_property
from typing import Any, cast

from crispy_forms.helper import FormHelper
from django import forms
from django.utils.html import strip_tags
from wagtail.contrib.forms.forms import FormBuilder

from . import contact, heard_field, permissions, plain, ratings
from .plan import make_plan
from .questions import (
    CALL,
    CONSENT,
    CSAT,
    EMAIL,
    HEARD,
    HIDDEN,
    NAME,
    PERMISSION,
    PHONE,
    SCORE,
    STARS,
    TOWN,
    WORDS,
    question_choices,
    question_name,
    question_types,
    said_in,
    type_of,
)
from .shown_step import ShownStep
from .steps import SteppedForm
from .submit import Answers

__all__ = [
    "EMAIL",
    "FeedbackForm",
    "FeedbackFormBuilder",
    "contact",
    "heard_field",
    "permissions",
    "plain",
    "question_choices",
    "question_types",
    "ratings",
]


class FeedbackForm(SteppedForm):
    """The form a feedback page makes of its questions."""

    # The questions whose answers say something to us: {name: meaning}.
    meanings: dict[str, str] = {}
    # The names of those that are answered in the visitor's own words.
    in_own_words: tuple[str, ...] = ()
    # The token of the invitation it was opened by.
    code = ""

    @cached_property
    def step(self) -> ShownStep:
        """What is shown of it. To be asked for once it is decided which step that is."""
        return ShownStep(self)

    @property
    def helper(self) -> FormHelper:
        return self.step.lay_out(super().helper)

    def answers(self) -> Answers:
        """What was answered, once the form is valid."""
        said = self.said
        publish = self._granted(PERMISSION)
        quotable = [name for name, meaning in self.meanings.items() if meaning == WORDS]
        return Answers(
            email=said(EMAIL),
            data=dict(self.cleaned_data),
            name=said(NAME),
            phone=said(PHONE),
            town=said(TOWN),
            source=said(HIDDEN)[:60],
            score=_number(said(SCORE)),
            stars=_number(said(STARS)),
            stars_of=self._stars_of(),
            csat=_number(said(CSAT)),
            words=said_in(self.in_own_words, self.cleaned_data),
            quotable=said_in(quotable, self.cleaned_data),
            publish=publish[0] if publish else "",
            scope=getattr(said(PERMISSION), "key", ""),
            heard=said(HEARD),
            wants_call=bool(self._granted(CALL)),
            consents=self._granted(CONSENT) + self._granted(CALL),
        )

    def said(self, meaning: str) -> Any:
        """The answer to the first question of a meaning; "" where nobody was asked."""
        return self.cleaned_data.get(self.special.get(meaning, ""), "")

    def _stars_of(self) -> int | None:
        """How many stars there were to choose from."""
        field: Any = self.fields.get(self.special.get(STARS, ""))
        return len(field.choices) if field else None

    def _granted(self, meaning: str) -> tuple[str, ...]:
        """The wordings of the permissions that were given, as they were shown."""
        return tuple(
            wording(self.fields[name], answer)
            for name, found in self.meanings.items()
            if found == meaning and (answer := self.cleaned_data.get(name))
        )


def _number(answer: str) -> int | None:
    return int(answer) if answer != "" else None


def wording(field: forms.Field, answer: Any) -> str:
    """What somebody agreed to: the question, its hint, and the words they chose."""
    # A hint is HTML by now, a record is not.
    hint = html.unescape(strip_tags(str(field.help_text)))
    chosen = answer if isinstance(answer, str) else ""
    return "\n".join(words for words in (str(field.label), hint, chosen) if words)


class FeedbackFormBuilder(FormBuilder):
    """Builds a FeedbackForm of the registered types of questions."""

    def get_create_field_function(self, type: str) -> Any:
        return lambda question, options: type_of(question).form_field(question, options)

    def get_field_options(self, field: Any) -> dict[str, Any]:
        options: dict[str, Any] = super().get_field_options(field)
        return {**options, "error_messages": {"required": type_of(field).required_words}}

    def get_form_class(self) -> type[FeedbackForm]:
        form_fields = self.formfields
        types = {question_name(question): type_of(question) for question in self.fields}
        meanings = {name: one.meaning for name, one in types.items() if one.meaning}
        special = {meaning: name for name, meaning in reversed(meanings.items())}
        if EMAIL in special:
            # The one address the coupon goes to.
            form_fields[special[EMAIL]].required = True
        # Set apart from the fields: a question may have any of these names.
        form_class: Any = type("FeedbackForm", (FeedbackForm,), form_fields)
        form_class.plan = make_plan(self.fields)
        form_class.meanings, form_class.special = meanings, special
        form_class.in_own_words = tuple(name for name, one in types.items() if one.own_words)
        form_class.from_address = frozenset(n for n, one in types.items() if one.from_address)
        return cast(type[FeedbackForm], form_class)
