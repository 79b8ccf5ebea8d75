from __future__ import annotations

from decimal import Decimal
from typing import Any, NoReturn

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ..coupons.models import Coupon
from ..people.models import Person
from ..programs.models import Program
from ..programs.offers import Offer, OfferTerms
from ..referrals.models import Referral


def trigger_choices() -> list[tuple[str, str | Promise]]:
    """What a rule can wait for. A function, so that a new one makes no migration."""
    return [
        ("feedback.submitted", _("somebody finished a feedback form")),
        ("referral.claimed", _("a friend claimed the offer")),
        ("purchase", _("a friend bought")),
    ]


class Beneficiary(models.TextChoices):
    ADVOCATE = "advocate", _("the advocate")
    FRIEND = "friend", _("the friend")
    HAND_ON = "hand_on", _("the advocate, as a coupon to hand on to a friend")


class RewardRule(models.Model):
    """When what happens, who gets what."""

    program = models.ForeignKey(
        Program, verbose_name=_("program"), on_delete=models.CASCADE, related_name="rules"
    )
    name = models.CharField(_("name"), max_length=120)
    trigger = models.CharField(_("when"), max_length=50, choices=trigger_choices)
    beneficiary = models.CharField(
        _("who gets it"), max_length=20, choices=Beneficiary, default=Beneficiary.ADVOCATE
    )
    offer = models.ForeignKey(
        Offer,
        verbose_name=_("offer"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("Empty: the program's own offer for them."),
    )
    first_purchase_only = models.BooleanField(_("only on a friend's first purchase"), default=True)
    minimum_amount = models.DecimalField(
        _("order at least"),
        max_digits=12,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal("0.01"))],
    )
    hold_days = models.PositiveIntegerField(
        _("hold days"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(365)],
        help_text=_("Empty: the program's for purchases, none for anything else."),
    )
    is_active = models.BooleanField(_("active"), default=True)
    priority = models.PositiveIntegerField(
        _("priority"), default=10, help_text=_("Rules are asked from the lowest number up.")
    )

    class Meta:
        verbose_name = _("reward rule")
        verbose_name_plural = _("reward rules")
        ordering = ["priority", "pk"]
        indexes = [models.Index(fields=["program", "trigger"], name="referrals_rule_trigger")]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        errors = {}
        if self.beneficiary not in BENEFICIARIES.get(self.trigger, Beneficiary.values):
            errors["beneficiary"] = gettext("This does not go with what the rule waits for.")
        currency = self.program.currency if self.program_id else ""
        if self.offer and self.offer.currency not in ("", currency):
            words = gettext("The program's currency is %(currency)s.")
            errors["offer"] = words % {"currency": currency}
        if errors:
            raise ValidationError(errors)

    def effective_offer(self) -> Offer | None:
        """The rule's own offer or, failing that, the program's for this beneficiary."""
        if self.offer_id:
            return self.offer
        if self.beneficiary == Beneficiary.ADVOCATE:
            return self.program.advocate_offer
        return self.program.friend_offer

    def effective_hold_days(self) -> int:
        """Days a reward of this rule waits."""
        if self.hold_days is not None:
            return self.hold_days
        return self.program.hold_days if self.trigger == "purchase" else 0


# Who can get something for what: the messages that bring it have words for these.
BENEFICIARIES = {
    "feedback.submitted": [Beneficiary.HAND_ON],
    "referral.claimed": [Beneficiary.FRIEND, Beneficiary.ADVOCATE],
    "purchase": [Beneficiary.ADVOCATE, Beneficiary.FRIEND],
}


class AppendOnlyQuerySet(models.QuerySet):
    """Rows that record what happened are added, never changed or removed."""

    def update(self, **kwargs: Any) -> NoReturn:
        raise TypeError(f"{self.model.__name__} rows are never changed.")

    def delete(self) -> NoReturn:
        raise TypeError(f"{self.model.__name__} rows are never deleted.")


