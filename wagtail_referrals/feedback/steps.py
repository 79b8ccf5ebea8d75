"""A form that is asked step by step, and only for what the earlier answers make it ask.

Nothing is kept between the steps but in the form itself: each post holds the answers of all other
steps as hidden inputs, and everything is decided again from them.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from wagtail.contrib.forms.forms import BaseForm

from ..forms import PublicForm
from .plan import Plan
from .show_when import visible
from .wording import Reader


class SteppedForm(PublicForm, BaseForm):
    """The form of a Plan. ``shown`` is the step to be seen; a post says which one it was."""

    plan = Plan()
    # The questions that may be filled in from the page's address, by name.
    from_address: frozenset[str] = frozenset()
    # The first question of each meaning: {meaning: name}.
    special: dict[str, str] = {}

    step_name = "referrals-step"
    back_name = "referrals-back"
    asked_name = "referrals-asked"

    def __init__(self, *args: Any, reader: Reader | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.reader = reader or Reader()
        self.shown = 0

    @cached_property
    def came_from(self) -> int:
        """The step that was sent. Whoever names none has filled in all."""
        last = len(self.plan.steps) - 1
        given = str(self.data.get(self.step_name, ""))
        is_number = given.isascii() and given.isdigit() and len(given) < 4
        return min(int(given), last) if is_number else last

    @property
    def answers_so_far(self) -> dict[str, Any]:
        """What is answered, as far as it is valid; before anything was sent, what is filled in."""
        # Asking for the errors is what makes a bound form look at its data.
        if self.is_bound and self.errors is not None:
            return self.cleaned_data
        names = self.plan.labels
        return {name: self.get_initial_for_field(self.fields[name], name) for name in names}

    @cached_property
    def asked(self) -> set[str]:
        """The names of the questions that are asked, in view of the answers."""
        return visible(self.plan.asks, self.answers_so_far)

    def asks_in(self, number: int, names: set[str]) -> bool:
        """Whether a step has something to fill in among these."""
        return any(
            name in names and not self.fields[name].widget.is_hidden
            for name in self.plan.steps[number].names
        )

    def begin(self) -> None:
        """Choose the first step with something to fill in: of an invited person much is known."""
        every = range(len(self.plan.steps))
        self.shown = next((number for number in every if self.asks_in(number, self.asked)), 0)

    def is_finished(self) -> bool:
        """Whether all is answered that is asked. If not, the step to be shown next is chosen."""
        if self.back_name in self.data:
            self._show(self._step_before())
            self.errors.clear()
            return False
        if not self.is_valid():
            self.show_errors()
            return False
        after = self._step_after()
        if after is not None:
            self._show(after)
        return after is None

    def is_going_on(self) -> bool:
        """After is_finished(): whether nothing is wrong, and another step is to be shown."""
        return not self.errors

    def show_errors(self) -> None:
        """Choose the first step in which something is wrong."""
        wrong = (name for name in self.plan.labels if name in self.errors)
        self._show(next(map(self.plan.step_of, wrong), self.came_from))

    def refuse_too_many(self) -> None:
        super().refuse_too_many()
        self.show_errors()

    def passes_captcha(self) -> bool:
        passed = super().passes_captcha()
        if not passed:
            self.show_errors()
        return passed

    def _show(self, number: int) -> None:
        """Choose a step. What is wrong in others is said once they are shown."""
        self.shown = number
        elsewhere = self.plan.labels.keys() - set(self.plan.steps[number].names)
        for name in elsewhere & self.errors.keys():
            del self.errors[name]

    def _step_before(self) -> int:
        before = range(self.came_from - 1, -1, -1)
        steps = (number for number in before if self.asks_in(number, self.asked))
        return next(steps, self.came_from)

    def _step_after(self) -> int | None:
        after = range(self.came_from + 1, len(self.plan.steps))
        return next((number for number in after if self.asks_in(number, self.asked)), None)

    def clean(self) -> dict[str, Any]:
        """Forget what is not asked, and what is wrong in steps that were not reached yet."""
        later = {n for step in self.plan.steps[self.came_from + 1 :] for n in step.names}
        for name in self.plan.labels:
            if name not in self.asked:
                self.cleaned_data.pop(name, None)
            if name not in self.asked or name in later:
                self.errors.pop(name, None)
        self._say_what_is_new()
        if self._step_after() is None:
            return super().clean()
        # A step may be answered fast, and traps are looked at in the end.
        return self.cleaned_data

    def _say_what_is_new(self) -> None:
        """An editor may have added a question since the form was shown."""
        before = str(self.data.get(self.asked_name, "")).split()
        words = _("This question is new since you opened the form. Please answer it, too.")
        for name in self.errors.keys() & self.plan.labels.keys():
            if before and name not in before:
                self.errors[name] = self.error_class([str(words)])

    def prefill(self, given: Any) -> None:
        """Choose what an address names, by a question's name or meaning, and a question can take.

        ``given`` is a QueryDict. What does not fit is left alone.
        """
        names = {**self.special, **{name: name for name in self.plan.labels}}
        for key in given.keys() & names.keys():
            name = names[key]
            if name not in self.from_address or sum(map(len, given.getlist(key))) > 500:
                continue
            data = given.copy()
            data.setlist(name, given.getlist(key))
            value = self.fields[name].widget.value_from_datadict(data, {}, name)
            try:
                self.fields[name].clean(value)
            except forms.ValidationError:
                continue
            self.initial[name] = value
