from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..coupons.models import Coupon
from ..people.models import Person
from ..programs.models import Program
from ..referrals.models import Referral


class Event(models.Model):
    """One fact, from outside or inside, with the id its source gave it."""

    # Without an index of its own, as person: the unique key and the index below begin with them.
    program = models.ForeignKey(
        Program,
        verbose_name=_("program"),
        on_delete=models.PROTECT,
        related_name="events",
        db_index=False,
    )
    kind = models.CharField(_("kind"), max_length=50)
    external_id = models.CharField(_("id"), max_length=255, db_index=True)
    # A digest of the id, because MariaDB would take "A1" and "a1" for the same one.
    source_key = models.CharField(max_length=64, editable=False)
    # A digest of what was reported, to tell a repeat from a contradiction.
    fingerprint = models.CharField(max_length=64, editable=False)
    person = models.ForeignKey(
        Person,
        verbose_name=_("person"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="events",
        db_index=False,
    )
    referral = models.ForeignKey(
        Referral,
        verbose_name=_("referral"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="events",
    )
    # Why a purchase counts for nobody: an error code, or "" when it does.
    not_attributed = models.CharField(_("not attributed because"), max_length=40, blank=True)
    amount = models.DecimalField(
        _("amount"), max_digits=12, decimal_places=2, null=True, blank=True
    )
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    refund_of = models.ForeignKey(
        "self",
        verbose_name=_("refund of"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="refunds",
    )
    refunded = models.DecimalField(
        _("refunded"), max_digits=12, decimal_places=2, default=Decimal("0.00")
    )
    coupon = models.ForeignKey(
        Coupon,
        verbose_name=_("coupon"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    # What the shop said a purchase leaves, all of it kept: details are let go of after a time.
    own_margin = models.DecimalField(max_digits=12, decimal_places=2, null=True, editable=False)
    # What was so when it was recorded, for rules that are asked again later.
    is_first_purchase = models.BooleanField(_("first purchase"), default=False)
    friends_converted = models.PositiveIntegerField(null=True, editable=False)
    friends_value = models.DecimalField(max_digits=14, decimal_places=2, null=True, editable=False)
    metadata = models.JSONField(_("details"), default=dict, blank=True)
    occurred_at = models.DateTimeField(_("time"), default=timezone.now, db_index=True)
    # By it, touchpoints find what is new to them.
    recorded_at = models.DateTimeField(_("recorded"), default=timezone.now, db_index=True)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ["-occurred_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["program", "kind", "source_key"], name="referrals_event_once"
            ),
            models.CheckConstraint(
                condition=Q(refunded=0) | Q(refunded__gt=0, refunded__lte=F("amount")),
                name="referrals_event_refunded",
            ),
        ]
        indexes = [
            models.Index(fields=["person", "kind", "occurred_at"], name="referrals_event_person"),
            # For replays: one kind of a program's events over some days.
            models.Index(fields=["program", "kind", "occurred_at"], name="referrals_event_replay"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.external_id}"
