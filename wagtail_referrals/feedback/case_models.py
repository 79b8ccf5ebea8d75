"""Cases: what somebody has to follow up, until when, and what was done about it."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ..append_only import AppendOnlyModel
from ..people.models import Person
from ..programs.models import Program
from ..referrals.models import Referral
from .models import FeedbackResponse
from .words_index import fold


class Occasion(models.TextChoices):
    """Why a case is opened."""

    DETRACTOR = "detractor", _("a low score")
    WORD = "word", _("one of these words")
    CALL = "call", _("a wish to be called")
    LEAD = "lead", _("a friend came by a recommendation")
    HAND = "hand", _("by hand")


def occasions() -> list[tuple[str, str | Promise]]:
    """What a rule can wait for. A function, so that a new one makes no migration."""
    return [(one.value, one.label) for one in Occasion if one != Occasion.HAND]


class CaseRule(models.Model):
    """When a case is opened by itself, for whom, and until when it has to be closed."""

    program = models.ForeignKey(
        Program, verbose_name=_("program"), on_delete=models.CASCADE, related_name="case_rules"
    )
    name = models.CharField(_("name"), max_length=120)
    is_active = models.BooleanField(_("active"), default=True)
    occasion = models.CharField(_("opens a case for"), max_length=12, choices=occasions)
    score_at_most = models.PositiveSmallIntegerField(
        _("score up to"),
        default=6,
        validators=[MaxValueValidator(10)],
        help_text=_("For a low score, from 0 to 10. Up to 6 counts as a detractor."),
    )
    words = models.TextField(
        _("words"),
        blank=True,
        max_length=1000,
        help_text=_("For words: one on each line. “refund” finds “refunds”, too."),
    )
    hours = models.PositiveIntegerField(
        _("to be closed within working hours"),
        default=16,
        validators=[MinValueValidator(1), MaxValueValidator(1000)],
        help_text=_("Counted in the program's working hours: 16 are two days of eight hours."),
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("whose it is"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=_("Empty: nobody's, until somebody takes it."),
    )

    class Meta:
        verbose_name = _("follow-up rule")
        verbose_name_plural = _("follow-up rules")
        ordering = ["program__name", "name", "pk"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if self.occasion == Occasion.WORD and not self.folded_words:
            raise ValidationError({"words": gettext("Say which words to look for.")})

    @property
    def folded_words(self) -> list[str]:
        """Its words as answers' words are compared."""
        return [word for line in self.words.splitlines() if (word := " ".join(fold(line)))]


class CaseState(models.TextChoices):
    NEW = "new", _("new")
    IN_WORK = "in_work", _("in work")
    WAITING = "waiting", _("waiting for an answer")
    CLOSED = "closed", _("closed")


# To be looked for by these: no index finds what is *not* closed.
OPEN_STATES = [state for state in CaseState if state != CaseState.CLOSED]


class Case(models.Model):
    """Something to follow up about an answer or a friend who came."""

    program = models.ForeignKey(
        Program, verbose_name=_("program"), null=True, on_delete=models.SET_NULL, related_name="+"
    )
    response = models.ForeignKey(
        FeedbackResponse,
        verbose_name=_("feedback"),
        null=True,
        on_delete=models.CASCADE,
        related_name="cases",
    )
    referral = models.ForeignKey(
        Referral,
        verbose_name=_("referral"),
        null=True,
        on_delete=models.CASCADE,
        related_name="cases",
    )
    person = models.ForeignKey(
        Person, verbose_name=_("person"), null=True, on_delete=models.SET_NULL, related_name="cases"
    )
    rule = models.ForeignKey(
        CaseRule, verbose_name=_("rule"), null=True, on_delete=models.SET_NULL, related_name="+"
    )
    occasion = models.CharField(_("because of"), max_length=12, choices=Occasion)
    # What was found: the score, the word.
    found = models.CharField(max_length=60, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("whose it is"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    state = models.CharField(_("state"), max_length=10, choices=CaseState, default=CaseState.NEW)
    opened_at = models.DateTimeField(_("opened"), default=timezone.now)
    due_at = models.DateTimeField(_("due"))
    closed_at = models.DateTimeField(_("closed"), null=True)
    closing_reason = models.CharField(_("why it was closed"), max_length=500, blank=True)
    # When its owner was told that it is there, and that it is late.
    told_at = models.DateTimeField(null=True, editable=False)
    reminded_at = models.DateTimeField(null=True, editable=False)
    # "response:7:rule:3" while it is open: there is no second one beside it. NULL once closed.
    open_key = models.CharField(max_length=60, unique=True, null=True, editable=False)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        ordering = ["due_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state=CaseState.CLOSED, closed_at__isnull=False, open_key__isnull=True)
                | (~Q(state=CaseState.CLOSED) & Q(closed_at__isnull=True)),
                name="referrals_case_closed",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "due_at"], name="referrals_case_due"),
            models.Index(fields=["opened_at"], name="referrals_case_opened"),
        ]

    def __str__(self) -> str:
        return f"{self.person or _('Somebody')} · {self.get_occasion_display()}"

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to do something."""
        return self.state != CaseState.CLOSED

    @property
    def why(self) -> str:
        """Why it was opened, in words."""
        if self.occasion == Occasion.DETRACTOR:
            return gettext("gave %(score)s of 10") % {"score": self.found}
        if self.occasion == Occasion.WORD:
            return gettext("wrote “%(word)s”") % {"word": self.found}
        return self.get_occasion_display()


class CaseEntryKind(models.TextChoices):
    OPENED = "opened", _("opened")
    NOTE = "note", _("note")
    REPLY = "reply", _("replied by mail")
    OWNER = "owner", _("given to")
    STATE = "state", _("state")
    DUE = "due", _("due")
    CLOSED = "closed", _("closed")
    REOPENED = "reopened", _("opened again")


class CaseEntry(AppendOnlyModel):
    """One line of a case's history: who, when, what."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="entries")
    kind = models.CharField(_("what"), max_length=10, choices=CaseEntryKind)
    text = models.TextField(_("words"), blank=True, max_length=6000)
    # What makes it one entry: a reply that is sent twice is one mail.
    key = models.CharField(max_length=80, unique=True, null=True, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("by"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    created_at = models.DateTimeField(_("time"), default=timezone.now)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("line of a case's history")
        verbose_name_plural = _("lines of cases' histories")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.created_at:%Y-%m-%d}"
