"""What pages show of customers' words and stars, and of how many it is."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.cache import cache
from django.db.models import Count, Sum

from .models import FeedbackResponse, ResponseState
from .testimonial_models import Testimonial, public

AVERAGE_SECONDS = 600
STARS = 5


@dataclass(frozen=True)
class Selection:
    """Testimonials, and how many people in all let us publish their words."""

    shown: list[Testimonial]
    total: int

    @property
    def is_all(self) -> bool:
        return len(self.shown) >= self.total


@dataclass(frozen=True)
class Average:
    """``value`` is of ``STARS``, of all who gave stars; ``count`` is how many those are."""

    value: float
    count: int
    of: int = STARS


def select(program_id: int, count: int) -> Selection:
    """The newest words of a program's customers that may be seen now."""
    shown = list(public().filter(program=program_id)[:count])
    if not shown:
        return Selection([], 0)
    allowed = Testimonial.objects.filter(program=program_id, consent__withdrawn_at=None)
    allowed = allowed.exclude(response__state=ResponseState.SPAM)
    return Selection(shown, allowed.exclude(words="").count())


def average_stars(program_id: int) -> Average | None:
    """The average of all who gave stars in a program, kept for ten minutes; None for nobody."""
    key = f"wagtail_referrals:stars:{program_id}"
    found: Average | str | None = cache.get(key)
    if found is None:
        found = _average(program_id) or "none"
        cache.set(key, found, AVERAGE_SECONDS)
    return found if isinstance(found, Average) else None


def _average(program_id: int) -> Average | None:
    """Of other numbers of stars, each counts for its share of five."""
    rated = FeedbackResponse.objects.filter(
        program=program_id, stars_of__isnull=False, state="received"
    )
    rows = rated.order_by().values_list("stars_of").annotate(Count("pk"), Sum("stars"))
    count = sum(number for _of, number, _stars in rows)
    if not count:
        return None
    return Average(sum(STARS * stars / of for of, _number, stars in rows) / count, count)
