"""The map: every touchpoint along know – like – trust – try – buy – repeat – refer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext, ngettext

from ..asks.counts import Counts, counts_since, with_reports
from ..asks.gaps import gaps
from ..asks.models import AskFor, JourneyStage, Touchpoint
from ..asks.places import Places
from ..asks.reasons import why_not
from ..asks.whom import whom_choices
from ..programs.access import visible_programs
from ..programs.models import Program
from .setup import SetupIndexView
from .words import EVENT_KINDS, say

# Of how many days the map counts.
DAYS = 30


@dataclass(frozen=True)
class Station:
    """One touchpoint on the map."""

    touchpoint: Touchpoint
    counts: Counts
    sentence: str
    warnings: list[str]
    url: str
    try_url: str


@dataclass(frozen=True)
class Stop:
    """One stage of the way, its touchpoints, and what is missing there."""

    stage: JourneyStage
    stations: list[Station]
    gaps: list[str | Promise]
    add_url: str


class MapView(SetupIndexView):
    """The map of one program, and below it the list of all touchpoints."""

    request: HttpRequest

    @cached_property
    def programs(self) -> list[Program]:
        return list(visible_programs(self.request.user).select_related("site"))

    @cached_property
    def program(self) -> Program | None:
        """The one that was chosen; else the first that has a map, or the first at all."""
        chosen = self.request.GET.get("program", "")
        by_key = {str(program.pk): program for program in self.programs}
        if chosen in by_key:
            return by_key[chosen]
        mapped = Touchpoint.objects.order_by().values_list("program", flat=True).distinct()
        drawn = set(mapped) if len(self.programs) > 1 else set()
        first = (program for program in self.programs if program.pk in drawn)
        return next(first, next(iter(self.programs), None))

    @cached_property
    def touchpoints(self) -> list[Touchpoint]:
        """Those of the map."""
        own = self.get_base_queryset().filter(program=self.program).select_related("page")
        found = list(with_reports(own.order_by("position", "pk"))) if self.program else []
        for touchpoint in found:
            touchpoint.program = self.program  # type: ignore[assignment]
        return found

    @property
    def stops(self) -> list[Stop]:
        keys = [touchpoint.pk for touchpoint in self.touchpoints]
        counts = counts_since(keys, timezone.now() - timedelta(days=DAYS)) if keys else {}
        places, whom = Places(), dict(whom_choices())
        missing = gaps(self.touchpoints)
        return [
            Stop(
                stage=stage,
                stations=[
                    self._station(one, counts.get(one.pk, Counts()), places, whom)
                    for one in self.touchpoints
                    if one.stage == stage
                ],
                gaps=[gap.words for gap in missing if gap.stage == stage],
                add_url=self._create_url(stage),
            )
            for stage in JourneyStage
        ]

    def _station(
        self, touchpoint: Touchpoint, counts: Counts, places: Places, whom: dict[str, Any]
    ) -> Station:
        helper, user = self.permission_helper, self.request.user
        may_edit = helper.user_can_edit_obj(user, touchpoint)
        action = "edit" if may_edit else "inspect"
        tries = f"{self.url_helper.get_action_url('simulate')}?touchpoint={touchpoint.pk}"
        return Station(
            touchpoint=touchpoint,
            counts=counts,
            sentence=sentence(touchpoint, whom),
            warnings=warnings(touchpoint, places, whom),
            url=self.url_helper.get_action_url(action, touchpoint.pk),
            try_url=tries if may_edit and _asks(touchpoint) else "",
        )

    def _create_url(self, stage: JourneyStage) -> str:
        if not (self.program and self.permission_helper.user_can_create(self.request.user)):
            return ""
        return f"{self.create_url}?{urlencode({'program': self.program.pk, 'stage': stage.value})}"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            programs=self.programs,
            program=self.program,
            stops=self.stops if self.touchpoints else [],
            missing=[gap.words for gap in gaps(self.touchpoints) if not gap.stage],
            usual_url=self._usual_url(),
            days=DAYS,
            **kwargs,
        )

    def _usual_url(self) -> str:
        if not (self.program and self.permission_helper.user_can_create(self.request.user)):
            return ""
        return f"{self.url_helper.get_action_url('usual')}?program={self.program.pk}"


def _asks(touchpoint: Touchpoint) -> bool:
    return bool(touchpoint.asks_for and touchpoint.event_kind)


def delay_words(hours: int) -> str:
    """How long after, as one says it."""
    if not hours:
        return gettext("at once")
    if hours % 24:
        return ngettext("%(n)d hour later", "%(n)d hours later", hours) % {"n": hours}
    days = hours // 24
    return ngettext("%(n)d day later", "%(n)d days later", days) % {"n": days}


def sentence(touchpoint: Touchpoint, whom: dict[str, Any]) -> str:
    """What is asked, when and whom, in a sentence."""
    if not touchpoint.asks_for:
        return gettext("Nothing is asked here.")
    words = gettext("Asks %(whom)s for %(what)s, %(when)s.")
    return words % {
        "whom": whom.get(touchpoint.whom, touchpoint.whom),
        "what": touchpoint.get_asks_for_display(),
        "when": delay_words(touchpoint.delay_hours),
    }


def warnings(touchpoint: Touchpoint, places: Places, whom: dict[str, Any]) -> list[str]:
    """Why it asks nobody, as it is set up."""
    if not touchpoint.asks_for:
        return []
    found = []
    if not touchpoint.event_kind:
        found.append(gettext("Nothing tells us when it happens."))
    elif not getattr(touchpoint, "is_reported", True):
        words = gettext("No “%(kind)s” has been recorded yet.")
        if touchpoint.event_kind not in EVENT_KINDS:
            words = gettext("Your shop has not reported any “%(kind)s” yet.")
        found.append(words % {"kind": say(EVENT_KINDS, touchpoint.event_kind)})
    if touchpoint.asks_for != AskFor.REFERRAL or touchpoint.page_id:
        found += [] if places.page(touchpoint) else [why_not("no_page")]
    if touchpoint.whom not in whom:
        found.append(why_not("whom_gone"))
    return found
