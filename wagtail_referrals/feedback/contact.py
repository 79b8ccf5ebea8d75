"""Questions about who answers. None of them is filled in from an address."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from ..exceptions import MESSAGES
from .questions import ABOUT_THEM, EMAIL, NAME, PHONE, TOWN, QuestionType, question_types

# Five digits or more among what people put between them.
_PHONE = RegexValidator(
    r"^(?=(?:\D*\d){5})[\d\s()+./;=x#-]+\Z",
    _("Enter a telephone number, like +44 20 7946 0123."),
)


class ContactQuestion(QuestionType):
    """A line that the browser can fill in; ``autocomplete`` says with what."""

    group = ABOUT_THEM
    field_class: type[forms.CharField] = forms.CharField
    widget_class: type[forms.Widget] = forms.TextInput
    autocomplete = ""
    max_length = 120

    def form_field(self, question: Any, options: dict[str, Any]) -> forms.Field:
        widget = self.widget_class(attrs={"autocomplete": self.autocomplete})
        return self.field_class(**{**options, "max_length": self.max_length, "widget": widget})


@question_types.add
class Name(ContactQuestion):
    key = meaning = autocomplete = NAME
    label = _("Name")
    required_words = _("Enter your name.")


@question_types.add
class Email(ContactQuestion):
    """The address the coupon goes to."""

    key = meaning = autocomplete = EMAIL
    label = _("E-mail")
    field_class = forms.EmailField
    widget_class = forms.EmailInput
    max_length = 254
    required_words = _("Enter your e-mail address.")

    def form_field(self, question: Any, options: dict[str, Any]) -> forms.Field:
        field = super().form_field(question, options)
        field.error_messages["invalid"] = str(MESSAGES["invalid_email"])
        return field


@question_types.add
class Phone(ContactQuestion):
    key = meaning = PHONE
    label = _("Telephone")
    autocomplete = "tel"
    max_length = 40
    required_words = _("Enter your telephone number.")

    def form_field(self, question: Any, options: dict[str, Any]) -> forms.Field:
        field = super().form_field(question, options)
        field.widget.input_type = "tel"
        field.validators.append(_PHONE)
        return field


@question_types.add
class Town(ContactQuestion):
    key = meaning = TOWN
    label = _("Town")
    autocomplete = "address-level2"
    max_length = 80
    required_words = _("Enter your town.")
