"""Whose words a mail goes out in: an owner's, where there are some, or ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.utils import translation

from ..programs.models import Program
from .compile import Compiled, compile_mail
from .kinds import MailKind
from .template_models import MessageTemplate


class Version(NamedTuple):
    """A template as it stood when it was last changed."""

    pk: int
    changed_at: datetime


# By program, kind and language.
Live = dict[tuple[int, str, str], Version]

# The templates that are in force, while a batch of mails is written.
_at_hand: ContextVar[Live | None] = ContextVar("referrals_templates", default=None)
# Mails of each kind, language and version. A process sends a few of them thousands of times.
_compiled: dict[tuple[str, str, Version | None], tuple[MailKind, Compiled]] = {}
_MOST_COMPILED = 500


@contextmanager
def templates_at_hand() -> Iterator[None]:
    """Inside, which templates there are is asked once, however many mails are written."""
    token = _at_hand.set(_live())
    try:
        yield
    finally:
        _at_hand.reset(token)


def compiled_for(kind: MailKind, program: Program, locale: str) -> tuple[Compiled, str]:
    """The mails of a kind for readers of a language, and the language they are in.

    The owner's words in that language, or in it without its region, or in the site's own; else
    ours in the reader's.
    """
    live = _at_hand.get()
    if live is None:
        live = _live(program=program.pk, kind=kind.key)
    for language in languages_for(locale):
        version = live.get((program.pk, kind.key, language))
        if version:
            return _made(kind, language, version, program), language
    language = locale or settings.LANGUAGE_CODE
    return _made(kind, language, None, program), language


def languages_for(locale: str) -> list[str]:
    """The languages a mail may be in, the best first."""
    own = settings.LANGUAGE_CODE
    wanted = [locale, locale.partition("-")[0], own, own.partition("-")[0]]
    return [language for language in dict.fromkeys(wanted) if language]


def _live(**of: object) -> Live:
    rows = MessageTemplate.objects.filter(live=True, **of).order_by()
    columns = rows.values_list("program_id", "kind", "locale", "pk", "changed_at")
    return {
        (program, kind, locale): Version(pk, changed_at)
        for program, kind, locale, pk, changed_at in columns
    }


def _made(kind: MailKind, language: str, version: Version | None, program: Program) -> Compiled:
    key = (kind.key, language, version)
    known = _compiled.get(key)
    if known and known[0] is kind:
        return known[1]
    with translation.override(language):
        if version:
            template = MessageTemplate.objects.get(pk=version.pk)
            template.program = program
            compiled = template.compiled(kind)
        else:
            compiled = compile_mail(kind, subject=kind.subject, body=kind.body)
    if len(_compiled) >= _MOST_COMPILED:
        _compiled.clear()
    _compiled[key] = kind, compiled
    return compiled
