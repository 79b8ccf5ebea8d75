"""What staff write and stick on answers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Model
from django.utils import timezone
from taggit.models import Tag

from ..text import clean_line, clean_text
from ..transactions import retried
from .inbox_models import FeedbackNote, FeedbackTag
from .models import FeedbackResponse

MOST_TAGS = 20


@retried
def add_note(response: FeedbackResponse, text: str, *, user: Any = None) -> FeedbackNote:
    """Write a note beside an answer. Raises InvalidInput("invalid_text")."""
    return FeedbackNote.objects.create(
        response=response, text=clean_text(text, 2000), user=user, created_at=timezone.now()
    )


@retried
def set_tags(response: FeedbackResponse, names: Iterable[str]) -> None:
    """Give an answer these tags, and take every other one from it."""
    tags = _tags(names)
    FeedbackTag.objects.filter(content_object=response).exclude(tag__in=tags).delete()
    _stick([response], tags)


@retried
def add_tags(responses: Iterable[FeedbackResponse], names: Iterable[str]) -> None:
    """Give all these answers these tags, beside those they have; again changes nothing."""
    _stick(responses, _tags(names))


def _tags(names: Iterable[str]) -> list[Model]:
    clean = dict.fromkeys(filter(None, (clean_line(name, 100) for name in names)))
    return [_tag(name) for name in list(clean)[:MOST_TAGS]]


def _tag(name: str) -> Model:
    """The tag of that name, however it is written: one for “Delivery” and “delivery”."""
    known = Tag.objects.filter(name__iexact=name).order_by("pk").first()
    return known or Tag.objects.get_or_create(name=name)[0]


def _stick(responses: Iterable[FeedbackResponse], tags: list[Model]) -> None:
    rows = [FeedbackTag(content_object=response, tag=tag) for response in responses for tag in tags]
    FeedbackTag.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)
