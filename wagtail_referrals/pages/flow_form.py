"""The editor's form of the flow: a condition follows its question, and what cannot be is said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.blocks import StreamBlockValidationError, StructBlockValidationError

from ..feedback.plan import ALWAYS_ASKED, SAME_WORDS
from ..feedback.questions import question_name, type_of
from ..feedback.show_when import NEEDS_NUMBER, as_number, fold
from ..feedback.wording import recalled_names

Problem = tuple[str, Any]


@dataclass(eq=False)
class Row:
    """One question in the editor's form."""

    form: Any
    position: int

    @cached_property
    def question(self) -> Any:
        return self.form.instance

    @cached_property
    def name(self) -> str:
        return question_name(self.question)

    @cached_property
    def meaning(self) -> str:
        return type_of(self.question).meaning

    @property
    def conditions(self) -> Any:
        return self.form.cleaned_data.get("conditions") or []

    @cached_property
    def choices(self) -> list[str]:
        """The answers it can get, if they are counted."""
        kind = type_of(self.question)
        if kind.problems(self.question):
            return []
        field = kind.form_field(self.question, {"label": "", "required": False})
        # A list in a list is a group of choices; none of the types has any.
        return [str(value) for value, _label in getattr(field, "choices", []) if value != ""]


class FlowFormMixin:
    """For a page's form with the formset ``form_fields``. Drafts may lack or confuse everything."""

    def clean(self: Any) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()  # type: ignore[misc]
        rows = _rows(self.formsets.get("form_fields"))
        _follow_new_labels(rows)
        if not self.is_deferred_validation:
            for row in rows:
                _check_conditions(row, rows)
                _check_step(row, rows)
                _check_words(row, rows)
        return cleaned


def _rows(formset: Any) -> list[Row]:
    """The questions that stay, in their order."""
    forms = [form for form in formset.forms if hasattr(form, "cleaned_data")] if formset else []
    kept = [form for form in forms if not form.cleaned_data.get("DELETE")]
    kept.sort(key=lambda form: form.cleaned_data.get("ORDER") or 0)
    return [Row(form, position) for position, form in enumerate(kept)]


def _follow_new_labels(rows: list[Row]) -> None:
    """A condition that was not changed keeps its question, whatever that is called by now."""
    before = {fold(label): row for row in rows if (label := row.form.initial.get("label"))}
    for row in rows:
        old_texts = dict(_texts(row.form.initial.get("conditions")))
        for index, (key, text) in enumerate(_texts(row.conditions)):
            target = before.get(fold(text))
            if target and old_texts.get(key) == text != target.question.label:
                _rename(row, index, target.question.label)


def _rename(row: Row, index: int, label: str) -> None:
    raw = row.conditions.raw_data
    raw[index] = {**raw[index], "value": {**raw[index]["value"], "question": label}}
    # Only what has changed is saved.
    row.form.changed_data.append("conditions")


def _texts(stream: Any) -> Iterator[tuple[Any, str]]:
    """Each condition's id, and the question it names."""
    for block in stream.raw_data if stream else ():
        yield block.get("id"), block["value"].get("question") or ""


def _check_conditions(row: Row, rows: list[Row]) -> None:
    errors = {}
    for index, block in enumerate(row.conditions.raw_data if row.conditions else ()):
        if problem := _condition_problem(block["value"], row, rows):
            field, words = problem
            errors[index] = StructBlockValidationError({field: ValidationError(words)})
    if errors:
        row.form.add_error("conditions", StreamBlockValidationError(block_errors=errors))


def _condition_problem(condition: dict[str, Any], row: Row, rows: list[Row]) -> Problem | None:
    meant = _find(condition.get("question") or "", rows)
    if len(meant) != 1:
        return "question", _MEANT_SEVERAL if meant else _MEANT_NONE
    (target,) = meant
    if target is row:
        return "question", _("A question cannot depend on its own answer.")
    if target.position > row.position:
        return "question", _("This question comes later. Name one that is asked before.")
    return _value_problem(condition, target.choices)


_MEANT_NONE = _("There is no question with this label.")
_MEANT_SEVERAL = _("Several questions have this label. Give each one of its own.")


def _find(label: str, rows: list[Row]) -> list[Row]:
    """The questions that may be meant: by their label, or by the name they once got from it."""
    labelled = [row for row in rows if fold(row.question.label) == fold(label)]
    return labelled or [row for row in rows if row.name == label]


def _value_problem(condition: dict[str, Any], choices: list[str]) -> Problem | None:
    """Whether no answer could ever meet it."""
    test, value = condition.get("test"), condition.get("value") or ""
    if not choices:
        return None
    if test in NEEDS_NUMBER and all(as_number(choice) is None for choice in choices):
        return "test", _("The answers to this question are no numbers.")
    if test in ("is", "is_not") and fold(value) not in map(fold, choices):
        words = _("This question has no such answer, only: %(answers)s.")
        return "value", words % {"answers": ", ".join(choices)}
    return None


def _check_step(row: Row, rows: list[Row]) -> None:
    """The address the coupon goes to is asked whatever was answered, and a step has a beginning."""
    question = row.question
    if question.whole_step and not question.step_title:
        words = _("Only a question that begins a step can decide about the whole of it.")
        row.form.add_error("whole_step", words)
        return
    if not row.conditions or "conditions" in row.form.errors:
        return
    affected = [row, *(_rest_of_step(row, rows) if question.whole_step else ())]
    if any(one.meaning in ALWAYS_ASKED for one in affected):
        words = _("The e-mail address is always asked: the coupon, the same for all, goes there.")
        row.form.add_error("conditions", StreamBlockValidationError(non_block_errors=[words]))


def _rest_of_step(row: Row, rows: list[Row]) -> Iterator[Row]:
    for one in rows[row.position + 1 :]:
        if one.question.step_title:
            return
        yield one


_SAME_FOR_ALL = _("What somebody agrees to has the same words for everybody.")


def _check_words(row: Row, rows: list[Row]) -> None:
    if row.meaning in SAME_WORDS and row.form.cleaned_data.get("other_words"):
        error = StreamBlockValidationError(non_block_errors=[_SAME_FOR_ALL])
        row.form.add_error("other_words", error)
    earlier = ["first_name", *(one.name for one in rows[: row.position])]
    for field in ("label", "help_text", "step_title"):
        names = recalled_names(row.form.cleaned_data.get(field) or "")
        if names and row.meaning in SAME_WORDS and field != "step_title":
            row.form.add_error(field, _SAME_FOR_ALL)
        elif names - set(earlier):
            words = _("Nothing of this name is asked before. You can quote: %(names)s.")
            row.form.add_error(field, words % {"names": ", ".join(earlier)})
