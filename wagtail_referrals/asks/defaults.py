"""The usual touchpoints: what the advice on asking says, as a map to begin with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import F
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ..programs.models import Program
from ..transactions import retried
from .models import AskFor, JourneyStage, Touchpoint
from .whom import FIRST_TIMERS, REGULARS

DAY = 24
# Asking at the till is refused; this is what is offered instead.
THREE_DAYS = 3 * DAY


@dataclass(frozen=True)
class Usual:
    """One touchpoint to begin with, and why it is there."""

    name: str | Promise
    stage: JourneyStage
    why: str | Promise
    expectation: str | Promise = ""
    event_kind: str = ""
    is_paying: bool = False
    asks_for: AskFor = AskFor.NOTHING
    delay_hours: int = 0
    whom: str = ""
    every_days: int = 365

    def values(self) -> dict[str, Any]:
        """The fields of a touchpoint, in the reader's language."""
        return {
            "name": str(self.name),
            "stage": self.stage,
            "expectation": str(self.expectation),
            "event_kind": self.event_kind,
            "is_paying": self.is_paying,
            "asks_for": self.asks_for,
            "delay_hours": self.delay_hours,
            "whom": self.whom,
            "every_days": self.every_days,
        }


USUAL: tuple[Usual, ...] = (
    Usual(
        _("They hear of us"),
        JourneyStage.KNOW,
        why=_("Whoever comes by a friend's word expects more: say at once how you work."),
        expectation=_("Most of our customers come because somebody told them about us."),
    ),
    Usual(
        _("The first talk"),
        JourneyStage.LIKE,
        why=_("Set expectations early: then the question later is no surprise."),
        expectation=_(
            "Afterwards we ask you how it was. If you were glad of it, we ask you to pass it on."
        ),
    ),
    Usual(
        _("They look at others' experience"),
        JourneyStage.TRUST,
        why=_("Reviews and testimonials answer here what you cannot say yourself."),
        expectation=_("What you read about us was written by people who were here."),
    ),
    Usual(
        _("The first purchase arrives"),
        JourneyStage.TRY,
        why=_("Surprise the first-timer with something small, and ask only then."),
        expectation=_("With your first order there is something extra from us."),
        event_kind="purchase",
        asks_for=AskFor.FEEDBACK,
        delay_hours=5 * DAY,
        whom=FIRST_TIMERS,
    ),
    Usual(
        _("At the till"),
        JourneyStage.BUY,
        why=_("Nothing is asked here: paying is the worst moment."),
        expectation=_("You know the price beforehand, and what it includes."),
        event_kind="purchase",
        is_paying=True,
    ),
    Usual(
        _("A problem was solved"),
        JourneyStage.BUY,
        why=_("Nobody is as grateful as whoever was helped: ask the day after."),
        expectation=_("If something goes wrong, you hear from us within a working day."),
        event_kind="support_solved",
        asks_for=AskFor.FEEDBACK,
        delay_hours=DAY,
        every_days=180,
    ),
    Usual(
        _("A regular comes again"),
        JourneyStage.REPEAT,
        why=_("Reward the regular, and ask who comes back by themselves for a recommendation."),
        expectation=_("Who comes often is treated better than who comes for the first time."),
        event_kind="purchase",
        asks_for=AskFor.REFERRAL,
        delay_hours=7 * DAY,
        whom=REGULARS,
    ),
    Usual(
        _("Somebody they introduced became a client"),
        JourneyStage.REFER,
        why=_("Thank first. Who has introduced somebody with success knows more people."),
        expectation=_("You hear what became of everybody you introduced."),
        event_kind="introduction.won",
        asks_for=AskFor.INTRODUCTION,
        delay_hours=7 * DAY,
    ),
)


@retried
def make_usual(program: Program) -> list[Touchpoint]:
    """Put the usual touchpoints on a program's map, after those it has; pressed twice: once.

    One that has the same name there already is left as it is.
    """
    # Writes nothing new, but makes who presses at the same moment wait until they are there.
    Program.objects.filter(pk=program.pk).update(slug=F("slug"))
    there = list(program.touchpoints.all())
    names = {touchpoint.name for touchpoint in there}
    last = max((touchpoint.position for touchpoint in there), default=0)
    new = [usual for usual in USUAL if str(usual.name) not in names]
    made = [
        Touchpoint(program=program, position=last + number, **usual.values())
        for number, usual in enumerate(new, start=1)
    ]
    for touchpoint in made:
        touchpoint.save()
    return made
