"""Offers and texts put to the test: who sees which is decided by the advocate's code."""

from __future__ import annotations

import secrets
from decimal import Decimal

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from .models import Offer, Program


class Subject(models.TextChoices):
    FRIEND_OFFER = "friend_offer", _("the offer for the friend")
    ADVOCATE_OFFER = "advocate_offer", _("the offer for the advocate")
    LANDING = "landing", _("the words on the landing page")
    SHARE_TEXT = "share_text", _("the text to share")


class Metric(models.TextChoices):
    # Of the visitors a link brought.
    CLAIMS = "claims", _("visitors who claim the offer")
    PURCHASES = "purchases", _("visitors who buy")
    # Of the advocates who joined.
    BROUGHT = "brought", _("new advocates whose link is opened by somebody")


class ExperimentState(models.TextChoices):
    DRAFT = "draft", _("being prepared")
    RUNNING = "running", _("running")
    ENDED = "ended", _("ended")


def new_salt() -> str:
    """What keys the hash of an experiment."""
    return secrets.token_hex(16)


class Experiment(models.Model):
    """Which of several is better? What is measured and for how long is fixed at the start."""

    program = models.ForeignKey(
        Program, verbose_name=_("program"), on_delete=models.PROTECT, related_name="experiments"
    )
    name = models.CharField(_("name"), max_length=120)
    subject = models.CharField(
        _("put to the test"), max_length=20, choices=Subject, default=Subject.FRIEND_OFFER
    )
    metric = models.CharField(
        _("measured by"), max_length=20, choices=Metric, default=Metric.CLAIMS
    )
    # Percent of visitors or advocates; the difference is in percentage points.
    baseline_percent = models.DecimalField(
        _("how many do so now, in percent"),
        max_digits=5,
        decimal_places=2,
        validators=[MinValueValidator(Decimal("0.01")), MaxValueValidator(Decimal("99.99"))],
    )
    smallest_percent = models.DecimalField(
        _("smallest difference worth seeing, in percentage points"),
        max_digits=5,
        decimal_places=2,
        validators=[MinValueValidator(Decimal("0.01")), MaxValueValidator(Decimal("99.99"))],
    )
    horizon_days = models.PositiveIntegerField(
        _("for how many days"),
        default=28,
        validators=[MinValueValidator(1), MaxValueValidator(365)],
        help_text=_("Whole weeks are best: people behave differently at the weekend."),
    )
    # How many there have to be in each variant, as worked out at the start.
    sample_size = models.PositiveIntegerField(null=True, editable=False)
    state = models.CharField(
        _("state"),
        max_length=10,
        choices=ExperimentState,
        default=ExperimentState.DRAFT,
        editable=False,
    )
    salt = models.CharField(max_length=32, default=new_salt, editable=False)
    # "program:subject" while it runs: two tests of the same thing would spoil each other.
    running_key = models.CharField(max_length=40, unique=True, null=True, editable=False)
    started_at = models.DateTimeField(_("started"), null=True, editable=False)
    ends_at = models.DateTimeField(_("planned end"), null=True, editable=False)
    ended_at = models.DateTimeField(_("ended"), null=True, editable=False)
    # Set when the winner is kept.
    winner = models.ForeignKey(
        "Variant",
        verbose_name=_("kept"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        editable=False,
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        editable=False,
    )
    # How often somebody looked at the result before the planned end.
    early_looks = models.PositiveIntegerField(default=0, editable=False)
    # What was counted, up to when, and who took the turn to do it: once an hour while it runs.
    counted = models.JSONField(null=True, editable=False)
    counted_until = models.DateTimeField(null=True, editable=False)
    count_turn_at = models.DateTimeField(null=True, editable=False)
    # That count is the one that decides: the sample was full, or the end had come. No later one
    # takes its place, and it outlives the clicks.
    is_settled = models.BooleanField(default=False, editable=False)
    # What the winner took the place of, to go back to.
    replaced = models.JSONField(default=dict, editable=False)

    class Meta:
        verbose_name = _("experiment")
        verbose_name_plural = _("experiments")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="running", running_key__isnull=False)
                | (~Q(state="running") & Q(running_key__isnull=True)),
                name="referrals_experiment_running",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @cached_property
    def drawn_from(self) -> list[Variant]:
        """Its variants with their offers, in an order that no later change of theirs moves."""
        return list(self.variants.select_related("offer").order_by("pk"))


class Variant(models.Model):
    """One of what is compared. Which fields count is a matter of the experiment's subject."""

    experiment = models.ForeignKey(
        Experiment,
        verbose_name=_("experiment"),
        on_delete=models.CASCADE,
        related_name="variants",
    )
    name = models.CharField(_("name"), max_length=60)
    # What is compared with: as it is now.
    is_control = models.BooleanField(_("as it is now"), default=False)
    weight = models.PositiveIntegerField(
        _("weight"),
        default=1,
        validators=[MaxValueValidator(1000)],
        help_text=_("1 and 1: half and half. 0: nobody sees it."),
    )
    position = models.PositiveIntegerField(_("position"), default=0)
    offer = models.ForeignKey(
        Offer,
        verbose_name=_("offer"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    heading = models.CharField(_("heading"), max_length=120, blank=True)
    introduction = models.TextField(_("introduction"), max_length=1000, blank=True)
    button_label = models.CharField(_("button"), max_length=40, blank=True)
    text = models.TextField(_("text to share"), max_length=500, blank=True)
    disclosure = models.CharField(_("what you say about the reward"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("variant")
        verbose_name_plural = _("variants")
        ordering = ["experiment", "position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["experiment", "name"], name="referrals_variant_once"),
        ]

    def __str__(self) -> str:
        return self.name


def refused_change(offer_id: int) -> str:
    """Why an offer has to stay what it is; "" where it is put to no test."""
    tests = Experiment.objects.filter(variants__offer=offer_id, state=ExperimentState.RUNNING)
    if not tests.exists():
        return ""
    return gettext("This offer is being put to the test. Make a new one, or end the test first.")


# Where a program has what is put to the test.
FIELDS = {
    Subject.FRIEND_OFFER: "friend_offer",
    Subject.ADVOCATE_OFFER: "advocate_offer",
    Subject.LANDING: "landing_page",
}


def refused_swaps(program: Program) -> dict[str, str]:
    """The fields of a program that differ from what is stored, and is being tested."""
    stored = Program.objects.filter(pk=program.pk).first() if program.pk else None
    if stored is None:
        return {}
    tests = Experiment.objects.filter(program=program.pk, state=ExperimentState.RUNNING)
    changed = [
        subject
        for subject, name in FIELDS.items()
        if getattr(stored, f"{name}_id") != getattr(program, f"{name}_id")
    ]
    found = tests.filter(subject__in=changed).values_list("subject", flat=True)
    return {FIELDS[Subject(subject)]: _swap_words(subject) for subject in found}


def _swap_words(subject: str) -> str:
    if subject == Subject.LANDING:
        return gettext("The words on this page are being put to the test. End the test first.")
    return gettext("What is given here is being put to the test. End the test first.")
