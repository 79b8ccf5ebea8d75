from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from taggit.managers import TaggableManager
from wagtail.contrib.forms.models import AbstractFormSubmission

from ..coupons.models import Coupon
from ..events.models import Event
from ..people.models import Person
from ..programs.models import Program
from .changes import ResponseQuerySet


class ResponseState(models.TextChoices):
    RECEIVED = "received", _("received")
    HELD = "held", _("held for review")
    SPAM = "spam", _("spam")


class FeedbackResponse(AbstractFormSubmission):
    """One filled-in feedback form: Wagtail's form submission, and what came of it."""

    # Wagtail's own is always the clock's; ours can be told.
    submit_time = models.DateTimeField(_("submit time"), default=timezone.now)
    program = models.ForeignKey(
        Program, verbose_name=_("program"), null=True, on_delete=models.SET_NULL, related_name="+"
    )
    person = models.ForeignKey(
        Person,
        verbose_name=_("person"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="responses",
    )
    state = models.CharField(
        _("state"), max_length=10, choices=ResponseState, default=ResponseState.RECEIVED
    )
    # While it is held: what the questions meant when it was sent.
    kept_answers = models.JSONField(null=True, editable=False)
    score = models.PositiveSmallIntegerField(_("score"), null=True)
    # How many stars of how many.
    stars = models.PositiveSmallIntegerField(_("stars"), null=True)
    stars_of = models.PositiveSmallIntegerField(null=True)
    # Which of five faces, from the worst to the best.
    csat = models.PositiveSmallIntegerField(_("smiley"), null=True)
    # All that was said in own words, one paragraph for each question, as those were then.
    words = models.TextField(_("words"), blank=True, editable=False)
    # What the address of the form said, in lower case: the first "hidden" question's answer.
    source = models.CharField(_("source"), max_length=60, blank=True)
    # How they had heard of us, in the words of the choice.
    heard = models.CharField(_("heard by"), max_length=60, blank=True)
    # Whether they had answered, or bought twice, before; None: nobody knows.
    regular = models.BooleanField(_("regular"), null=True)
    locale = models.CharField(_("language"), max_length=10, blank=True)
    event = models.OneToOneField(
        Event, verbose_name=_("event"), null=True, on_delete=models.PROTECT, related_name="response"
    )
    coupon = models.OneToOneField(
        Coupon, verbose_name=_("coupon"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    # One answer per person and page: a digest of both, NULL once they may answer again.
    turn_key = models.CharField(max_length=64, unique=True, null=True, editable=False)
    # The browser it came from, as that day's visitor hash: only it is led to the coupon again.
    visitor = models.CharField(max_length=32, blank=True, editable=False)

    tags = TaggableManager(_("tags"), blank=True, through="wagtail_referrals.FeedbackTag")
    objects = ResponseQuerySet.as_manager()

    class Meta:
        verbose_name = _("feedback")
        verbose_name_plural = _("feedback")
        ordering = ["-submit_time", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(score__isnull=True) | Q(score__lte=10), name="referrals_feedback_score"
            ),
            models.CheckConstraint(
                condition=Q(stars__isnull=True, stars_of__isnull=True)
                | Q(stars__gte=1, stars__lte=models.F("stars_of")),
                name="referrals_feedback_stars",
            ),
            models.CheckConstraint(
                condition=Q(csat__isnull=True) | Q(csat__gte=1, csat__lte=5),
                name="referrals_feedback_csat",
            ),
        ]
        # What the inbox lists, filters and counts by.
        indexes = [
            models.Index(fields=["submit_time"], name="referrals_feedback_time"),
            models.Index(fields=["state", "submit_time"], name="referrals_feedback_state"),
            models.Index(fields=["page", "submit_time"], name="referrals_feedback_page"),
            models.Index(fields=["program", "stars_of", "stars"], name="referrals_feedback_rated"),
            models.Index(fields=["score", "submit_time"], name="referrals_feedback_scores"),
            models.Index(fields=["csat", "submit_time"], name="referrals_feedback_csats"),
            models.Index(fields=["source", "submit_time"], name="referrals_feedback_source"),
        ]

    def __str__(self) -> str:
        return f"{self.person or _('Somebody')} · {self.submit_time:%Y-%m-%d}"
