"""How recommendations went these thirty days, on Wagtail's home page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.forms import Media
from django.urls import reverse
from wagtail.admin.ui.components import Component

from ..insights.found import Period
from ..insights.funnel import LABELS
from ..insights.rollups import Span, count_facts, read_state
from ..programs.access import visible_programs
from ..programs.models import Program
from ..rewards.models import Reward, RewardState
from .dashboard_form import USUAL, days_of
from .dashboard_words import Tile, compare, write
from .days import today
from .permissions import can_look, visible
from .rewards import queue_url

# Of the funnel, what an owner would ask first.
SHOWN = ("shared", "clicked", "claimed", "converted")


class DashboardPanel(Component):
    """Four numbers and the way to all of them; nothing as long as there is no program."""

    name = "referrals_dashboard"
    template_name = "wagtail_referrals/admin/dashboard_panel.html"
    order = 149
    media = Media(css={"all": ["wagtail_referrals/admin/dashboard.css"]})

    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        user = parent_context["request"].user
        keys: list[int] = []
        if can_look(user, Program):
            keys = list(visible_programs(user).order_by().values_list("pk", flat=True))
        tiles = numbers(keys) if keys else []
        nothing = write(0)
        return {
            "tiles": tiles,
            "is_quiet": all(one.value == one.before == nothing for one in tiles),
            "url": reverse("referrals_dashboard:index"),
            "to_approve": rewards_to_approve(user) if tiles else 0,
            "queue_url": queue_url(),
        }


def rewards_to_approve(user: Any) -> int:
    """How many wait for somebody: no mail tells of them, and friends wait for their coupon."""
    if not can_look(user, Reward):
        return 0
    return visible(user, Reward.objects.filter(state=RewardState.HELD).order_by()).count()


def numbers(programs: Sequence[int]) -> list[Tile]:
    """The numbers of the last thirty days; ``programs`` are keys."""
    period = Period.of(*days_of(USUAL, today()))
    state = read_state()
    now, before = (_counts(programs, one.span, state) for one in (period, period.before))
    return [
        Tile(
            key,
            LABELS[key],
            write(now[key]),
            True,
            write(before[key]),
            compare(now[key], before[key]),
            "",
        )
        for key in SHOWN
    ]


def _counts(programs: Sequence[int], span: Span, state: Any) -> dict[str, int]:
    found = count_facts(programs, span, facts=SHOWN, state=state)
    return {key: found[key, ""].count if (key, "") in found else 0 for key in SHOWN}
