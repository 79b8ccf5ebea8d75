"""What staff add to an answer, and how they find it again."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from taggit.models import TaggedItemBase

from ..append_only import AppendOnlyModel


class FeedbackTag(TaggedItemBase):
    """A tag on an answer."""

    content_object = models.ForeignKey(
        "wagtail_referrals.FeedbackResponse", on_delete=models.CASCADE, related_name="tagged"
    )

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("tag on an answer")
        verbose_name_plural = _("tags on answers")
        constraints = [
            models.UniqueConstraint(
                fields=["content_object", "tag"], name="referrals_feedback_tag_once"
            ),
        ]


class FeedbackNote(AppendOnlyModel):
    """What somebody of the staff wrote beside an answer. Only ever added to."""

    response = models.ForeignKey(
        "wagtail_referrals.FeedbackResponse", on_delete=models.CASCADE, related_name="notes"
    )
    text = models.TextField(_("note"), max_length=2000)
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
        verbose_name = _("note on an answer")
        verbose_name_plural = _("notes on answers")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.created_at:%Y-%m-%d}"


class FeedbackWord(models.Model):
    """A word of an answer, folded: what the inbox is searched by."""

    # The unique key begins with it: an index of its own would be a third one to write.
    response = models.ForeignKey(
        "wagtail_referrals.FeedbackResponse",
        on_delete=models.CASCADE,
        related_name="+",
        db_index=False,
    )
    word = models.CharField(max_length=40)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("word of an answer")
        verbose_name_plural = _("words of answers")
        constraints = [
            models.UniqueConstraint(
                fields=["response", "word"], name="referrals_feedback_word_once"
            ),
        ]
        indexes = [
            # PostgreSQL has to be told that its beginning is searched; the others ignore it.
            models.Index(
                fields=["word", "response"],
                name="referrals_feedback_word",
                opclasses=["varchar_pattern_ops", "int8_ops"],
            ),
        ]

    def __str__(self) -> str:
        return self.word


class SavedView(models.Model):
    """A search of the inbox that somebody keeps."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", editable=False
    )
    name = models.CharField(_("name"), max_length=60)
    query = models.CharField(max_length=1000, blank=True)
    is_shared = models.BooleanField(_("for everybody who sees the inbox"), default=False)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["user", "name"], name="referrals_saved_view_once"),
        ]

    def __str__(self) -> str:
        return self.name
