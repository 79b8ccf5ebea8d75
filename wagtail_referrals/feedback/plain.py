"""Wagtail's own types of questions. Every answer is bound: a column and a reader have limits."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import MaxLengthValidator, URLValidator
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from wagtail.contrib.forms.forms import FormBuilder
from wagtail.contrib.forms.models import FORM_FIELD_CHOICES

from ..text import clean_line
from .questions import HIDDEN, WORDS, QuestionType, listed, question_types

LABELS: dict[str, str | Promise] = dict(FORM_FIELD_CHOICES)


class WagtailQuestion(QuestionType):
    """A type of Wagtail's form builder, made as Wagtail makes it."""

    def form_field(self, question: Any, options: dict[str, Any]) -> forms.Field:
        create = FormBuilder([question]).get_create_field_function(self.key)
        return create(question, options)


class Choosing(WagtailQuestion):
    """One or more of the editor's lines."""

    needs_choices = True
    from_address = True

    def form_field(self, question: Any, options: dict[str, Any]) -> forms.Field:
        field: Any = super().form_field(question, options)
        field.choices = [(line, line) for line in listed(question.choices)]
        return field


@question_types.add
class SingleLine(WagtailQuestion):
    key = "singleline"
    own_words = True
    label = LABELS["singleline"]


@question_types.add
class MultiLine(WagtailQuestion):
    key = "multiline"
    meaning = WORDS
    own_words = True
    label = LABELS["multiline"]

    def form_field(self, question: Any, options: dict[str, Any]) -> forms.Field:
        widget = forms.Textarea(attrs={"rows": 4})
        return forms.CharField(max_length=5000, widget=widget, **options)


@question_types.add
class Ideas(MultiLine):
    """Open words for the inbox, which are no review: they never become a testimonial."""

    key = "ideas"
    meaning = ""
    label = _("Text of several lines, for us only: ideas, what could be better")


@question_types.add
class Radio(Choosing):
    key = "radio"
    label = LABELS["radio"]
    required_words = _("Choose one of these.")


@question_types.add
class DropDown(Choosing):
    key = "dropdown"
    label = LABELS["dropdown"]
    required_words = _("Choose one of these.")

    def form_field(self, question: Any, options: dict[str, Any]) -> forms.Field:
        field: Any = super().form_field(question, options)
        # Without it the first line would be an answer nobody gave.
        field.choices = [("", _("Choose one")), *field.choices]
        return field


@question_types.add
class Checkboxes(Choosing):
    key = "checkboxes"
    label = LABELS["checkboxes"]
    required_words = _("Choose at least one of these.")


@question_types.add
class MultiSelect(Choosing):
    key = "multiselect"
    label = LABELS["multiselect"]
    required_words = _("Choose at least one of these.")


@question_types.add
class Checkbox(WagtailQuestion):
    key = "checkbox"
    label = LABELS["checkbox"]
    required_words = _("Tick this box.")


@question_types.add
class Number(WagtailQuestion):
    key = "number"
    label = LABELS["number"]
    from_address = True
    required_words = _("Enter a number.")

    def form_field(self, question: Any, options: dict[str, Any]) -> forms.Field:
        return forms.DecimalField(
            **options,
            max_digits=18,
            decimal_places=6,
            widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}),
        )


@question_types.add
class Date(WagtailQuestion):
    key = "date"
    label = LABELS["date"]
    required_words = _("Enter a day.")

    def form_field(self, question: Any, options: dict[str, Any]) -> forms.Field:
        widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        return forms.DateField(**options, widget=widget)


@question_types.add
class DateTime(WagtailQuestion):
    key = "datetime"
    label = LABELS["datetime"]
    required_words = _("Enter a day and a time.")

    def form_field(self, question: Any, options: dict[str, Any]) -> forms.Field:
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
        return forms.DateTimeField(**options, widget=widget)


@question_types.add
class WebAddress(WagtailQuestion):
    key = "url"
    label = LABELS["url"]
    required_words = _("Enter a web address.")

    def form_field(self, question: Any, options: dict[str, Any]) -> forms.Field:
        field = super().form_field(question, options)
        # Staff follow it: only what is safe to follow.
        field.validators = [URLValidator(schemes=["http", "https"]), MaxLengthValidator(2000)]
        return field


class HiddenValue(forms.CharField):
    """A line from the page's address, made fit to be stored; there is nothing one could mend."""

    def clean(self, value: Any) -> str:
        return clean_line(value, 255)


@question_types.add
class Hidden(WagtailQuestion):
    """Taken from the page's address, ``?source=flyer``: visitors are not asked."""

    key = meaning = HIDDEN
    label = _("Value from the address")
    from_address = True

    def form_field(self, question: Any, options: dict[str, Any]) -> forms.Field:
        return HiddenValue(**{**options, "required": False, "widget": forms.HiddenInput})
