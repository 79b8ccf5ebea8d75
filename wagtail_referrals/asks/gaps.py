"""What a map of touchpoints lacks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .models import AskFor, JourneyStage, Touchpoint
from .whom import FIRST_TIMERS, REGULARS

BEFORE_BUYING = (JourneyStage.KNOW, JourneyStage.LIKE, JourneyStage.TRUST, JourneyStage.TRY)
MapIsSo = Callable[[list[Touchpoint]], bool]


@dataclass(frozen=True)
class Gap:
    """Something that a map should have. ``stage``: where on it; "" for the whole of it."""

    key: str
    words: str | Promise
    is_filled: MapIsSo
    stage: str = ""


def _any(holds: Callable[[Touchpoint], bool]) -> MapIsSo:
    return lambda touchpoints: any(holds(one) for one in touchpoints)


def _asks_for(what: str) -> MapIsSo:
    return _any(lambda one: one.asks_for == what)


def _asks(holds: Callable[[Touchpoint], bool]) -> MapIsSo:
    return _any(lambda one: bool(one.asks_for and one.event_kind) and holds(one))


GAPS: tuple[Gap, ...] = (
    Gap(
        "expectation",
        _("Nobody is told what to expect before they buy."),
        _any(lambda one: bool(one.expectation) and one.stage in BEFORE_BUYING),
    ),
    Gap(
        "first_timers",
        _("Nothing is there for first-timers: surprise them with something small."),
        _any(lambda one: one.whom == FIRST_TIMERS),
        JourneyStage.TRY,
    ),
    Gap(
        "support",
        _("Nothing after support: whoever was helped is gladly asked."),
        _asks(lambda one: "support" in one.event_kind.lower()),
        JourneyStage.BUY,
    ),
    Gap(
        "regulars",
        _("Nothing is asked of regulars, who come back by themselves."),
        _asks(lambda one: one.whom == REGULARS),
        JourneyStage.REPEAT,
    ),
    Gap("feedback", _("Nobody is asked for feedback."), _asks_for(AskFor.FEEDBACK)),
    Gap("review", _("Nobody is asked for a review."), _asks_for(AskFor.REVIEW)),
    Gap("referral", _("Nobody is asked for a recommendation."), _asks_for(AskFor.REFERRAL)),
)


def gaps(touchpoints: list[Touchpoint]) -> list[Gap]:
    """What the touchpoints in use lack, in the order of the map."""
    used = [touchpoint for touchpoint in touchpoints if touchpoint.is_active]
    return [gap for gap in GAPS if not gap.is_filled(used)]
