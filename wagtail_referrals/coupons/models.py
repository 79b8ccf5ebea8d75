from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..people.models import Person
from ..programs.models import Program
from ..programs.money import round_money
from ..programs.offers import DISCOUNT_KINDS, Offer, OfferKind, OfferTerms
from .codes import display_code


class CouponState(models.TextChoices):
    ACTIVE = "active", _("active")
    VOID = "void", _("void")


class Coupon(OfferTerms):
    """A code that realises an offer, with the terms as they stood when it was issued."""

    program = models.ForeignKey(
        Program, verbose_name=_("program"), on_delete=models.PROTECT, related_name="coupons"
    )
    offer = models.ForeignKey(
        Offer, verbose_name=_("offer"), null=True, on_delete=models.SET_NULL, related_name="+"
    )
    code_key = models.CharField(_("code"), max_length=32, unique=True, editable=False)
    holder = models.ForeignKey(
        Person,
        verbose_name=_("holder"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="coupons",
        help_text=_("Who may use it. Nobody: whoever has the code."),
    )
    given_by = models.ForeignKey(
        Person,
        verbose_name=_("given by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="coupons_given",
        help_text=_("Whose recommendation the use of it is."),
    )
    state = models.CharField(
        _("state"), max_length=10, choices=CouponState, default=CouponState.ACTIVE
    )
    valid_from = models.DateTimeField(_("valid from"), default=timezone.now)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    max_uses = models.PositiveIntegerField(_("uses allowed"), null=True, blank=True)
    uses = models.PositiveIntegerField(_("uses"), default=0)
    created_at = models.DateTimeField(_("issued"), default=timezone.now, db_index=True)

    class Meta:
        verbose_name = _("coupon")
        verbose_name_plural = _("coupons")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(max_uses__isnull=True) | Q(uses__lte=F("max_uses")),
                name="referrals_coupon_uses",
            ),
        ]

    def __str__(self) -> str:
        return self.display_code

    @property
    def display_code(self) -> str:
        return display_code(self.code_key)

    def discount_on(self, order_total: Decimal, currency: str) -> Decimal:
        """What the coupon takes off an order of that total, never more than the total."""
        if self.kind not in DISCOUNT_KINDS or self.amount is None:
            return Decimal("0.00")
        if self.kind == OfferKind.PERCENT:
            return round_money(order_total * self.amount / 100, currency)
        return min(self.amount, order_total)


class RedemptionState(models.TextChoices):
    REDEEMED = "redeemed", _("redeemed")
    ROLLED_BACK = "rolled_back", _("rolled back")


class Redemption(models.Model):
    """One use of a coupon on one order."""

    coupon = models.ForeignKey(
        Coupon, verbose_name=_("coupon"), on_delete=models.PROTECT, related_name="redemptions"
    )
    order_id = models.CharField(_("order"), max_length=255, db_index=True)
    # A digest, because MariaDB would take "A1" and "a1" for the same order.
    order_key = models.CharField(max_length=64, editable=False)
    # True while the use counts, NULL once rolled back: so the three are unique only while it does.
    live = models.BooleanField(null=True, default=True, editable=False)
    person = models.ForeignKey(
        Person,
        verbose_name=_("person"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="redemptions",
    )
    order_total = models.DecimalField(_("order total"), max_digits=12, decimal_places=2)
    discount = models.DecimalField(_("discount"), max_digits=12, decimal_places=2)
    currency = models.CharField(_("currency"), max_length=3)
    state = models.CharField(
        _("state"), max_length=12, choices=RedemptionState, default=RedemptionState.REDEEMED
    )
    redeemed_at = models.DateTimeField(_("redeemed"), default=timezone.now)
    rolled_back_at = models.DateTimeField(_("rolled back"), null=True, blank=True)
    rollback_reason = models.CharField(_("reason"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("redemption")
        verbose_name_plural = _("redemptions")
        ordering = ["-redeemed_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["coupon", "order_key", "live"], name="referrals_redemption_once"
            ),
            models.CheckConstraint(
                condition=Q(discount__gte=0) & Q(discount__lte=F("order_total")),
                name="referrals_redemption_discount",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.coupon} · {self.order_id}"
