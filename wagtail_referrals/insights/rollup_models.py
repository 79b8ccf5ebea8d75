"""What has happened, counted by hour, day and month; kept by ``rollups``."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _

from ..programs.models import Program


class Level(models.TextChoices):
    HOUR = "hour", _("hour")
    DAY = "day", _("day")
    MONTH = "month", _("month")


class Rollup(models.Model):
    """How often one kind of fact happened in one stretch of time: in all, or split one way.

    Made anew from the facts whenever they change: never counted up or down.
    """

    program = models.ForeignKey(
        Program,
        verbose_name=_("program"),
        on_delete=models.CASCADE,
        related_name="+",
        db_index=False,
    )
    level = models.CharField(_("by"), max_length=5, choices=Level)
    # By the site's clock.
    starts_at = models.DateTimeField(_("from"))
    # A key of FACTS.
    fact = models.CharField(_("fact"), max_length=20)
    # A key of DIMENSIONS and its value; "" and "" in all.
    dimension = models.CharField(_("split by"), max_length=12, blank=True)
    value = models.CharField(_("value"), max_length=60, blank=True)
    # "" for what is no money: amounts of two currencies never meet.
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    count = models.BigIntegerField(_("number"), default=0)
    amount = models.DecimalField(
        _("amount"), max_digits=18, decimal_places=2, default=Decimal("0.00")
    )

    class Meta:
        verbose_name = _("rollup")
        verbose_name_plural = _("rollups")
        ordering = ["-starts_at", "pk"]
        # Not unique by the database, for MariaDB takes "Café" and "cafe" for the same value: that
        # there is one of each is the work of RollupState's version.
        indexes = [
            models.Index(
                fields=["program", "level", "dimension", "starts_at", "fact"],
                name="referrals_rollup_read",
            ),
            models.Index(fields=["level", "starts_at"], name="referrals_rollup_time"),
        ]

    def __str__(self) -> str:
        return f"{self.fact} · {self.starts_at:%Y-%m-%d %H:%M}"


class RollupState(models.Model):
    """Up to where it is counted: one row."""

    # One more with every change of the rollups: who counted meanwhile begins again.
    version = models.PositiveBigIntegerField(default=0)

    # What happened before this hour is in the rollups; empty: nothing is.
    counted_until = models.DateTimeField(_("counted up to"), null=True)
    # From this midnight on there are rollups of hours; before, of days and months only.
    hours_from = models.DateTimeField(null=True)
    # Days and months are those of this time zone, and the facts of this edition (facts.EDITION).
    zone = models.CharField(_("time zone"), max_length=64, blank=True)
    run_at = models.DateTimeField(_("last run"), null=True)
    # Clicks and shares of before were let go of: what was counted of them is not counted again.
    clicks_purged = models.DateTimeField(null=True)
    shares_purged = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("state of the rollups")
        verbose_name_plural = _("state of the rollups")

    def __str__(self) -> str:
        return str(self.counted_until or "–")


class ChangedHour(models.Model):
    """An hour to be counted again. Several rows may say so: each belongs to a change's commit."""

    starts_at = models.DateTimeField(_("from"), db_index=True)

    class Meta:
        verbose_name = _("changed hour")
        verbose_name_plural = _("changed hours")

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%d %H:%M}"
