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
    # While SENDING: until when a worker holds it; another takes it after that.
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
