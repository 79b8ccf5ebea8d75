"""What customers are worth by what they buy and by whom they bring; kept by ``recompute``."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from ..append_only import AppendOnlyModel
from ..people.models import Person
from ..programs.models import Program

_PERCENT = [MinValueValidator(0), MaxValueValidator(100)]
_MONEY = [MinValueValidator(Decimal(0))]


class Group(models.TextChoices):
    """The four of Kumar, Petersen and Leone."""

    CHAMPIONS = "champions", pgettext_lazy("group of customers", "Champions")
    AFFLUENTS = "affluents", pgettext_lazy("group of customers", "Affluents")
    ADVOCATES = "advocates", pgettext_lazy("group of customers", "Advocates")
    MISERS = "misers", pgettext_lazy("group of customers", "Misers")


class ValueSettings(models.Model):
    """What the owner knows and we cannot count. Without it nothing is worked out."""

    program = models.OneToOneField(
        Program, verbose_name=_("program"), on_delete=models.CASCADE, related_name="+"
    )
    margin_percent = models.DecimalField(
        _("margin in percent"),
        max_digits=5,
        decimal_places=2,
        validators=_PERCENT,
        help_text=_(
            "What is left of a purchase after the goods are paid. A purchase that your shop "
            "reports with a margin of its own counts with that one."
        ),
    )
    marketing_cost = models.DecimalField(
        _("marketing for a customer and half-year"),
        max_digits=12,
        decimal_places=2,
        default=Decimal("0.00"),
        validators=_MONEY,
        help_text=_("What keeping a customer costs: mails, catalogues, calls."),
    )
    acquisition_cost = models.DecimalField(
        _("cost of a new customer without a recommendation"),
        max_digits=12,
        decimal_places=2,
        default=Decimal("0.00"),
        validators=_MONEY,
        help_text=_("What advertising costs you for each customer it wins."),
    )
    discount_percent = models.DecimalField(
        _("discount for a year in percent"),
        max_digits=5,
        decimal_places=2,
        default=Decimal("15.00"),
        validators=_PERCENT,
        help_text=_("By how much money counts less that comes a year later."),
    )
    anyway_percent = models.PositiveIntegerField(
        _("friends who would have come anyway, in percent"),
        default=50,
        validators=[MaxValueValidator(100)],
        help_text=_("Of friends who were not asked, until thirty have answered: your best guess."),
    )
    anyway_from = models.PositiveIntegerField(
        _("at least"), default=25, validators=[MaxValueValidator(100)]
    )
    anyway_to = models.PositiveIntegerField(
        _("at most"), default=75, validators=[MaxValueValidator(100)]
    )
    depth = models.PositiveIntegerField(
        _("levels of friends"),
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(5)],
        help_text=_("1: whom they brought. 2: also whom those brought."),
    )
    lifetime_from = models.DecimalField(
        _("high lifetime value: above"),
        max_digits=12,
        decimal_places=2,
        null=True,
        blank=True,
        help_text=_("In the program's currency. Empty: the median."),
    )
    referral_from = models.DecimalField(
        _("high referral value: above"),
        max_digits=12,
        decimal_places=2,
        null=True,
        blank=True,
        help_text=_("In the program's currency. Empty: the median."),
    )
    computed_at = models.DateTimeField(_("worked out"), null=True, editable=False)
    # Purchases with a date in the future are left out, and counted.
    ahead_of_time = models.PositiveIntegerField(default=0, editable=False)
    # The run that works on it, and when it last said so: another one takes over from a dead one.
    run_at = models.DateTimeField(null=True, editable=False)
    run_seen = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("customer value setting")
        verbose_name_plural = _("customer value settings")
        ordering = ["program__name", "pk"]

    def __str__(self) -> str:
        return str(self.program)

    def clean(self) -> None:
        percents = (self.anyway_from, self.anyway_percent, self.anyway_to)
        if None not in percents and list(percents) != sorted(percents):
            words = gettext("It has to be from “at least” to “at most”.")
            raise ValidationError({"anyway_percent": words})


def _money(label: Any = None) -> models.DecimalField:
    return models.DecimalField(label, max_digits=18, decimal_places=2, default=Decimal("0.00"))


class CustomerValue(models.Model):
    """What one person is worth to one program, in one currency."""

    program = models.ForeignKey(
        Program,
        verbose_name=_("program"),
        on_delete=models.CASCADE,
        related_name="+",
        db_index=False,
    )
    person = models.ForeignKey(
        Person,
        verbose_name=_("person"),
        on_delete=models.CASCADE,
        related_name="+",
        db_index=False,
    )
    currency = models.CharField(_("currency"), max_length=3)
    purchases = models.PositiveIntegerField(_("purchases"), default=0)
    first_at = models.DateTimeField(_("first purchase"), null=True)
    last_at = models.DateTimeField(_("last purchase"), null=True)
    margin = _money(_("margin so far"))
    # The part of the lifetime value that is a projection: the year ahead.
    ahead = _money(_("the year ahead"))
    lifetime = _money(_("lifetime value"))
    friends = models.PositiveIntegerField(_("friends who bought"), default=0)
    # If more, as many, or fewer of the friends would have come anyway than is likely.
    referral_low = _money(_("referral value at least"))
    referral_value = _money(_("referral value"))
    referral_high = _money(_("referral value at most"))
    # Empty: there is not enough yet to tell.
    segment = models.CharField(_("group"), max_length=10, choices=Group, blank=True)
    # The run that told the one half, and the one that told the other.
    lifetime_at = models.DateTimeField(null=True, editable=False)
    referral_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("customer value")
        verbose_name_plural = _("customer values")
        ordering = ["-lifetime", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["program", "person", "currency"], name="referrals_value_once"
            ),
        ]
        indexes = [
            models.Index(fields=["person", "segment"], name="referrals_value_person"),
            # For the medians.
            models.Index(fields=["program", "currency", "lifetime"], name="referrals_value_life"),
            models.Index(
                fields=["program", "currency", "referral_value"], name="referrals_value_refer"
            ),
            models.Index(fields=["segment", "lifetime"], name="referrals_value_segment"),
            models.Index(fields=["lifetime"], name="referrals_value_list"),
        ]

    def __str__(self) -> str:
        return str(self.person)


class SegmentMove(AppendOnlyModel):
    """Somebody went from one group to another. Only ever added to."""

    program = models.ForeignKey(
        Program,
        verbose_name=_("program"),
        on_delete=models.CASCADE,
        related_name="+",
        db_index=False,
    )
    person = models.ForeignKey(
        Person, verbose_name=_("person"), on_delete=models.CASCADE, related_name="+"
    )
    currency = models.CharField(_("currency"), max_length=3)
    before = models.CharField(_("from"), max_length=10, choices=Group)
    after = models.CharField(_("to"), max_length=10, choices=Group)
    # What was above them counted as high.
    lifetime_from = models.DecimalField(max_digits=18, decimal_places=2)
    referral_from = models.DecimalField(max_digits=18, decimal_places=2)
    moved_at = models.DateTimeField(_("time"), default=timezone.now)

    class Meta:
        verbose_name = _("move between groups")
        verbose_name_plural = _("moves between groups")
        ordering = ["-moved_at", "-pk"]
        indexes = [models.Index(fields=["program", "moved_at"], name="referrals_move_time")]

    def __str__(self) -> str:
        return f"{self.get_before_display()} → {self.get_after_display()}"


class ValueSummary(models.Model):
    """The four groups of a program and currency at a glance: what a screen shows without counting.

    ``groups`` is {group: {"count", "lifetime", "referral_low", "referral", "referral_high"}} with
    amounts as texts; ``dots`` are [column, row, count, group] of a grid.
    """

    program = models.ForeignKey(
        Program,
        verbose_name=_("program"),
        on_delete=models.CASCADE,
        related_name="+",
        db_index=False,
    )
    currency = models.CharField(_("currency"), max_length=3)
    customers = models.PositiveIntegerField(default=0)
    # Empty: there is not enough yet to tell high from low.
    lifetime_from = models.DecimalField(max_digits=18, decimal_places=2, null=True)
    referral_from = models.DecimalField(max_digits=18, decimal_places=2, null=True)
    # Why there is not enough: a key of words.
    lacks = models.CharField(max_length=20, blank=True)
    lifetime_low = _money()
    lifetime_high = _money()
    referral_low = _money()
    referral_high = _money()
    groups = models.JSONField(default=dict)
    dots = models.JSONField(default=list)
    computed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("summary of customer values")
        verbose_name_plural = _("summaries of customer values")
        ordering = ["program", "-customers", "currency"]
        constraints = [
            models.UniqueConstraint(
                fields=["program", "currency"], name="referrals_value_summary_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.program_id} · {self.currency}"
