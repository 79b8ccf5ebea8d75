"""Mails in an owner's own words."""

from __future__ import annotations

from django.contrib.contenttypes.fields import GenericRelation
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.fields import StreamField
from wagtail.models import DraftStateMixin, PreviewableMixin, RevisionMixin

from ..programs.models import Program
from .blocks import MailBody


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
        return f"{self.kind} · {self.locale}"

    @property
    def revisions(self) -> models.QuerySet:
        return self._revisions
