"""Which questions are asked: each can depend on answers that were given before it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# What an earlier answer can be asked for. Who gave no answer meets only the last.
TESTS: dict[str, str | Promise] = {
    "is": _("is"),
    "is_not": _("is not"),
    "at_least": _("is at least"),
    "at_most": _("is at most"),
    "contains": _("contains"),
    "answered": _("was given"),
    "unanswered": _("was not given"),
}
NEEDS_NUMBER = frozenset(["at_least", "at_most"])
NEEDS_VALUE = frozenset(TESTS) - {"answered", "unanswered"}


class Match(models.TextChoices):
    """How many of the conditions have to be met."""

    ALL = "all", _("all of them")
    ANY = "any", _("any of them")


@dataclass(frozen=True)
class Condition:
    """What the answer to the question ``name`` has to be. ``test`` is one of TESTS."""

    name: str
    test: str
    value: str = ""

    def is_met(self, given: Any) -> bool:
        """Whether an answer meets it: a text, number, date, True, or a list of texts."""
        answers = as_texts(given)
        if not answers or self.test not in TESTS:
            return self.test == "unanswered"
        return _CHECKS[self.test](answers, self.value)


@dataclass(frozen=True)
class Rule:
    """When a question is asked: once all, or any, of its conditions are met. None: always."""

    conditions: tuple[Condition, ...] = ()
    match: str = Match.ALL

    def is_met(self, answers: Mapping[str, Any], unknown: Collection[str] = ()) -> bool:
        """``unknown`` names questions that may still get any answer."""
        met = (c.name in unknown or c.is_met(answers.get(c.name)) for c in self.conditions)
        return not self.conditions or (any(met) if self.match == Match.ANY else all(met))


@dataclass(frozen=True)
class Ask:
    """One question of a form, by name, and its rules: its own, and that of its step."""

    name: str
    rules: tuple[Rule, ...] = ()


def visible(
    asks: Iterable[Ask], answers: Mapping[str, Any], unknown: Collection[str] = ()
) -> set[str]:
    """The names of the questions that are asked, in view of the cleaned answers.

    A rule can look at earlier questions only, and at no answer to a question that is not asked.
    With ``unknown``, the names of all that could yet be asked.
    """
    shown: set[str] = set()
    for ask in asks:
        known = {name: answers.get(name) for name in shown}
        open_names = shown.intersection(unknown)
        if all(rule.is_met(known, open_names) for rule in ask.rules):
            shown.add(ask.name)
    return shown


def as_texts(answer: Any) -> list[str]:
    """An answer as folded texts; none for what is empty or not ticked."""
    if answer is None or answer is False:
        return []
    several = answer if isinstance(answer, list | tuple | set) else [answer]
    return [text for one in several if (text := fold(one))]


def fold(text: Any) -> str:
    """A text as it is compared: without case and the space around it."""
    return " ".join(str(text).split()).casefold()


def as_number(text: Any) -> Decimal | None:
    """The number a text says, with a point or a comma; None for no number."""
    try:
        number = Decimal(str(text).strip().replace(",", "."))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _is(answers: list[str], value: str) -> bool:
    number = as_number(value)
    return fold(value) in answers or (
        number is not None and any(as_number(answer) == number for answer in answers)
    )


def _compares(answers: list[str], value: str, *, least: bool) -> bool:
    limit = as_number(value)
    numbers = [number for answer in answers if (number := as_number(answer)) is not None]
    return limit is not None and any(n >= limit if least else n <= limit for n in numbers)


_CHECKS = {
    "is": _is,
    "is_not": lambda answers, value: not _is(answers, value),
    "at_least": lambda answers, value: _compares(answers, value, least=True),
    "at_most": lambda answers, value: _compares(answers, value, least=False),
    "contains": lambda answers, value: any(fold(value) in answer for answer in answers),
    "answered": lambda answers, value: True,
    "unanswered": lambda answers, value: False,
}
