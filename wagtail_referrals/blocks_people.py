"""StreamField blocks that name people: only those who agreed, never with an amount of money."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail import blocks

from .programs.models import Program
from .referrals.board import ALL, FEWEST, PERIODS, leaders, thanked


def program_choices() -> list[tuple[str, str]]:
    """Every program, for an editor to choose from."""
    return [
        (str(pk), name) for pk, name in Program.objects.order_by("name").values_list("pk", "name")
    ]


class _NamesBlock(blocks.StructBlock):
    heading = blocks.CharBlock(label=_("Heading"), required=False, max_length=120)
    text = blocks.TextBlock(label=_("Text"), required=False, max_length=500, rows=2)
    program = blocks.ChoiceBlock(label=_("Program"), choices=program_choices)
    period = blocks.ChoiceBlock(label=_("Time"), choices=list(PERIODS.items()), default=ALL)


class WallOfThanksBlock(_NamesBlock):
    """The names of those who brought somebody and agreed to be named."""

    class Meta:
        icon = "group"
        label = _("Wall of thanks")
        template = "wagtail_referrals/blocks/wall_block.html"

    def get_context(self, value: Any, parent_context: Any = None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(value, parent_context=parent_context)
        program = _key(value["program"])
        names = thanked(program, value["period"] or ALL) if program else []
        return {**context, "names": names, "are_few": len(names) < FEWEST}


class LeaderboardBlock(_NamesBlock):
    """Who brought the most friends that bought, of those who agreed to be named."""

    count = blocks.IntegerBlock(label=_("How many"), min_value=3, max_value=50, default=10)

    class Meta:
        icon = "order-down"
        label = _("Board of recommendations")
        template = "wagtail_referrals/blocks/board_block.html"

    def get_context(self, value: Any, parent_context: Any = None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(value, parent_context=parent_context)
        program, period = _key(value["program"]), value["period"] or ALL
        places = leaders(program, period, most=value["count"] or 10) if program else []
        return {**context, "places": places, "period": PERIODS.get(period, "")}


def _key(value: Any) -> int | None:
    """The chosen program; None while nothing is chosen."""
    return int(value) if str(value or "").isdecimal() else None
