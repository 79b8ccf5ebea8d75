"""Mails in an owner's own words."""

from __future__ import annotations

import json
from html import escape
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.fields import GenericRelation
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpResponse
from django.utils import timezone, translation
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from wagtail.fields import StreamField
from wagtail.models import DraftStateMixin, PreviewableMixin, RevisionMixin

from ..programs.models import Program
from .blocks import MailBody
from .check_words import subject_problems, word_problems
from .compile import Compiled, compile_mail
from .kinds import MailKind, mail_kinds
from .values import plain_values


class MessageTemplate(PreviewableMixin, DraftStateMixin, RevisionMixin, models.Model):
    """A kind of mails of one program in one language. Where there is none, our own words go out."""

    program = models.ForeignKey(
        Program,
        verbose_name=_("program"),
        on_delete=models.CASCADE,
        related_name="message_templates",
        db_index=False,
    )
    # One of the kinds in kinds.py, or of a site's own.
    kind = models.CharField(_("mail"), max_length=50)
    locale = models.CharField(_("language"), max_length=20)
    subject = models.CharField(_("subject"), max_length=200)
    body = StreamField(MailBody(), verbose_name=_("text"), blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    # Of what is in force; a draft changes nothing yet.
    changed_at = models.DateTimeField(auto_now=True)
    _revisions = GenericRelation("wagtailcore.Revision", for_concrete_model=False)

    class Meta:
        verbose_name = _("mail in your words")
        verbose_name_plural = _("mails in your words")
        ordering = ["program", "kind", "locale"]
        constraints = [
            models.UniqueConstraint(
                fields=["program", "kind", "locale"], name="referrals_template_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{capfirst(self.label)} · {language_name(self.locale)}"

    @property
    def revisions(self) -> models.QuerySet:
        return self._revisions

    @property
    def mail_kind(self) -> MailKind | None:
        """The kind it gives words to; None when there is no such kind any more."""
        return mail_kinds().get(self.kind)

    @property
    def label(self) -> str:
        """What its kind is called."""
        return str(self.mail_kind.label) if self.mail_kind else self.kind

    def clean(self) -> None:
        kind = self.mail_kind
        if kind is None:
            return
        errors: dict[str, Any] = {}
        if wrong := subject_problems(kind, self.subject):
            errors["subject"] = wrong
        blocks = [(block.block_type, block.value) for block in self.body]
        if error := word_problems(kind, blocks):
            errors["body"] = error
        if errors:
            raise ValidationError(errors)

    def compiled(self, kind: MailKind) -> Compiled:
        """Mails in these words, in the language that is active."""
        body = [(block.block_type, block.value) for block in self.body]
        root_url = self.program.site.root_url
        return compile_mail(kind, subject=self.subject, body=body, root_url=root_url)

    def sample(self, kind: MailKind) -> tuple[str, str, str]:
        """Subject, plain text and HTML as a sample person would get them."""
        with translation.override(self.locale):
            values = kind.samples | {
                "site_name": self.program.site.site_name or self.program.name,
                "program_name": self.program.name,
            }
            footer = dict.fromkeys(kind.footer, "https://example.org/mail/")
            return self.compiled(kind).written({**plain_values(kind, values), **footer})

    @property
    def preview_modes(self) -> list[tuple[str, Any]]:
        return [("html", _("As most people see it")), ("text", _("As plain text"))]

    def serve_preview(self, request: Any, mode_name: str) -> HttpResponse:
        kind = self.mail_kind
        if kind is None:
            return HttpResponse("", content_type="text/plain; charset=utf-8")
        subject, text, html = self.sample(kind)
        if mode_name == "text":
            title, words = escape(subject), escape(text)
            html = (
                f'<!DOCTYPE html><html lang="{escape(self.locale)}"><head><title>{title}</title>'
                f'</head><body><p dir="auto"><b>{title}</b></p>'
                f'<pre dir="auto" style="white-space:pre-wrap">{words}</pre></body></html>'
            )
        response = HttpResponse(html)
        # A mail brings its own styles, which a strict policy of the site's would not have.
        response["Content-Security-Policy"] = (
            "default-src 'none'; style-src 'unsafe-inline'; img-src * data:"
        )
        return response

    def take_our_words(self) -> None:
        """Fill it with the words that we would send."""
        kind = self.mail_kind
        if kind is None:
            return
        with translation.override(self.locale):
            self.subject = str(kind.subject)
            self.body = json.dumps([_as_stored(name, value) for name, value in kind.body])


def _as_stored(name: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        return {"type": name, "value": value}
    words = {part: str(text) for part, text in value.items()}
    if name == "text" and not words["text"].startswith("<"):
        lines = words["text"].replace("\n", "<br/>")
        words["text"] = f"<p>{lines}</p>"
    return {"type": name, "value": words}


def language_name(code: str) -> str:
    """A language as the admin calls it."""
    names = dict(settings.LANGUAGES)
    return str(translation.gettext(names[code])) if code in names else code
