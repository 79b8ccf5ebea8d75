from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ..append_only import AppendOnlyModel
from ..people.models import Person
from ..programs.models import Program
from ..programs.money import round_money
from ..programs.offers import DISCOUNT_KINDS, MONEY_KINDS, Offer, OfferKind, OfferTerms
from .codes import display_code
from .patterns import DEFAULT_PATTERN, clean_pattern


class BatchState(models.TextChoices):
    MAKING = "making", _("being made")
    READY = "ready", _("ready")
    VOID = "void", _("void")


class BatchSource(models.TextChoices):
    GENERATED = "generated", _("made here")
    UPLOADED = "uploaded", _("uploaded")


class CouponBatch(OfferTerms):
    """Many coupons at once, with the terms that each gets a copy of."""

    program = models.ForeignKey(
        Program, verbose_name=_("program"), on_delete=models.PROTECT, related_name="batches"
    )
    name = models.CharField(
        _("name"), max_length=120, help_text=_("For your lists; visitors don't see it.")
    )
    source = models.CharField(
        _("codes"), max_length=10, choices=BatchSource, default=BatchSource.GENERATED
    )
    pattern = models.CharField(
        _("pattern"),
        max_length=40,
        blank=True,
        default=DEFAULT_PATTERN,
        help_text=_("Each # becomes a random character: SPRING-####-####-####."),
    )
    valid_from = models.DateTimeField(_("valid from"), default=timezone.now)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    max_uses = models.PositiveIntegerField(
        _("uses of each code"),
        null=True,
        blank=True,
        default=1,
        validators=[MinValueValidator(1)],
        help_text=_("How many orders may use one code. Empty: no limit."),
    )
    wanted = models.PositiveIntegerField(_("codes wanted"), validators=[MinValueValidator(1)])
    made = models.PositiveIntegerField(_("codes made"), default=0)
    state = models.CharField(
        _("state"), max_length=10, choices=BatchState, default=BatchState.MAKING
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("set up by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    created_at = models.DateTimeField(_("set up"), default=timezone.now, db_index=True)

    class Meta:
        verbose_name = _("coupon batch")
        verbose_name_plural = _("coupon batches")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(made__lte=F("wanted")), name="referrals_batch_made"),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        errors: dict[str, Any] = {}
        try:
            super().clean()
        except ValidationError as error:
            errors = error.update_error_dict(errors)
        if self.expires_at and self.valid_from and self.expires_at <= self.valid_from:
            errors["expires_at"] = gettext("The end has to be after the start.")
        if self.source == BatchSource.GENERATED:
            try:
                self.pattern = clean_pattern(
                    self.pattern,
                    wanted=self.wanted or 0,
                    worth_money=self.worth_money,
                )
            except ValidationError as error:
                errors["pattern"] = error
        if errors:
            raise ValidationError(errors)

    @property
    def worth_money(self) -> bool:
        """Whether somebody who guesses a code has gained something."""
        return self.kind in DISCOUNT_KINDS or self.kind in MONEY_KINDS

    @property
    def progress(self) -> int:
        """Percent of the codes that are made."""
        return 100 * self.made // self.wanted if self.wanted else 100


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
    # As printed, where that is not the key in groups of four.
    shown = models.CharField(max_length=64, blank=True, editable=False)
    batch = models.ForeignKey(
        CouponBatch,
        verbose_name=_("batch"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="coupons",
    )
    replaces = models.OneToOneField(
        "self",
        verbose_name=_("replaces"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="replaced_by",
    )
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
        return self.shown or display_code(self.code_key)

    def earlier(self) -> list[int]:
        """Its key, and those of the coupons in whose place it was re-issued."""
        keys, coupon = [self.pk], self
        while coupon.replaces:
            coupon = coupon.replaces
            keys.append(coupon.pk)
        return keys

    def made_uses(self) -> models.QuerySet[Redemption]:
        """Uses that orders made of it, under any of the codes it had."""
        made = Redemption.objects.filter(state=RedemptionState.REDEEMED).order_by()
        return made.filter(coupon__in=self.earlier())

    def discount_on(self, order_total: Decimal, currency: str) -> Decimal:
        """What the coupon takes off an order of that total, never more than the total."""
        if self.kind not in DISCOUNT_KINDS or self.amount is None:
            return Decimal("0.00")
        if self.kind == OfferKind.PERCENT:
            return round_money(order_total * self.amount / 100, currency)
        return min(self.amount, order_total)


class RedemptionState(models.TextChoices):
    HELD = "held", _("held")
    RELEASED = "released", _("let go")
    REDEEMED = "redeemed", _("redeemed")
    ROLLED_BACK = "rolled_back", _("rolled back")


class Redemption(models.Model):
    """One use of a coupon on one order, made or reserved."""

    coupon = models.ForeignKey(
        Coupon, verbose_name=_("coupon"), on_delete=models.PROTECT, related_name="redemptions"
    )
    order_id = models.CharField(_("order"), max_length=255, db_index=True)
    # A digest, because MariaDB would take "A1" and "a1" for the same order.
    order_key = models.CharField(max_length=64, editable=False)
    # True while the use counts, NULL once given back: so the three are unique only while it does.
    live = models.BooleanField(null=True, default=True, editable=False)
    # True for one use of an order, NULL for those beside it: see company.
    leads = models.BooleanField(null=True, editable=False)
    # One of as many as the coupon allows a person, while the use counts: unique, so never more.
    person_slot = models.CharField(max_length=64, null=True, unique=True, editable=False)
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
    # Empty while a use is held for an order whose total is not known yet.
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    state = models.CharField(
        _("state"), max_length=12, choices=RedemptionState, default=RedemptionState.REDEEMED
    )
    redeemed_at = models.DateTimeField(_("redeemed"), default=timezone.now)
    held_until = models.DateTimeField(_("held until"), null=True, blank=True, db_index=True)
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
            models.UniqueConstraint(
                fields=["order_key", "leads"], name="referrals_redemption_leads"
            ),
            models.CheckConstraint(
                condition=Q(discount__gte=0) & Q(discount__lte=F("order_total")),
                name="referrals_redemption_discount",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.coupon} · {self.order_id}"


class CouponEntryKind(models.TextChoices):
    VOIDED = "voided", _("voided")
    EXTENDED = "extended", _("extended")
    REISSUED = "reissued", _("re-issued")


class CouponEntry(AppendOnlyModel):
    """What was done to a coupon or to a whole batch, by whom and why."""

    coupon = models.ForeignKey(
        Coupon,
        verbose_name=_("coupon"),
        null=True,
        on_delete=models.PROTECT,
        related_name="entries",
    )
    batch = models.ForeignKey(
        CouponBatch,
        verbose_name=_("batch"),
        null=True,
        on_delete=models.PROTECT,
        related_name="entries",
    )
    # The coupon that came in its place, or when it ends now.
    related = models.ForeignKey(Coupon, null=True, on_delete=models.PROTECT, related_name="+")
    until = models.DateTimeField(_("expires"), null=True)
    kind = models.CharField(_("what"), max_length=12, choices=CouponEntryKind)
    reason = models.CharField(_("why"), max_length=500, blank=True)
    # "system" or "user:5": stays readable when the row it names is gone.
    actor = models.CharField(_("by"), max_length=40)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(_("time"), default=timezone.now)

    class Meta:
        verbose_name = _("coupon entry")
        verbose_name_plural = _("coupon entries")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.coupon or self.batch}"


def coupon_entry(kind: CouponEntryKind, *, user: Any = None, **values: Any) -> CouponEntry:
    """A line for ``coupon=`` or ``batch=``, stored."""
    return CouponEntry.objects.create(
        kind=kind, user=user, actor=f"user:{user.pk}" if user else "system", **values
    )
