from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from ..people.models import Person
from ..referrals.models import Referral
from .models import FeedbackResponse


class NotCredited(models.TextChoices):
    """Why somebody who was named has no recommendation for it."""

    UNKNOWN = "unknown", _("nobody we know by that address or code")
    CLOSED = "closed", _("no program was running")
    PAUSED = "paused", _("their link was paused")
    ALREADY_CUSTOMER = "already_customer", _("the customer had bought before")
    ALREADY_REFERRED = "already_referred", _("somebody else had recommended us before")
    SELF_REFERRAL = "self_referral", _("they named themselves, or each named the other")
    BLOCKED = "blocked", _("one of them is on the block list")
    SPAM = "spam", _("the answer was marked as spam")


class Mention(models.Model):
    """Who had told a customer about us, in the customer's words, and what came of it."""

    response = models.OneToOneField(
        FeedbackResponse,
        verbose_name=_("feedback"),
        on_delete=models.CASCADE,
        related_name="mention",
    )
    who = models.CharField(_("who"), max_length=120, blank=True)
    reach = models.CharField(_("how to reach them"), max_length=254, blank=True)
    # The e-mail key of ``reach``, where it is an address: to find it again for erasing.
    reach_key = models.CharField(max_length=64, blank=True, db_index=True, editable=False)
    person = models.ForeignKey(
        Person,
        verbose_name=_("person"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="mentions",
    )
    referral = models.ForeignKey(
        Referral,
        verbose_name=_("referral"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="mentions",
    )
    not_credited = models.CharField(
        _("not credited"), max_length=20, choices=NotCredited, blank=True
    )

    class Meta:
        verbose_name = _("mention")
        verbose_name_plural = _("mentions")

    def __str__(self) -> str:
        return " · ".join(filter(None, [self.who, self.reach])) or str(_("Somebody"))
