"""What a type of question needs of its editor is said next to the question."""

from __future__ import annotations

from typing import Any

from ..feedback.questions import type_of


class QuestionTypesFormMixin:
    """Looks at every question once the page is to go live; drafts and autosave are left alone."""

    def clean(self: Any) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()  # type: ignore[misc]
        formset = self.formsets.get("form_fields")
        if formset and not self.is_deferred_validation:
            for form in formset.forms:
                _say_problems(form)
        return cleaned


def _say_problems(form: Any) -> None:
    data = getattr(form, "cleaned_data", {})
    if not data.get("field_type") or data.get("DELETE"):
        return
    for column, words in type_of(form.instance).problems(form.instance).items():
        form.add_error(column, words)
