"""Which smileys were chosen."""

from __future__ import annotations

from collections import Counter
from typing import Any

from ..feedback.ratings import FACES
from .open_words import NEWEST


def count_smileys(answers: Any) -> list[int]:
    """How often each was chosen in the newest answers, from the worst to the best.

    ``answers`` is a queryset of FeedbackResponse. Of so many only, so that it needs no tallies.
    """
    newest = answers.order_by("-submit_time", "-pk").values_list("csat", flat=True)[:NEWEST]
    counted = Counter(newest)
    return [counted[number] for number in range(1, len(FACES) + 1)]
