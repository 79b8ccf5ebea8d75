"""Rules: when what happens, who gets what, and how much of it there is."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..append_only import AppendOnlyModel
from ..programs.models import Program
from ..programs.offers import MONEY_KINDS, Offer, OfferKind, as_promised
from ..programs.variants import offer_for_advocate, offer_for_friends_of
from ..referrals.models import Advocate, Referral


class Beneficiary(models.TextChoices):
    ADVOCATE = "advocate", _("the advocate")
    FRIEND = "friend", _("the friend")
    HAND_ON = "hand_on", _("the advocate, as a coupon to hand on to a friend")


class RuleState(models.TextChoices):
    ACTIVE = "active", _("active")
    PAUSED = "paused", _("paused")
    ARCHIVED = "archived", _("archived")


class Match(models.TextChoices):
    ALL = "all", _("all of these")
    ANY = "any", _("any of these")


class ExclusiveBy(models.TextChoices):
    FIRST = "first", _("the first that grants")
    BEST = "best", _("the best for the customer")


class Approval(models.TextChoices):
    RISK = "risk", _("if something looks wrong")
    ABOVE = "above", _("above an amount, or if something looks wrong")
    ALWAYS = "always", _("always")
    NEVER = "never", _("never")


class RewardRule(models.Model):
    """When what happens, who gets what. What it consists of is kept in its versions, too."""

    program = models.ForeignKey(
        Program, verbose_name=_("program"), on_delete=models.CASCADE, related_name="rules"
    )
    name = models.CharField(_("name"), max_length=120)
    state = models.CharField(_("state"), max_length=10, choices=RuleState, default=RuleState.ACTIVE)
    trigger = models.CharField(_("when"), max_length=50)
    trigger_options = models.JSONField(default=dict, blank=True)
    # The kind of event that the trigger waits for, so that one look-up finds the rules to ask.
    event_kind = models.CharField(max_length=50, editable=False)
    match = models.CharField(_("conditions"), max_length=5, choices=Match, default=Match.ALL)
    # [{"key": "order_amount", "options": {"at_least": "30.00", "currency": "EUR"}}, …]
    conditions = models.JSONField(default=list, blank=True)
    # [{"per": "advocate", "period": "year", "measure": "amount", "most": "200.00"}, …]
    limits = models.JSONField(default=list, blank=True)
    starts_at = models.DateTimeField(_("starts"), null=True, blank=True)
    ends_at = models.DateTimeField(_("ends"), null=True, blank=True)
    hold_days = models.PositiveIntegerField(
        _("hold days"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(365)],
        help_text=_(
            "Empty: the program's for purchases and introductions that are won, "
            "none for anything else."
        ),
    )
    approval = models.CharField(
        _("somebody has to approve"), max_length=10, choices=Approval, default=Approval.RISK
    )
    approval_above = models.DecimalField(
        _("above"),
        max_digits=12,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal("0.00"))],
    )
    priority = models.PositiveIntegerField(
        _("priority"), default=10, help_text=_("Rules are asked from the lowest number up.")
    )
    exclusive_group = models.SlugField(
        _("exclusive group"),
        max_length=40,
        blank=True,
        help_text=_("Of the rules of one group, one grants for one event and person."),
    )
    exclusive_by = models.CharField(
        _("of the group counts"), max_length=10, choices=ExclusiveBy, default=ExclusiveBy.FIRST
    )
    version = models.ForeignKey(
        "wagtail_referrals.RuleVersion",
        null=True,
        # A rule and its versions point at each other: MariaDB deletes neither before the other.
        on_delete=models.SET_NULL,
        related_name="+",
        editable=False,
    )
    # Since when it has nothing left to give to anybody.
    dry_since = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("reward rule")
        verbose_name_plural = _("reward rules")
        ordering = ["priority", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_at__isnull=True)
                | Q(ends_at__isnull=True)
                | Q(ends_at__gt=F("starts_at")),
                name="referrals_rule_dates",
            ),
        ]
        indexes = [models.Index(fields=["program", "event_kind"], name="referrals_rule_kind")]

    def __str__(self) -> str:
        return self.name

    def effective_hold_days(self) -> int:
        """Days a reward of this rule waits."""
        if self.hold_days is not None:
            return self.hold_days
        # What was sold may be undone.
        is_sale = self.event_kind in ("purchase", "introduction.won")
        return self.program.hold_days if is_sale else 0


class RuleEffect(models.Model):
    """What one beneficiary gets by a rule: an offer as it stands, or an amount by a formula."""

    rule = models.ForeignKey(RewardRule, on_delete=models.CASCADE, related_name="effects")
    beneficiary = models.CharField(
        _("who gets it"), max_length=20, choices=Beneficiary, default=Beneficiary.ADVOCATE
    )
    # Empty: the offer. Otherwise the key of a formula.
    formula = models.CharField(_("how much"), max_length=50, blank=True)
    formula_options = models.JSONField(default=dict, blank=True)
    offer = models.ForeignKey(
        Offer,
        verbose_name=_("offer"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("Empty: the program's own offer for them."),
    )
    # What a formula's amount is given as.
    kind = models.CharField(
        _("as"),
        max_length=20,
        choices=[(kind.value, kind.label) for kind in OfferKind if kind in MONEY_KINDS],
        default=OfferKind.FIXED,
    )
    valid_days = models.PositiveIntegerField(
        _("valid for days"),
        null=True,
        blank=True,
        default=90,
        validators=[MinValueValidator(1), MaxValueValidator(3650)],
        help_text=_("From the day it is issued. Empty: no end."),
    )
    # Empty: as the offer says, or the usual way for its kind.
    fulfilment = models.CharField(_("given by"), max_length=50, blank=True)
    fulfilment_options = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name = _("what a rule grants")
        verbose_name_plural = _("what rules grant")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["rule", "beneficiary"], name="referrals_effect_once"),
        ]

    def __str__(self) -> str:
        return f"{self.rule} · {self.get_beneficiary_display()}"

    def effective_offer(
        self, advocate: Advocate | None = None, referral: Referral | None = None
    ) -> Offer | None:
        """The effect's own offer or, failing that, what this beneficiary was promised.

        What is noted on a referral holds, for both sides. Otherwise it is the program's as it is
        now, the advocate's own for friends, or the one put to the test that their code has drawn.
        """
        if self.offer_id:
            return self.offer
        program = self.rule.program
        if self.beneficiary == Beneficiary.HAND_ON:
            return program.friend_offer
        # What is given for feedback is never put to the test. A referral that notes nothing is
        # given what the program says: by now its advocate's code may have drawn something else.
        for_feedback = self.rule.event_kind.startswith("feedback.")
        drawn_by = advocate.pk if advocate and not referral and not for_feedback else None
        if self.beneficiary == Beneficiary.ADVOCATE:
            if referral and referral.advocate_offer_id and not for_feedback:
                return _kept(referral, "advocate_offer", program)
            return offer_for_advocate(program, drawn_by)
        if referral and referral.offer_id:
            return _kept(referral, "offer", program)
        own = advocate.friend_offer if advocate and advocate.friend_offer_id else None
        return offer_for_friends_of(program, drawn_by, own)


def _kept(referral: Referral, promise: str, program: Program) -> Offer | None:
    """What was promised with a referral, as it was then."""
    of_program = {"offer": "friend_offer", "advocate_offer": "advocate_offer"}[promise]
    # The program's own is mostly at hand; the referral's costs a look.
    is_programs = getattr(referral, f"{promise}_id") == getattr(program, f"{of_program}_id")
    offer = getattr(program, of_program) if is_programs else getattr(referral, promise)
    return as_promised(offer, getattr(referral, f"{promise}_terms"))


class RuleVersion(AppendOnlyModel):
    """A rule as it stood from some time on."""

    rule = models.ForeignKey(RewardRule, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField(_("version"))
    name = models.CharField(_("name"), max_length=120)
    definition = models.JSONField(_("definition"), default=dict, encoder=DjangoJSONEncoder)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(_("from"), default=timezone.now)

    class Meta:
        verbose_name = _("version of a rule")
        verbose_name_plural = _("versions of rules")
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["rule", "number"], name="referrals_rule_version"),
        ]

    def __str__(self) -> str:
        return f"{self.name} · {self.number}"


class Allowance(models.Model):
    """How much of one limit, for one period and person, has been granted."""

    # "rule:3:advocate:17:2026:amount", "program:1:amount": see limits.py.
    key = models.CharField(max_length=120, unique=True)
    rule = models.ForeignKey(RewardRule, null=True, on_delete=models.CASCADE, related_name="+")
    used = models.DecimalField(max_digits=14, decimal_places=2, default=Decimal("0.00"))
    # The limit at the time of the last grant: what the database itself compares with.
    most = models.DecimalField(max_digits=14, decimal_places=2)

    class Meta:
        verbose_name = _("allowance")
        verbose_name_plural = _("allowances")
        constraints = [
            models.CheckConstraint(
                condition=Q(used__gte=0) & Q(used__lte=F("most")), name="referrals_allowance_most"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key}: {self.used} / {self.most}"
