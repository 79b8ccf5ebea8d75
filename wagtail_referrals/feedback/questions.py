"""What a question of a feedback form can be, and how a site adds types of its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ..parts import Entry, Registry

SCORE, STARS, CSAT = "score", "stars", "csat"
NAME, EMAIL, PHONE, TOWN = "name", "email", "phone", "town"
PERMISSION, CONSENT, CALL = "permission", "consent", "call"
HEARD, HIDDEN, WORDS = "heard", "hidden", "words"

RATINGS: str | Promise = _("Ratings")
ABOUT_THEM = _("Who answers")
PERMISSIONS = _("Permissions")
ANYTHING = _("Anything else")


class QuestionType(Entry):
    """A kind of question. ``key`` is stored with each question: at most 16 characters.

    ``question`` is a row of AbstractFeedbackQuestion: what the editor wrote.
    """

    # The heading it stands under where editors choose.
    group: ClassVar[str | Promise] = ANYTHING
    # What the answer says to us: one of the names above, or nothing we know of.
    meaning: ClassVar[str] = ""
    # Whether the answer is in the visitor's own words: what the inbox shows, searches and exports
    # as words. Nothing that was chosen, and nothing that says who somebody is.
    own_words: ClassVar[bool] = False
    # Whether it is nothing without the lines of "choices".
    needs_choices: ClassVar[bool] = False
    # Whether ``?name=value`` in the page's address may fill it in. Never a permission, and never
    # what says who somebody is.
    from_address: ClassVar[bool] = False
    # What to do about it when it was left out; the words of a summary that names the question.
    required_words: ClassVar[str | Promise] = _("Answer this question.")

    def form_field(self, question: Any, options: dict[str, Any]) -> forms.Field:
        """The field visitors fill in; its clean value is stored as JSON.

        ``options`` are the arguments every form field takes: label, help_text, required, initial.
        """
        raise NotImplementedError

    def problems(self, question: Any) -> dict[str, str | Promise]:
        """What the editor has to mend before it goes live: {column of the question: words}."""
        if self.needs_choices and not listed(question.choices):
            return {"choices": _("Enter the choices, one per line.")}
        return {}


question_types: Registry[QuestionType] = Registry("question_type")


def question_choices() -> list[tuple[str | Promise, list[tuple[str, str | Promise]]]]:
    """For the editor's select. A function, so that a type of a site's own makes no migration."""
    types = question_types.all()
    groups = [RATINGS, ABOUT_THEM, PERMISSIONS, ANYTHING]
    groups += [one.group for one in types.values() if one.group not in groups]
    return [
        (group, [(key, one.label) for key, one in types.items() if one.group == group])
        for group in dict.fromkeys(groups)
    ]


class Chosen(str):
    """A choice in the words that were shown, and stored so; ``key`` is what they mean to us."""

    def __new__(cls, words: object, key: str = "") -> Chosen:
        chosen = super().__new__(cls, words)
        chosen.key = key
        return chosen

    key: str


def type_of(question: Any) -> QuestionType:
    """The type of a question; a line of text where the site has taken its type away again."""
    return question_types.get(question.field_type) or question_types.all()["singleline"]


def said_in(names: Iterable[str], data: dict[str, Any]) -> str:
    """What was answered to these questions, one paragraph each."""
    said = (data.get(name) for name in names)
    return "\n\n".join(
        answer.strip() for answer in said if isinstance(answer, str) and answer.strip()
    )


def question_name(question: Any) -> str:
    """A question's name in the form; of one that was never saved, the name it will get."""
    return str(question.clean_name or question.get_field_clean_name())


def listed(text: str) -> list[str]:
    """An editor's list, one per line or with commas in one line, each entry once."""
    lines = (text or "").strip().splitlines()
    entries: Sequence[str] = lines if len(lines) > 1 else (text or "").split(",")
    return list(
        dict.fromkeys(entry.strip().rstrip(",").strip() for entry in entries if entry.strip())
    )
