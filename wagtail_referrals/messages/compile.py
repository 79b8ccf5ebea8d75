"""Writing a kind of mails once, so that for each of them only its values are put in."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

import css_inline
from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.safestring import mark_safe
from django.utils.translation import gettext

from ..text import clean_line
from .kinds import MailKind
from .looks import look
from .rich import Words
from .segments import Parts, Sheet, fill
from .values import as_html, plain_values

# Some servers refuse lines of a thousand characters.
LONGEST_SUBJECT = 800
_GAP = re.compile(r"\n{3,}")


@dataclass(frozen=True)
class Compiled:
    """A kind of mails in one language and in somebody's words."""

    subject: Parts
    html: Parts
    text: Parts

    def written(self, values: dict[str, Any]) -> tuple[str, str, str]:
        """Subject, plain text and HTML with these values (see ``plain_values``)."""
        subject = clean_line(fill(self.subject, values), LONGEST_SUBJECT)
        html = as_html(values)
        html["subject"] = escape(subject)
        text = _GAP.sub("\n\n", fill(self.text, values)).strip()
        return subject, f"{text}\n", fill(self.html, html)


def compile_mail(
    kind: MailKind, *, subject: object, body: Iterable[tuple[str, Any]], root_url: str = ""
) -> Compiled:
    """The mails of a kind in these words, in the language that is active."""
    sheet = Sheet()
    words = Words(kind, sheet, root_url)
    looks = [look(words, name, value) for name, value in body]
    why = str(kind.why)
    context = {
        "site_name": sheet.put("site_name"),
        "subject": sheet.put("subject"),
        "hello": _hello(words),
        "html": "".join(html for html, _text in looks),
        "text": "".join(text for _html, text in looks),
        "why": words.html(why),
        "why_text": words.line(why),
        "footer": _footer(sheet),
        "footer_text": _footer_text(sheet),
    }
    context = {name: mark_safe(value) for name, value in context.items()}  # noqa: S308
    html = render_to_string("wagtail_referrals/messages/base.html", context)
    text = render_to_string("wagtail_referrals/messages/base.txt", context)
    return Compiled(
        subject=sheet.parts(words.line(subject)),
        html=sheet.parts(_inliner().inline(html)),
        text=sheet.parts(text),
    )


def sample_subject(kind: MailKind, subject: object) -> str:
    """A subject as it would stand in a sample person's mailbox."""
    sheet = Sheet()
    parts = sheet.parts(Words(kind, sheet).line(subject))
    return " ".join(fill(parts, plain_values(kind, kind.samples)).split())


@cache
def _inliner() -> css_inline.CSSInliner:
    return css_inline.CSSInliner(load_remote_stylesheets=False)


def _hello(words: Words) -> str:
    if not words.kind.hello:
        return ""
    hello = words.line(gettext("Hello {{ first_name }},"))
    return words.sheet.when("first_name", hello) + words.sheet.when(
        "!first_name", gettext("Hello,")
    )


def _footer(sheet: Sheet) -> str:
    return "".join(
        sheet.when(name, f'<br><a class="link" href="{sheet.put(name)}">{escape(words)}</a>')
        for name, words in _footer_words().items()
    )


def _footer_text(sheet: Sheet) -> str:
    return "".join(
        sheet.when(name, f"{words}:\n{sheet.put(name)}\n")
        for name, words in _footer_words().items()
    )


def _footer_words() -> dict[str, str]:
    return {
        "mail_settings": gettext("Choose which mails you get, or none at all"),
        "not_me": gettext("This was not meant for you? Tell us"),
    }
