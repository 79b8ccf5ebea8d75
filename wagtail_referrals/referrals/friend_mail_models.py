"""Mails to friends that the site sends for an advocate."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..people.models import Person
from ..programs.models import Program
from .models import Advocate

# The kinds of mails it is sent as.
INVITATION, REMINDER = "friend_invitation", "friend_reminder"


class FriendMail(models.Model):
    """One mail to a friend of an advocate: there is never a second one in the program."""

    program = models.ForeignKey(
        Program, verbose_name=_("program"), on_delete=models.CASCADE, related_name="+"
    )
    advocate = models.ForeignKey(
        Advocate, verbose_name=_("advocate"), on_delete=models.CASCADE, related_name="friend_mails"
    )
    # Gone again when the friend does not come: only the digest stays.
    friend = models.ForeignKey(
        Person, verbose_name=_("friend"), null=True, on_delete=models.SET_NULL, related_name="+"
    )
    email_key = models.CharField(max_length=64, editable=False)
    note = models.CharField(_("note"), max_length=300, blank=True)
    created_at = models.DateTimeField(_("sent"), default=timezone.now, db_index=True)
    reminded_at = models.DateTimeField(_("reminded"), null=True, blank=True)
    declined_at = models.DateTimeField(_("not interested"), null=True, blank=True)

    class Meta:
        verbose_name = _("mail to a friend")
        verbose_name_plural = _("mails to friends")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["program", "email_key"], name="referrals_friend_mail_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.advocate} · {self.created_at:%Y-%m-%d}"
