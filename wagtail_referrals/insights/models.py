from __future__ import annotations

import swapper
from django.db import models
from django.utils.translation import gettext_lazy as _

from ..programs.models import Program


class FeedbackTally(models.Model):
    """How often each score was given on one day, by where the answers came from.

    Made anew from the answers whenever a day of them changes: never counted up or down.
    """

    # By the site's time zone.
    day = models.DateField(_("day"))
    page = models.ForeignKey(
        swapper.get_model_name("wagtailcore", "Page"),
        verbose_name=_("page"),
        on_delete=models.CASCADE,
        related_name="+",
    )
    program = models.ForeignKey(
        Program, verbose_name=_("program"), null=True, on_delete=models.SET_NULL, related_name="+"
    )
    source = models.CharField(_("source"), max_length=60, blank=True)
    regular = models.BooleanField(_("regular"), null=True)
    locale = models.CharField(_("language"), max_length=10, blank=True)
    # A column for each score: a row for each would be six times as many.
    score_0 = models.PositiveIntegerField(default=0)
    score_1 = models.PositiveIntegerField(default=0)
    score_2 = models.PositiveIntegerField(default=0)
    score_3 = models.PositiveIntegerField(default=0)
    score_4 = models.PositiveIntegerField(default=0)
    score_5 = models.PositiveIntegerField(default=0)
    score_6 = models.PositiveIntegerField(default=0)
    score_7 = models.PositiveIntegerField(default=0)
    score_8 = models.PositiveIntegerField(default=0)
    score_9 = models.PositiveIntegerField(default=0)
    score_10 = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("feedback tally")
        verbose_name_plural = _("feedback tallies")
        indexes = [models.Index(fields=["day"], name="referrals_tally_day")]

    def __str__(self) -> str:
        return f"{self.day} · {self.page_id}"


class TallyState(models.Model):
    """Up to where the days are tallied: one row, which a worker locks while it counts a day."""

    # Days before this one are in the tallies; empty: none is.
    counted_before = models.DateField(_("counted up to"), null=True)
    # Days are those of this time zone.
    zone = models.CharField(_("time zone"), max_length=64, blank=True)
    run_at = models.DateTimeField(_("last run"), null=True)

    class Meta:
        verbose_name = _("state of the tallies")
        verbose_name_plural = _("state of the tallies")

    def __str__(self) -> str:
        return str(self.counted_before or "–")


class ChangedDay(models.Model):
    """A day to be counted again. Several rows may say so: each belongs to a change's commit."""

    day = models.DateField(_("day"), db_index=True)

    class Meta:
        verbose_name = _("changed day")
        verbose_name_plural = _("changed days")

    def __str__(self) -> str:
        return str(self.day)
