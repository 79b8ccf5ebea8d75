"""What a form's questions say about its flow: steps, conditions, words that differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from .questions import CALL, CONSENT, EMAIL, PERMISSION, question_name, type_of
from .show_when import Ask, Condition, Rule, fold
from .wording import is_recalling, stored_words

# The coupon is sent there, and it is the same for every answer.
ALWAYS_ASKED = frozenset([EMAIL])
# What somebody agrees to is kept in the very words that everybody reads.
SAME_WORDS = frozenset([CALL, CONSENT, PERMISSION])


@dataclass(frozen=True)
class Step:
    """One screen of a form, and the names of its questions."""

    title: str = ""
    names: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Words:
    """A question's words that are not the same for everybody: ``others`` are (audience, words)."""

    label: str
    help_text: str
    others: list[tuple[str, str]]


@dataclass(frozen=True)
class Plan:
    """The flow of a form. Steps are counted from 0; there is always one."""

    steps: list[Step] = field(default_factory=lambda: [Step()])
    asks: list[Ask] = field(default_factory=list)
    words: dict[str, Words] = field(default_factory=dict)
    # Every question's label by its name, in their order.
    labels: dict[str, str] = field(default_factory=dict)

    def step_of(self, name: str) -> int:
        """The step a question stands in."""
        return next(number for number, step in enumerate(self.steps) if name in step.names)


def make_plan(questions: Sequence[Any]) -> Plan:
    """The flow of these questions, in their order."""
    plan = Plan(labels={question_name(question): question.label for question in questions})
    known = {fold(label): name for name, label in plan.labels.items()}
    step_rule = Rule()
    for question in questions:
        name, rule = question_name(question), _rule(question, known)
        if question.step_title:
            _begin_step(plan, question.step_title)
            step_rule, rule = (rule, Rule()) if question.whole_step else (Rule(), rule)
        plan.steps[-1].names.append(name)
        plan.asks.append(Ask(name, _rules(question, step_rule, rule)))
        _note_words(plan, name, question)
    return plan


def find_name(label: Any, known: dict[str, str]) -> str:
    """The question an editor means, by its label or its name; "" for none."""
    wanted = str(label or "")
    return known.get(fold(wanted)) or (wanted if wanted in known.values() else "")


def _begin_step(plan: Plan, title: str) -> None:
    if not plan.steps[-1].names:
        plan.steps.pop()
    plan.steps.append(Step(title))


def _rules(question: Any, *rules: Rule) -> tuple[Rule, ...]:
    if type_of(question).meaning in ALWAYS_ASKED:
        return ()
    return tuple(rule for rule in rules if rule.conditions)


def _rule(question: Any, known: dict[str, str]) -> Rule:
    """When it is asked. A condition on a question that is gone says nothing."""
    if not question.conditions:
        return Rule()
    blocks = [block["value"] for block in question.conditions.raw_data]
    conditions = tuple(
        Condition(name, block.get("test") or "", block.get("value") or "")
        for block in blocks
        if (name := find_name(block.get("question"), known))
    )
    return Rule(conditions, question.conditions_match)


def _note_words(plan: Plan, name: str, question: Any) -> None:
    if type_of(question).meaning in SAME_WORDS:
        return
    others = [
        (block.get("audience", ""), block["words"])
        for block in stored_words(question.other_words)
        if block.get("words")
    ]
    if others or is_recalling(question.label) or is_recalling(question.help_text):
        plan.words[name] = Words(question.label, question.help_text, others)
