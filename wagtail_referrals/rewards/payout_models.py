from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..coupons.codes import LINK_LENGTH, display_code, new_code
from .models import Reward


def new_number() -> str:
    """The key of a payout's number: with a check character, for people copy it."""
    return new_code(LINK_LENGTH)


class PayoutState(models.TextChoices):
    DUE = "due", _("due")
    EXPORTED = "exported", _("on a list")
    PAID = "paid", _("paid")
    CANCELLED = "cancelled", _("cancelled")


class PayoutRun(models.Model):
    """One list of payouts that was handed to whoever pays."""

    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(_("made"), default=timezone.now)

    class Meta:
        verbose_name = _("payout list")
        verbose_name_plural = _("payout lists")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.pk} · {timezone.localtime(self.created_at):%Y-%m-%d}"


class Payout(models.Model):
    """Something to be paid or handed over by people: money, a gift card, a donation, goods."""

    reward = models.OneToOneField(
        Reward, verbose_name=_("reward"), on_delete=models.PROTECT, related_name="payout"
    )
    # In the lists as P-7K2M-Q4XW; the answer names it.
    number_key = models.CharField(
        _("number"), max_length=16, unique=True, default=new_number, editable=False
    )
    state = models.CharField(
        _("state"), max_length=10, choices=PayoutState, default=PayoutState.DUE
    )
    # What the list said, from when it was put on one; the reward's worth until then.
    amount = models.DecimalField(
        _("amount"), max_digits=12, decimal_places=2, default=Decimal("0.00")
    )
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    run = models.ForeignKey(
        PayoutRun,
        verbose_name=_("list"),
        null=True,
        on_delete=models.PROTECT,
        related_name="payouts",
    )
    reference = models.CharField(_("reference"), max_length=120, blank=True)
    # Why it could not be paid the last time.
    problem = models.CharField(_("problem"), max_length=255, blank=True)
    created_at = models.DateTimeField(_("due since"), default=timezone.now, db_index=True)
    paid_at = models.DateTimeField(_("paid at"), null=True, db_index=True)

    class Meta:
        verbose_name = _("payout")
        verbose_name_plural = _("payouts")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="paid") | Q(paid_at__isnull=False), name="referrals_payout_paid"
            ),
        ]
        indexes = [models.Index(fields=["state", "created_at"], name="referrals_payout_due")]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """As it stands in the lists. The letter keeps a spreadsheet from reading a date."""
        return f"P-{display_code(self.number_key)}"
