"""Decisions, rewards and their ledger."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..append_only import AppendOnlyModel
from ..coupons.models import Coupon
from ..people.models import Person
from ..programs.models import Program
from ..programs.offers import Offer, OfferTerms
from ..referrals.models import Referral
from .rule_models import Beneficiary, RewardRule, RuleVersion


class Decision(AppendOnlyModel):
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
    beneficiary = models.CharField(_("as"), max_length=20, choices=Beneficiary)
    version = models.ForeignKey(
        RuleVersion, null=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    granted = models.BooleanField(_("granted"))
    reason = models.CharField(_("reason"), max_length=40, blank=True)
    # What the words for the reason need: {"condition": …, "options": …, "found": …}.
    details = models.JSONField(default=dict, blank=True)
    decided_at = models.DateTimeField(_("time"), default=timezone.now)

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "event", "beneficiary"], name="referrals_decision_once"
            ),
            models.CheckConstraint(
                condition=Q(granted=False) | Q(reason=""), name="referrals_decision_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule}: {self.reason or 'granted'}"


class RewardState(models.TextChoices):
    PENDING = "pending", _("waiting")
    HELD = "held", _("held for review")
    APPROVED = "approved", _("approved")
    ISSUED = "issued", _("issued")
    REDEEMED = "redeemed", _("redeemed")
    EXPIRED = "expired", _("expired")
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
    version = models.ForeignKey(
        RuleVersion, null=True, on_delete=models.PROTECT, related_name="+", editable=False
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
    # What was paid out and then taken back: the person's next rewards are set against it.
    owed = models.DecimalField(
        _("to be recovered"), max_digits=12, decimal_places=2, default=Decimal("0.00")
    )
    formula = models.CharField(max_length=50, blank=True, editable=False)
    formula_options = models.JSONField(default=dict, editable=False)
    fulfilment = models.CharField(_("given by"), max_length=50, blank=True)
    fulfilment_options = models.JSONField(default=dict, editable=False)
    # What was handed over when it is no coupon of ours: a code from a pool, a text.
    given = models.CharField(_("given"), max_length=255, blank=True)
    # What it took of which limits: {allowance key: amount}. Given back when it ends.
    allowances = models.JSONField(default=dict, editable=False)
    # Why it looked wrong: keys of risk flags.
    flags = models.JSONField(_("flags"), default=list, blank=True)
    hold_until = models.DateTimeField(_("waits until"))
    coupon = models.OneToOneField(
        Coupon,
        verbose_name=_("coupon"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="reward",
    )
    # As the coupon's, which has no index together with the reward's state.
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    # "rule:event:person:as" while it counts, NULL once a repair gave it to somebody else.
    award_key = models.CharField(max_length=80, unique=True, null=True, editable=False)
    created_at = models.DateTimeField(_("granted"), default=timezone.now, db_index=True)

    class Meta:
        verbose_name = _("reward")
        verbose_name_plural = _("rewards")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(balance__gte=0) & Q(owed__gte=0), name="referrals_reward_balance"
            ),
        ]
        indexes = [
            models.Index(fields=["state", "hold_until"], name="referrals_reward_due"),
            models.Index(fields=["state", "created_at"], name="referrals_reward_list"),
            models.Index(fields=["state", "expires_at"], name="referrals_reward_over"),
            # Most people owe nothing: what they do is found without reading their rewards.
            models.Index(fields=["person", "owed"], name="referrals_reward_owed"),
        ]

    def __str__(self) -> str:
        return f"{self.headline} · {self.person}"


class EntryKind(models.TextChoices):
    GRANTED = "granted", _("granted")
    PENDING = "pending", _("waiting again")
    HELD = "held", _("held for review")
    APPROVED = "approved", _("approved")
    ISSUED = "issued", _("issued")
    REDEEMED = "redeemed", _("redeemed")
    EXPIRED = "expired", _("expired")
    REDUCED = "reduced", _("reduced")
    OWED = "owed", _("to be recovered")
    OFFSET = "offset", _("set against a debt")
    RECOVERED = "recovered", _("recovered")
    VOIDED = "voided", _("voided")
    CLAWED_BACK = "clawed_back", _("taken back")


class RewardEntry(AppendOnlyModel):
    """One line of a reward's ledger: who, when, why, how much."""

    reward = models.ForeignKey(
        Reward, verbose_name=_("reward"), on_delete=models.PROTECT, related_name="entries"
    )
    kind = models.CharField(_("what"), max_length=12, choices=EntryKind)
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=2, default=Decimal("0"))
    # The change of what the person owes us, as amount is that of what the reward is worth.
    owed = models.DecimalField(_("owed"), max_digits=12, decimal_places=2, default=Decimal("0"))
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

    class Meta:
        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger entries")
        ordering = ["pk"]
        indexes = [models.Index(fields=["kind", "created_at"], name="referrals_entry_kind")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.amount} {self.currency}"
