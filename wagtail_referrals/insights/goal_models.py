"""What the owner wants to reach, and what other ways to win customers cost."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ..programs.models import Program

# A cost is spread evenly over its days: over more of them that says nothing.
LONGEST = timedelta(days=3660)


class Goal(models.Model):
    """How many of a program's new customers are to come by a recommendation."""

    program = models.OneToOneField(
        Program, verbose_name=_("program"), on_delete=models.CASCADE, related_name="+"
    )
    referred_percent = models.PositiveIntegerField(
        _("new customers by recommendation, in percent"),
        validators=[MinValueValidator(1), MaxValueValidator(100)],
    )

    class Meta:
        verbose_name = _("goal")
        verbose_name_plural = _("goals")
        ordering = ["program__name", "pk"]

    def __str__(self) -> str:
        return str(self.program)


class ChannelCost(models.Model):
    """What another way to win customers cost in some days, in the program's currency."""

    program = models.ForeignKey(
        Program, verbose_name=_("program"), on_delete=models.CASCADE, related_name="channel_costs"
    )
    channel = models.CharField(
        _("channel"),
        max_length=60,
        help_text=_(
            "As it is called in the answers to “How did you hear of us?”, so that its customers "
            "can be counted: Search engine, Newspaper, Instagram …"
        ),
    )
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"))
    cost = models.DecimalField(
        _("cost"),
        max_digits=12,
        decimal_places=2,
        validators=[MinValueValidator(Decimal("0.00"))],
    )
    customers = models.PositiveIntegerField(
        _("customers it won"),
        null=True,
        blank=True,
        help_text=_("If you know it. Empty: as many as gave this answer."),
    )

    class Meta:
        verbose_name = _("cost of a channel")
        verbose_name_plural = _("costs of channels")
        ordering = ["program", "-starts_on", "channel", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="referrals_channel_cost_days"
            ),
            models.CheckConstraint(condition=Q(cost__gte=0), name="referrals_channel_cost_amount"),
        ]

    def __str__(self) -> str:
        return self.channel

    def clean(self) -> None:
        self.channel = " ".join(self.channel.split())
        errors = {}
        if not self.channel:
            errors["channel"] = gettext("Say how they heard of you.")
        if self.starts_on and self.ends_on:
            if self.ends_on < self.starts_on:
                errors["ends_on"] = gettext("The end has to be on the first day or after it.")
            elif self.ends_on - self.starts_on > LONGEST:
                errors["ends_on"] = gettext("Enter ten years at most: split it up.")
        if errors:
            raise ValidationError(errors)
