"""Ready-made words that advocates pass on."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.images import get_image_model_string

from .models import Program


class ShareText(models.Model):
    """One of a program's texts to share, for one channel or for all, in one language."""

    program = models.ForeignKey(
        Program, verbose_name=_("program"), on_delete=models.CASCADE, related_name="share_texts"
    )
    locale = models.CharField(
        _("language"), max_length=20, blank=True, help_text=_("Empty: for every language.")
    )
    channel = models.CharField(
        _("channel"), max_length=20, blank=True, help_text=_("Empty: for every way to share.")
    )
    text = models.TextField(_("text"), max_length=500)
    disclosure = models.CharField(
        _("what you say about the reward"),
        max_length=200,
        blank=True,
        help_text=_(
            "Who gets something for a recommendation has to say so. It stands after the text: "
            "“I get a thank-you, too.”"
        ),
    )
    picture = models.ForeignKey(
        get_image_model_string(),
        verbose_name=_("picture"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    position = models.PositiveIntegerField(
        _("position"), default=0, help_text=_("The first is chosen, the others are offered.")
    )
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("text to share")
        verbose_name_plural = _("texts to share")
        ordering = ["program", "locale", "channel", "position", "pk"]

    def __str__(self) -> str:
        return self.text[:60]

    def clean(self) -> None:
        """Raises ValidationError for a text that hides the reward: 16 CFR 255.5 asks for it."""
        hidden = self.is_active and not self.disclosure.strip()
        program = Program.objects.filter(pk=self.program_id).first()
        if hidden and program and program.advocate_offer_id:
            words = gettext(
                "Whoever shares this gets something for it, and has to say so in the same breath "
                "(in the USA: 16 CFR 255.5). Write it here, for example: “I get a thank-you, too.”"
            )
            raise ValidationError({"disclosure": words})
