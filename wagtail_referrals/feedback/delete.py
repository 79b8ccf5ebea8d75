"""Deleting answers: spam, tests, what somebody asked us to forget."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..people.log import DELETED, note
from ..text import clean_reason
from ..transactions import retried
from .models import FeedbackResponse


@retried
def delete_responses(
    responses: Sequence[FeedbackResponse], *, reason: str, user: Any = None
) -> int:
    """Delete answers with their words, tags, notes and cases; how many there still were.

    Wagtail's log keeps who did it and why. Raises InvalidInput("invalid_reason").
    """
    reason = clean_reason(reason)
    found = list(FeedbackResponse.objects.filter(pk__in=[response.pk for response in responses]))
    for response in found:
        note(response, DELETED, reason=reason, user=user)
    FeedbackResponse.objects.filter(pk__in=[response.pk for response in found]).delete()
    return len(found)
