from __future__ import annotations

import swapper
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ..events.models import Event
from ..feedback.invitation_models import Invitation
from ..people.models import Person
from ..programs.models import Program


class JourneyStage(models.TextChoices):
    KNOW = "know", _("know")
    LIKE = "like", _("like")
    TRUST = "trust", _("trust")
    TRY = "try", _("try")
    BUY = "buy", _("buy")
    REPEAT = "repeat", _("repeat")
    REFER = "refer", _("refer")


class AskFor(models.TextChoices):
    NOTHING = "", _("nothing")
    FEEDBACK = "feedback", _("feedback")
    REVIEW = "review", _("a review")
    REFERRAL = "referral", _("a recommendation")
    INTRODUCTION = "introduction", _("an introduction")


def whom_choices() -> list[tuple[str, str | Promise]]:
    """Whom a touchpoint asks; a site's own segments among them."""
    from .whom import whom_choices

    return whom_choices()


class Touchpoint(models.Model):
    """A moment a customer has with the owner's business, and what is asked after it."""

    program = models.ForeignKey(
        Program, verbose_name=_("program"), on_delete=models.CASCADE, related_name="touchpoints"
    )
    name = models.CharField(_("name"), max_length=80)
    stage = models.CharField(_("stage"), max_length=10, choices=JourneyStage)
    position = models.PositiveIntegerField(_("position"), default=0)
    # Empty: it is on the map, but no fact of the shop tells us of it.
    event_kind = models.CharField(
        _("kind of event"),
        max_length=50,
        blank=True,
        help_text=_("What your shop reports: purchase, support_solved, visit … Empty: nothing."),
    )
    expectation = models.TextField(
        _("what the customer is told to expect"), max_length=500, blank=True
    )
    is_paying = models.BooleanField(
        _("here they pay or get a bill"),
        default=False,
        help_text=_("The till is the worst moment to ask."),
    )
    asks_for = models.CharField(
        _("ask for"), max_length=12, choices=AskFor, default=AskFor.NOTHING, blank=True
    )
    page = models.ForeignKey(
        swapper.get_model_name("wagtailcore", "Page"),
        verbose_name=_("page"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=_("Where the mail leads. Empty: the program's first page of that kind."),
    )
    delay_hours = models.PositiveIntegerField(
        _("how many hours after"), default=0, validators=[MaxValueValidator(24 * 365)]
    )
    whom = models.CharField(_("whom"), max_length=50, blank=True, choices=whom_choices)
    # Of this ask; over all asks the program's own number of days holds.
    every_days = models.PositiveIntegerField(
        _("at most every … days"), default=365, validators=[MaxValueValidator(3650)]
    )
    is_active = models.BooleanField(_("in use"), default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    # Events recorded until then have been looked at.
    planned_until = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("touchpoint")
        verbose_name_plural = _("touchpoints")
        ordering = ["program", "position", "pk"]
        constraints = [
            # The till is the worst moment to ask.
            models.CheckConstraint(
                condition=models.Q(is_paying=False)
                | models.Q(asks_for="")
                | models.Q(delay_hours__gte=24),
                name="referrals_not_at_the_till",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class AskState(models.TextChoices):
    PLANNED = "planned", _("planned")
    ASKED = "asked", _("asked")
    DROPPED = "dropped", _("not asked")


class Ask(models.Model):
    """One person is to be asked after one event, was, or was not, and why not."""

    touchpoint = models.ForeignKey(
        Touchpoint,
        verbose_name=_("touchpoint"),
        # Whom it asked is counted; one that is not wanted any more is switched off.
        on_delete=models.PROTECT,
        related_name="asks",
        db_index=False,
    )
    # Rows come by the million, each index and each check is paid for: the keys below begin with the
    # others, and the program is the touchpoint's.
    program = models.ForeignKey(
        Program,
        verbose_name=_("program"),
        on_delete=models.CASCADE,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    person = models.ForeignKey(
        Person, verbose_name=_("person"), null=True, on_delete=models.SET_NULL, related_name="asks"
    )
    event = models.ForeignKey(
        Event,
        verbose_name=_("event"),
        on_delete=models.CASCADE,
        related_name="+",
        db_index=False,
    )
    # Of an ask for feedback or a review: whether it was answered stands there.
    invitation = models.OneToOneField(
        Invitation,
        verbose_name=_("invitation"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="ask",
    )
    asks_for = models.CharField(_("asked for"), max_length=12, choices=AskFor)
    state = models.CharField(_("state"), max_length=10, choices=AskState, default=AskState.PLANNED)
    # Why they were not asked: a key of WHY_NOT in reasons.py.
    reason = models.CharField(_("not asked because"), max_length=40, blank=True)
    due_at = models.DateTimeField(_("due"))
    planned_at = models.DateTimeField(_("planned"), default=timezone.now, db_index=True)
    settled_at = models.DateTimeField(_("asked or dropped"), null=True, blank=True)

    class Meta:
        verbose_name = _("ask")
        verbose_name_plural = _("asks")
        ordering = ["-planned_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["event", "touchpoint"], name="referrals_ask_once"),
        ]
        indexes = [
            models.Index(fields=["state", "due_at"], name="referrals_ask_due"),
            # What the map counts of the last days.
            models.Index(
                fields=["touchpoint", "settled_at", "state"], name="referrals_ask_settled"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_asks_for_display()} · {self.due_at:%Y-%m-%d}"