class Decision(models.Model):
    """What one rule answered to one event, and why."""

    rule = models.ForeignKey(
        RewardRule, verbose_name=_("rule"), on_delete=models.PROTECT, related_name="decisions"
    )
    event = models.ForeignKey(
        "wagtail_referrals.Event",
        verbose_name=_("event"),
        on_delete=models.PROTECT,
        related_name="decisions",
    )
    person = models.ForeignKey(
        Person, verbose_name=_("person"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    granted = models.BooleanField(_("granted"))
    reason = models.CharField(_("reason"), max_length=40, blank=True)
    decided_at = models.DateTimeField(_("time"), default=timezone.now)

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "event", "person"], name="referrals_decision_once"
            ),
            models.CheckConstraint(
                condition=Q(granted=False) | Q(reason=""), name="referrals_decision_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule}: {self.reason or 'granted'}"


class RewardState(models.TextChoices):
    PENDING = "pending", _("waiting")
    APPROVED = "approved", _("approved")
    ISSUED = "issued", _("issued")
    VOIDED = "voided", _("voided")
    CLAWED_BACK = "clawed_back", _("taken back")


class Reward(OfferTerms):
    """What a decision granted, with the terms and the rule as they stood."""

    program = models.ForeignKey(
        Program, verbose_name=_("program"), on_delete=models.PROTECT, related_name="rewards"
    )
    rule = models.ForeignKey(
        RewardRule, verbose_name=_("rule"), on_delete=models.PROTECT, related_name="rewards"
    )
    rule_name = models.CharField(_("rule as it was called"), max_length=120)
    event = models.ForeignKey(
        "wagtail_referrals.Event",
        verbose_name=_("event"),
        on_delete=models.PROTECT,
        related_name="rewards",
    )
    referral = models.ForeignKey(
        Referral,
        verbose_name=_("referral"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="rewards",
    )
    person = models.ForeignKey(
        Person, verbose_name=_("person"), on_delete=models.PROTECT, related_name="rewards"
    )
    beneficiary = models.CharField(_("as"), max_length=20, choices=Beneficiary)
    offer = models.ForeignKey(
        Offer, verbose_name=_("offer"), null=True, on_delete=models.SET_NULL, related_name="+"
    )
    valid_days = models.PositiveIntegerField(null=True, blank=True)
    max_uses = models.PositiveIntegerField(null=True, blank=True)
    state = models.CharField(
        _("state"), max_length=12, choices=RewardState, default=RewardState.PENDING
    )
    # The sum of the ledger's entries, kept on the row so that one conditional UPDATE guards it.
    balance = models.DecimalField(
        _("worth"), max_digits=12, decimal_places=2, default=Decimal("0.00")
    )
    hold_until = models.DateTimeField(_("waits until"))
    coupon = models.OneToOneField(
        Coupon,
        verbose_name=_("coupon"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="reward",
    )
    # "rule:event:person" while it counts, NULL once a repair gave it to somebody else.
    award_key = models.CharField(max_length=80, unique=True, null=True, editable=False)
    created_at = models.DateTimeField(_("granted"), default=timezone.now, db_index=True)

    class Meta:
        verbose_name = _("reward")
        verbose_name_plural = _("rewards")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(balance__gte=0), name="referrals_reward_balance"),
        ]
        indexes = [models.Index(fields=["state", "hold_until"], name="referrals_reward_due")]

    def __str__(self) -> str:
        return f"{self.headline} · {self.person}"


class EntryKind(models.TextChoices):
    GRANTED = "granted", _("granted")
    APPROVED = "approved", _("approved")
    ISSUED = "issued", _("issued")
    REDUCED = "reduced", _("reduced")
    VOIDED = "voided", _("voided")
    CLAWED_BACK = "clawed_back", _("taken back")


class RewardEntry(models.Model):
    """One line of a reward's ledger: who, when, why, how much."""

    reward = models.ForeignKey(
        Reward, verbose_name=_("reward"), on_delete=models.PROTECT, related_name="entries"
    )
    kind = models.CharField(_("what"), max_length=12, choices=EntryKind)
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=2, default=Decimal("0"))
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    # "system", "rule:3" or "user:5": stays readable when the row it names is gone.
    actor = models.CharField(_("by"), max_length=40)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    reason = models.CharField(_("why"), max_length=500, blank=True)
    event = models.ForeignKey(
        "wagtail_referrals.Event", null=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(_("time"), default=timezone.now)

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger entries")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.amount} {self.currency}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk:
            raise TypeError("Ledger entries are never changed.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("Ledger entries are never deleted.")
