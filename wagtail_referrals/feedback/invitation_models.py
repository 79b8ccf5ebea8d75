from __future__ import annotations

import swapper
from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..people.models import Person
from ..programs.models import Program
from .models import FeedbackResponse


class Invitation(models.Model):
    """A link of somebody's own to a feedback form; it takes one answer, until it expires."""

    page = models.ForeignKey(
        swapper.get_model_name("wagtailcore", "Page"),
        verbose_name=_("page"),
        on_delete=models.CASCADE,
        related_name="+",
    )
    # The page's, when it was made.
    program = models.ForeignKey(
        Program,
        verbose_name=_("program"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    person = models.ForeignKey(
        Person,
        verbose_name=_("person"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="invitations",
    )
    # One open invitation per person and page: a digest of both, NULL once it is answered or over.
    open_key = models.CharField(max_length=64, unique=True, null=True, editable=False)
    expires_at = models.DateTimeField(_("expires"))
    created_at = models.DateTimeField(_("made"), default=timezone.now, db_index=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("made by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    # From when on its mail is in the outbox; empty: the link is handed over in another way.
    queued_at = models.DateTimeField(_("mail queued"), null=True, blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    response = models.ForeignKey(
        FeedbackResponse,
        verbose_name=_("answer"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="invitations",
    )

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["page", "created_at"], name="referrals_invitation_page")]

    def __str__(self) -> str:
        return f"{self.person or _('Somebody')} · {self.created_at:%Y-%m-%d}"

    def is_over(self) -> bool:
        """Whether it expired without an answer."""
        return self.answered_at is None and self.expires_at <= timezone.now()
