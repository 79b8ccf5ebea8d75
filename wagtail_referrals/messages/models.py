import swapper
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..people.models import Person
from ..programs.models import Program


class MessageState(models.TextChoices):
    QUEUED = "queued", _("queued")
    SENDING = "sending", _("being sent")
    SENT = "sent", _("sent")
    FAILED = "failed", _("given up")
    # Its reader does not want it, or what it speaks of is no longer so.
    SKIPPED = "skipped", _("not sent")


class Message(models.Model):
    """A mail waiting in the outbox, or what became of it."""

    # What makes it one message: "reward_issued:17". A second of the same key is not queued.
    key = models.CharField(_("key"), max_length=120, unique=True)
    kind = models.CharField(_("kind"), max_length=50)
    program = models.ForeignKey(
        Program, verbose_name=_("program"), on_delete=models.CASCADE, related_name="+"
    )
    person = models.ForeignKey(
        Person,
        verbose_name=_("person"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="messages",
    )
    # The form page whose answers it speaks of, or leads to: who sees none of them reads no mail.
    page = models.ForeignKey(
        swapper.get_model_name("wagtailcore", "Page"),
        null=True,
        on_delete=models.CASCADE,
        related_name="+",
        editable=False,
    )
    locale = models.CharField(_("language"), max_length=20, blank=True)
    context = models.JSONField(_("values"), default=dict)
    message_id = models.CharField(max_length=120)
    state = models.CharField(
        _("state"), max_length=10, choices=MessageState, default=MessageState.QUEUED
    )
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    due_at = models.DateTimeField(_("due"), default=timezone.now)
    # While SENDING: which worker holds it, and until when; another takes it after that.
    held_by = models.CharField(max_length=32, blank=True, editable=False)
    leased_until = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(_("last error"), max_length=500, blank=True)
    created_at = models.DateTimeField(_("queued at"), default=timezone.now, db_index=True)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["state", "due_at"], name="referrals_message_due")]

    def __str__(self) -> str:
        return self.key


class MailPreference(models.Model):
    """A kind of mails that a person does not want: one of ``CATEGORIES`` in kinds.py."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+", db_index=False)
    category = models.CharField(_("kind"), max_length=20)
    declined_at = models.DateTimeField(_("declined"), default=timezone.now)

    class Meta:
        verbose_name = _("declined mail")
        verbose_name_plural = _("declined mails")
        constraints = [
            models.UniqueConstraint(fields=["person", "category"], name="referrals_declined_once"),
        ]

    def __str__(self) -> str:
        return f"{self.person} · {self.category}"


class Quota(models.Model):
    """How much of something was used within a time: "friend_mail:17:2026-11-22"."""

    key = models.CharField(max_length=120, unique=True)
    used = models.PositiveIntegerField(default=0)
    ends_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.key
