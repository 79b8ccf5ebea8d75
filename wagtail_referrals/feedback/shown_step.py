"""One step of a form as it is shown: its questions and their words, and what goes along unseen."""

from __future__ import annotations

import json
from functools import cached_property
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Field, Layout
from django.conf import settings
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString

from .hints import only_if
from .plan import Words
from .questions import NAME, SCORE
from .show_when import Match, Rule, visible
from .steps import SteppedForm
from .wording import audiences, choose_words, first_word, is_recalling, recall, recall_html

_EMPTY: tuple[Any, ...] = (None, "", [], False)


class ShownStep:
    """What templates and script need of a form, once it is decided which of its steps is shown."""

    def __init__(self, form: SteppedForm) -> None:
        self.form = form
        self.plan = form.plan
        self.step = form.plan.steps[form.shown]
        self.answers = {n: a for n, a in form.answers_so_far.items() if n in form.asked}
        for name in self.names:
            self._put_words(name)

    @cached_property
    def possible(self) -> set[str]:
        """The names of all that can be asked, whatever is answered from this step on."""
        # Where nothing was sent, nothing is decided: an editor looks at any step of it.
        first = self.form.shown if self.form.is_bound else 0
        names = [name for step in self.plan.steps[first:] for name in step.names]
        return visible(self.plan.asks, self.answers, names)

    @cached_property
    def names(self) -> list[str]:
        """The questions of this step; some of them may wait for the answer to another one."""
        return [name for name in self.step.names if name in self.possible]

    def lay_out(self, helper: FormHelper) -> FormHelper:
        """Let crispy render the questions of this step."""
        form = self.form
        helper.layout = Layout(
            *(
                Field(name, wrapper_class="referrals-waits") if self._waits(name) else name
                for name in self.names
            ),
            *([form.captcha_name] if self.asks_captcha else ()),
            form.stamp_name,
            Div(form.trap_name, css_class="referrals-trap", aria_hidden="true"),
        )
        return helper

    @property
    def asks_captcha(self) -> bool:
        """At the end; and before it, where somebody turned out to be at the end."""
        return bool(self.form.captcha) and (
            self.is_last or self.form.captcha_name in self.form.errors
        )

    def _waits(self, name: str) -> bool:
        return name in self.when and name not in self.form.asked

    # Where somebody is.

    @cached_property
    def title(self) -> str:
        return recall(self.step.title, self.recalled)

    @cached_property
    def numbers(self) -> list[int]:
        """The steps there are or may be."""
        every = range(len(self.plan.steps))
        shown = self.form.shown
        return [n for n in every if n == shown or self.form.asks_in(n, self.possible)]

    @property
    def total(self) -> int:
        return len(self.numbers)

    @property
    def number(self) -> int:
        return self.numbers.index(self.form.shown) + 1

    @property
    def is_last(self) -> bool:
        return self.number == self.total

    # What goes along unseen.

    @property
    def carried(self) -> SafeString:
        """The step, the questions there are, and the answers of the other steps."""
        form = self.form
        html = _hidden(form.asked_name, " ".join(self.plan.labels))
        if len(self.plan.steps) > 1:
            html += _hidden(form.step_name, form.shown)
        for name in self.plan.labels:
            value = form[name].value()
            if name not in self.names and value not in _EMPTY:
                html += form.fields[name].hidden_widget().render(form.add_prefix(name), value)
        return html

    # Words.

    @cached_property
    def recalled(self) -> dict[str, Any]:
        """What was sent, for words to quote. What only stands in an address is not quoted."""
        sent = self.answers if self.form.is_bound else {}
        name = first_word(sent.get(self.form.special.get(NAME, ""))) or self.form.reader.first_name
        return {"first_name": name, **sent}

    @cached_property
    def audiences(self) -> set[str]:
        """Who it is, as far as their answers and what we knew before tell."""
        score = str(self.answers.get(self.form.special.get(SCORE, ""), ""))
        return audiences(int(score) if score.isdecimal() else None, self.form.reader.regular)

    def _put_words(self, name: str) -> None:
        bound = self.form[name]
        if words := self.plan.words.get(name):
            # Escaped here: not every template pack does it.
            bound.label = conditional_escape(self._label(words, self.audiences))
            if is_recalling(words.help_text):
                bound.help_text = self._help_text(words.help_text)
        if name in self.when:
            bound.help_text = only_if(self.when[name], self._labels, str(bound.help_text))

    def _label(self, words: Words, belongs_to: set[str]) -> str:
        return recall(choose_words(words.label, words.others, belongs_to), self.recalled)

    @cached_property
    def _labels(self) -> dict[str, str]:
        """What the questions are called, for hints that name them."""
        return {name: recall(label, self.recalled) for name, label in self.plan.labels.items()}

    def _help_text(self, text: str) -> str:
        if getattr(settings, "WAGTAILFORMS_HELP_TEXT_ALLOW_HTML", False):
            return recall_html(text, self.recalled)
        return conditional_escape(recall(text, self.recalled))

    # For the script.

    @cached_property
    def when(self) -> dict[str, list[Rule]]:
        """The rules of this step's questions, as far as its own answers decide them."""
        found = {}
        for ask in self.plan.asks:
            rules = [rule for one in ask.rules if (rule := self._open_part(one))]
            if rules and ask.name in self.names:
                found[ask.name] = rules
        return found

    def _open_part(self, rule: Rule) -> Rule | None:
        """What is still open of a rule; None when earlier steps have decided it."""
        here = self.step.names
        before = Rule(tuple(c for c in rule.conditions if c.name not in here), rule.match)
        still_open = tuple(c for c in rule.conditions if c.name in here)
        is_met = rule.match == Match.ANY and before.conditions and before.is_met(self.answers)
        return Rule(still_open, rule.match) if still_open and not is_met else None

    @cached_property
    def script_data(self) -> str:
        """JSON for the script: {"when": {name: rules}, "score": name, "words": {name: labels}}."""
        when = {
            name: [[r.match, [[c.name, c.test, c.value] for c in r.conditions]] for r in rules]
            for name, rules in self.when.items()
        }
        score = self.form.special.get(SCORE, "")
        words = self._words_by_score() if score in self.names else {}
        return json.dumps({"when": when, "score": score, "words": words}) if when or words else ""

    def _words_by_score(self) -> dict[str, list[str]]:
        """Each label that differs: without a score, for detractors, passives and promoters."""
        regular = self.form.reader.regular
        groups = [audiences(score, regular) for score in (None, 0, 7, 9)]
        return {
            name: [self._label(self.plan.words[name], group) for group in groups]
            for name in self.names
            if name in self.plan.words and self.plan.words[name].others
        }


def _hidden(name: str, value: Any) -> SafeString:
    return format_html('<input type="hidden" name="{}" value="{}">', name, value)
