"""How far a recommendation travelled: whom an advocate's friends brought, and those; see reach."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from ..programs.models import Program
from ..referrals.models import Advocate


class Reach(models.Model):
    """What came of one advocate's recommendations in their program, as of the last run."""

    program = models.ForeignKey(
        Program,
        verbose_name=_("program"),
        on_delete=models.CASCADE,
        related_name="+",
        db_index=False,
    )
    advocate = models.OneToOneField(
        Advocate, verbose_name=_("advocate"), on_delete=models.CASCADE, related_name="reach"
    )
    # Whom they brought themselves, then all who came of it, and over how many steps.
    claimed = models.PositiveIntegerField(_("friends who came"), default=0)
    people = models.PositiveIntegerField(_("people reached"), default=0)
    levels = models.PositiveIntegerField(_("steps"), default=0)
    # The run that told it.
    computed_at = models.DateTimeField(_("worked out"))

    class Meta:
        verbose_name = _("reach of an advocate")
        verbose_name_plural = _("reach of advocates")
        ordering = ["-levels", "-people", "pk"]
        indexes = [
            models.Index(
                fields=["program", "-levels", "-people", "id"], name="referrals_reach_far"
            ),
            models.Index(fields=["program", "-claimed", "id"], name="referrals_reach_claimed"),
        ]

    def __str__(self) -> str:
        return f"{self.advocate_id} · {self.people}"


class ReachRun(models.Model):
    """When a program's reach was worked out last."""

    program = models.OneToOneField(
        Program, verbose_name=_("program"), on_delete=models.CASCADE, related_name="+"
    )
    computed_at = models.DateTimeField(_("worked out"))

    class Meta:
        verbose_name = _("run of the reach")
        verbose_name_plural = _("runs of the reach")

    def __str__(self) -> str:
        return f"{self.program_id} · {self.computed_at:%Y-%m-%d}"
