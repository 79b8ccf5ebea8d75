"""Questions answered with a number: 0 to 10, stars, smileys."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from .questions import CSAT, RATINGS, SCORE, STARS, QuestionType, listed, question_types

STAR_NUMBERS = (3, 4, 5, 7, 10)
# From the worst to the best.
FACES = (_("Very bad"), _("Bad"), _("So-so"), _("Good"), _("Very good"))


class Rating(QuestionType):
    """One of a row of numbers, shown as the template ``referrals/layout/<scale>.html`` does."""

    group = RATINGS
    from_address = True
    scale = ""

    def row(self, question: Any) -> list[tuple[int, str]]:
        """The numbers, and what each is called."""
        raise NotImplementedError

    def ends(self) -> dict[str, str | Promise]:
        """The words at the two ends, as attributes of the widget."""
        return {}

    def form_field(self, question: Any, options: dict[str, Any]) -> forms.Field:
        widget = forms.RadioSelect(attrs={"data-scale": self.scale, **self.ends()})
        choices = [(str(number), words) for number, words in self.row(question)]
        return forms.ChoiceField(choices=choices, widget=widget, **options)


@question_types.add
class Score(Rating):
    key = meaning = SCORE
    label = _("0 to 10: would you recommend us?")
    scale = "numbers"
    required_words = _("Choose a number from 0 to 10.")

    def row(self, question: Any) -> list[tuple[int, str]]:
        return [(number, str(number)) for number in range(11)]

    def ends(self) -> dict[str, str | Promise]:
        return {"data-scale-low": _("not at all likely"), "data-scale-high": _("very likely")}


@question_types.add
class Stars(Rating):
    """How many is what stands in "choices"; five when nothing does."""

    key = meaning = STARS
    label = _("Stars")
    scale = "stars"
    required_words = _("Choose how many stars.")

    def row(self, question: Any) -> list[tuple[int, str]]:
        most = stars_of(question) or 5
        return [(number, _star_words(number, most)) for number in range(1, most + 1)]

    def problems(self, question: Any) -> dict[str, str | Promise]:
        if stars_of(question):
            return {}
        return {"choices": _("Enter how many stars there are: 3, 4, 5, 7 or 10.")}


def _star_words(number: int, most: int) -> str:
    words = ngettext("%(number)s of %(most)s stars", "%(number)s of %(most)s stars", number)
    return words % {"number": number, "most": most}


def stars_of(question: Any) -> int | None:
    """How many stars a question has; None when it is none of the numbers one can have."""
    asked = (question.choices or "").strip() or "5"
    return next((number for number in STAR_NUMBERS if asked == str(number)), None)


@question_types.add
class Faces(Rating):
    """Five faces; their words are the lines of "choices", from the worst to the best."""

    key = meaning = CSAT
    label = _("Smileys: how satisfied were you?")
    scale = "faces"
    required_words = _("Choose one of the faces.")

    def row(self, question: Any) -> list[tuple[int, str]]:
        words = listed(question.choices)
        chosen = words if len(words) == len(FACES) else FACES
        return [(number, str(word)) for number, word in enumerate(chosen, start=1)]

    def problems(self, question: Any) -> dict[str, str | Promise]:
        if len(listed(question.choices)) in (0, len(FACES)):
            return {}
        return {"choices": gettext("Enter five words, one per line, from the worst to the best.")}
