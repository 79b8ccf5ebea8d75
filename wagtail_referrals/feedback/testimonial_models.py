"""Words that somebody allowed us to publish."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.models import DraftStateMixin, PreviewableMixin, RevisionMixin, WorkflowMixin

from ..conf import setting
from ..people.models import Consent, Person
from ..programs.models import Program
from .models import FeedbackResponse, ResponseState

WITHDRAWN = _("The permission was withdrawn: these words can't be changed or published any more.")
SPAM = _("The answer was marked as spam: release it before its words are published.")


class Scope(models.TextChoices):
    """Under which name somebody's words may be published."""

    NAME = "name", _("with my name")
    TOWN = "town", _("with my first name and my town")
    ANONYMOUS = "anonymous", _("without my name")


def new_withdraw_key() -> str:
    """The secret part of the link that takes the words off again."""
    return secrets.token_urlsafe(24)


class Testimonial(WorkflowMixin, PreviewableMixin, DraftStateMixin, RevisionMixin, models.Model):
    """A customer's words, with the permission to publish them.

    Editors write ``words`` and the dates; all else is the person's and no revision changes it.
    Whether it may be seen is asked of the consent's row each time: see ``public``.
    """

    program = models.ForeignKey(
        Program, verbose_name=_("program"), null=True, on_delete=models.SET_NULL, related_name="+"
    )
    person = models.ForeignKey(
        Person,
        verbose_name=_("person"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="testimonials",
    )
    # Who deletes an answer deletes what was to be published of it.
    response = models.OneToOneField(
        FeedbackResponse,
        verbose_name=_("feedback"),
        null=True,
        on_delete=models.CASCADE,
        related_name="testimonial",
    )
    # None without a permission.
    consent = models.OneToOneField(
        Consent, verbose_name=_("permission"), on_delete=models.PROTECT, related_name="testimonial"
    )
    scope = models.CharField(_("published"), max_length=10, choices=Scope, editable=False)
    # No more than the scope allows to show: what is not here cannot be published.
    name = models.CharField(_("name"), max_length=120, blank=True, editable=False)
    town = models.CharField(_("town"), max_length=120, blank=True, editable=False)
    words = models.TextField(
        _("words"),
        max_length=5000,
        help_text=_("Shorten them if you like, but leave the meaning as it was."),
    )
    original = models.TextField(_("as they were written"), editable=False)
    stars = models.PositiveSmallIntegerField(_("stars"), null=True, editable=False)
    stars_of = models.PositiveSmallIntegerField(null=True, editable=False)
    thanked = models.BooleanField(_("received a coupon"), default=False, editable=False)
    locale = models.CharField(_("language"), max_length=20, blank=True, editable=False)
    withdraw_key = models.CharField(
        max_length=40, unique=True, default=new_withdraw_key, editable=False
    )
    created_at = models.DateTimeField(_("given"), default=timezone.now, editable=False)

    # Rows that come by the thousand: no index of references is kept for them.
    wagtail_reference_index_ignore = True
    # What a revision says of these counts for nothing.
    KEPT = (
        *("program", "person", "response", "consent", "scope", "name", "town", "original"),
        *("stars", "stars_of", "thanked", "locale", "withdraw_key", "created_at"),
    )

    class Meta:
        verbose_name = _("testimonial")
        verbose_name_plural = _("testimonials")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(scope__in=["name", "town"]) | Q(scope="anonymous", name="", town=""),
                name="referrals_testimonial_scope",
            ),
            models.CheckConstraint(
                condition=Q(live=False) | ~Q(words=""), name="referrals_testimonial_words"
            ),
        ]
        indexes = [
            models.Index(fields=["program", "live", "created_at"], name="referrals_testimonials"),
            models.Index(fields=["created_at"], name="referrals_testimonial_time"),
            models.Index(fields=["live", "expire_at"], name="referrals_testimonial_until"),
        ]

    def __str__(self) -> str:
        return self.byline

    @property
    def byline(self) -> str:
        """Who said it, as far as they allowed it to be shown."""
        shown = [self.name, self.town] if self.scope == Scope.TOWN else [self.name]
        return ", ".join(part for part in shown if part) or gettext("A customer")

    @property
    def is_shortened(self) -> bool:
        return self.words.split() != self.original.split()

    @property
    def is_withdrawn(self) -> bool:
        """Whether the person has taken the permission back."""
        return self.consent.withdrawn_at is not None

    @property
    def is_spam(self) -> bool:
        """Whether the answer it came with was marked as spam."""
        return self.response is not None and self.response.state == ResponseState.SPAM

    @property
    def bar(self) -> Any:
        """Why it must not be published whatever an editor says; "" when nothing is against it."""
        if self.is_withdrawn:
            return WITHDRAWN
        return SPAM if self.is_spam else ""

    @property
    def state_words(self) -> str:
        """Where it stands, in a word."""
        if self.is_withdrawn:
            return gettext("withdrawn")
        if self.is_spam:
            return gettext("spam")
        return str(self.status_string)

    def with_content_json(self, content: Any) -> Testimonial:
        """Of a revision only what editors may change."""
        editable = {name: value for name, value in content.items() if name not in self.KEPT}
        restored: Testimonial = super().with_content_json(editable)
        for name in self.KEPT:
            field = self._meta.get_field(name).attname  # type: ignore[union-attr]
            setattr(restored, field, getattr(self, field))
        return restored

    def clean(self) -> None:
        super().clean()
        if self.bar:
            raise ValidationError(self.bar)

    preview_modes = [("", _("As on a page"))]

    def get_preview_template(self, request: Any, mode_name: str) -> str:
        return "wagtail_referrals/pages/testimonial_preview.html"

    def get_preview_context(self, request: Any, mode_name: str) -> dict[str, Any]:
        context: dict[str, Any] = super().get_preview_context(request, mode_name)
        return {**context, "testimonial": self, "referrals_base": setting("BASE_TEMPLATE")}


def public(*, at: datetime | None = None) -> QuerySet[Testimonial]:
    """The testimonials that may be seen now, the newest first.

    The permission is asked of the row that only its withdrawal writes, and spam of the answer's:
    an editor who publishes in the same moment cannot overwrite that.
    """
    at = at or timezone.now()
    now = Q(expire_at__isnull=True) | Q(expire_at__gt=at)
    shown = Testimonial.objects.filter(now, live=True, consent__withdrawn_at=None)
    return shown.exclude(response__state=ResponseState.SPAM)
