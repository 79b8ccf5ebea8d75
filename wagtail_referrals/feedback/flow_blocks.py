"""What an editor sets on a question besides its words: when it is asked, and other words."""

from __future__ import annotations

import re
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from wagtail import blocks

from .show_when import NEEDS_NUMBER, NEEDS_VALUE, TESTS, as_number
from .wording import AUDIENCES, PAGE_TEXTS

_LINK = re.compile(r"://|\bwww\.", re.IGNORECASE)


def _refusal(field: str, words: Any) -> blocks.StructBlockValidationError:
    return blocks.StructBlockValidationError(block_errors={field: ValidationError(words)})


class ConditionBlock(blocks.StructBlock):
    """One earlier answer a question depends on."""

    question = blocks.CharBlock(
        label=_("Earlier question"),
        max_length=255,
        help_text=_("Its label, as it is written above."),
    )
    test = blocks.ChoiceBlock(label=_("Its answer"), choices=list(TESTS.items()), default="is")
    value = blocks.CharBlock(label=_("Value"), required=False, max_length=255)

    class Meta:
        icon = "view"
        label = _("Earlier answer")
        form_classname = "struct-block referrals-condition"

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        test, wanted = cleaned["test"], cleaned["value"] or ""
        if test in NEEDS_VALUE and not wanted.strip():
            raise _refusal("value", _("Enter what the answer is compared with."))
        if test in NEEDS_NUMBER and as_number(wanted) is None:
            raise _refusal("value", _("Enter a number."))
        return cleaned


class OtherWordsBlock(blocks.StructBlock):
    """Other words for some. Never a link: what can be opened is the same for everybody."""

    audience = blocks.ChoiceBlock(label=_("For"), choices=list(AUDIENCES.items()))
    words = blocks.TextBlock(label=_("Words"), max_length=1000, rows=2)

    class Meta:
        icon = "edit"
        label = _("Other words")

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        if _LINK.search(cleaned["words"]):
            words = _("Links are the same for everybody. Put it among the review links.")
            raise _refusal("words", words)
        return cleaned


class OtherPageWordsBlock(OtherWordsBlock):
    """Other words for one of the page's texts."""

    text = blocks.ChoiceBlock(label=_("Text"), choices=list(PAGE_TEXTS.items()))

    class Meta:
        icon = "edit"
        label = _("Other words")
