"""“How did you hear about us?”, and who it was when somebody told them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from ..text import clean_line
from .questions import ABOUT_THEM, HEARD, QuestionType, listed, question_types

TOLD = _("Somebody told me")
WAYS = (
    _("A search engine"),
    _("Social media"),
    _("An advertisement"),
    _("I came past"),
    _("Something else"),
)


class Heard(str):
    """The way somebody chose. ``told``: it was a person; ``who``, and how to ``reach`` them.

    Equal to the words of the choice, and stored as them: the other person's details are kept apart.
    """

    told: bool
    who: str
    reach: str

    def __new__(cls, way: str, *, told: bool = False, who: str = "", reach: str = "") -> Heard:
        heard = super().__new__(cls, way)
        heard.told, heard.who, heard.reach = told, who, reach
        return heard


class HeardWidget(forms.MultiWidget):
    """The choices, and two lines that are asked for with one of them; works without script."""

    template_name = "wagtail_referrals/widgets/heard.html"
    # No name an editor's question can have.
    parts = ("", "told-by", "reach-at")

    def __init__(self, ways: Sequence[str] = (), told: str = "", attrs: Any = None) -> None:
        self.told = told
        lines = {"autocomplete": "off"}
        choices = forms.RadioSelect(choices=[(way, way) for way in ways])
        who = forms.TextInput(attrs={**lines, "maxlength": 120})
        reach = forms.TextInput(attrs={**lines, "maxlength": 254})
        super().__init__(dict(zip(self.parts, (choices, who, reach), strict=True)), attrs)

    def decompress(self, value: Any) -> list[str]:
        return [value or "", getattr(value, "who", ""), getattr(value, "reach", "")]

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        return {**context, "told": self.told}

    def id_for_label(self, id_: str) -> str:
        return f"{id_}_0_0"


class HiddenHeard(HeardWidget):
    """What was answered, carried along."""

    template_name = "django/forms/widgets/multiwidget.html"
    use_fieldset = False

    def __init__(self, attrs: Any = None) -> None:
        super().__init__(attrs=attrs)
        self.widgets = [forms.HiddenInput(attrs) for _part in self.parts]


class HeardField(forms.Field):
    """Cleans to a Heard, or "" where nothing was chosen."""

    hidden_widget = HiddenHeard

    def __init__(self, *, ways: Sequence[str], told: str, **options: Any) -> None:
        self.ways, self.told = ways, told
        super().__init__(widget=HeardWidget(ways, told), **options)

    def clean(self, value: Any) -> Heard | str:
        way, who, reach = (*(value or ()), "", "", "")[:3]
        who, reach = clean_line(who, 120), clean_line(reach, 254)
        if not way and (who or reach):
            way = self.told
        if not way:
            if self.required:
                raise ValidationError(self.error_messages["required"], code="required")
            return ""
        if way not in self.ways:
            raise ValidationError(_("Choose one of these."), code="invalid_choice")
        return Heard(way, told=True, who=who, reach=reach) if way == self.told else Heard(way)


@question_types.add
class HeardQuestion(QuestionType):
    """The ways are the lines of "choices"; that somebody told them is always one of them."""

    key = meaning = HEARD
    label = _("How did you hear about us?")
    group = ABOUT_THEM
    required_words = _("Choose one of these.")

    def form_field(self, question: Any, options: dict[str, Any]) -> forms.Field:
        ways = listed(question.choices) or [str(way) for way in WAYS]
        told = next((way for way in ways if way.casefold() == TOLD.casefold()), str(TOLD))
        if told not in ways:
            ways = [told, *ways]
        return HeardField(ways=ways, told=told, **options)
