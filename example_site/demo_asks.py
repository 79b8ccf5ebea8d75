"""The demo's map of touchpoints, and who agreed to be thanked in public."""

from __future__ import annotations

from datetime import datetime

from example_site.home.models import HomePage
from wagtail_referrals.asks.defaults import make_usual
from wagtail_referrals.exceptions import ReferralsError
from wagtail_referrals.programs.models import Program
from wagtail_referrals.referrals.models import Advocate, ShownAs
from wagtail_referrals.referrals.own import show_on_board

ALIASES = ["Sea eagle", "Early bird", "Lighthouse keeper"]


def add_touchpoints(program: Program, start: datetime) -> None:
    """The usual ones, from the first day on."""
    for touchpoint in make_usual(program):
        touchpoint.planned_until = start
        touchpoint.save()


def thank_in_public(program: Program, home: HomePage) -> None:
    """Those who brought most of the friends let themselves be named, some by another name."""
    best = Advocate.objects.filter(program=program, friends_converted__gt=0)
    best = best.exclude(person__name="").order_by("-friends_converted", "pk")[:9]
    for number, advocate in enumerate(best):
        alias = ALIASES[number // 3] if number % 3 == 2 else ""
        try:
            show_on_board(
                advocate, shown_as=ShownAs.ALIAS if alias else ShownAs.FIRST_NAME, alias=alias
            )
        except ReferralsError:  # the seed made them leave, or somebody has that name
            continue
    words = {"program": str(program.pk), "period": "all"}
    home.body.append(
        (
            "wall_of_thanks",
            {
                "heading": "They brought somebody aboard",
                "text": "Thank you for every good word about us.",
                **words,
            },
        )
    )
    home.save_revision().publish()
