"""When a question is to be answered, in words: for readers without a script to hide it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.utils.functional import Promise
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from .show_when import Condition, Match, Rule

_SENTENCES: dict[str, str | Promise] = {
    "is": _("“%(question)s” is “%(value)s”"),
    "is_not": _("“%(question)s” is not “%(value)s”"),
    "at_least": _("“%(question)s” is at least %(value)s"),
    "at_most": _("“%(question)s” is at most %(value)s"),
    "contains": _("“%(question)s” contains “%(value)s”"),
    "answered": _("you answered “%(question)s”"),
    "unanswered": _("you did not answer “%(question)s”"),
}


def only_if(rules: Iterable[Rule], labels: Mapping[str, str], help_text: str) -> SafeString:
    """A question's hint with what it depends on, marked so that it can be left unseen."""
    words = gettext("Only if %(conditions)s.") % {
        "conditions": gettext(" and ").join(_say(rule, labels) for rule in rules)
    }
    css_class = "referrals-only-if" if help_text else "referrals-only-if referrals-only-if--alone"
    hint = format_html('<span class="{}">{}</span>', css_class, words)
    return format_html("{} {}", conditional_escape(help_text), hint) if help_text else hint


def _say(rule: Rule, labels: Mapping[str, str]) -> str:
    glue = gettext(" or ") if rule.match == Match.ANY else gettext(" and ")
    return glue.join(_say_condition(condition, labels) for condition in rule.conditions)


def _say_condition(condition: Condition, labels: Mapping[str, str]) -> str:
    values = {"question": labels.get(condition.name, ""), "value": condition.value}
    return str(_SENTENCES[condition.test]) % values
