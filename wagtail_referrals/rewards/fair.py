"""What no rule may look at: what somebody thinks of us (docs/explanation, fair play)."""

from __future__ import annotations

import re
from functools import lru_cache

from django.utils.translation import gettext_lazy as _

# design.md, section 7: what somebody thinks of us earns nothing, and costs nothing.
UNFAIR = frozenset(
    ["score", "nps", "rating", "stars", "smiley", "csat", "mood", "sentiment", "review", "reviews"]
)
UNFAIR_WORDS = _(
    "A reward never depends on what somebody thinks of you. It is unfair, "
    "and in many places against the law."
)


@lru_cache(1024)
def is_unfair(name: str) -> bool:
    """Whether a name stands for what somebody thinks of us: no rule may look at that."""
    words = re.findall(r"[a-z]+|\d+", re.sub(r"([a-z])([A-Z])", r"\1 \2", name).lower())
    return not UNFAIR.isdisjoint(words)
