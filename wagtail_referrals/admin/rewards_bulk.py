"""Approving, holding and voiding many rewards."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from ..rewards.approve import approve_rewards, hold_rewards, void_rewards
from ..rewards.ledger import sources_of
from ..rewards.models import Reward, RewardState
from .bulk import MOST_NAMED, BulkForm, SlicedBulkAction
from .rewards import RewardIndexView
from .rewards_story import tell_field
from .rewards_totals import totals_of


class RewardBulkAction(SlicedBulkAction):
    """Moves those that are in one of the states the verb can move them from."""

    models = [Reward]
    template_name = "wagtail_referrals/admin/rewards_bulk.html"
    index_view = RewardIndexView
    related = ("person",)
    sources: ClassVar[frozenset[RewardState]]
    verb: ClassVar[Callable[..., list[Reward]]]

    def movable(self, rows: QuerySet) -> QuerySet:
        return rows.filter(state__in=self.sources)

    def act(self, rows: list[Any], values: dict[str, Any]) -> set[int]:
        moved = type(self).verb(rows, reason=values["reason"], user=self.request.user)
        return {reward.pk for reward in moved}

    def question_context(self) -> dict[str, Any]:
        others = self.selected().exclude(state__in=self.sources).select_related("person")
        totals = totals_of(self.movable(self.selected()))
        return {
            **super().question_context(),
            "totals": totals,
            "count": sum(total.count for total in totals),
            "others": list(others.order_by("pk")[: MOST_NAMED // 5]),
        }


class ApproveRewards(RewardBulkAction):
    display_name = _("Approve")
    action_type = "approve"
    aria_label = _("Approve the selected rewards")
    action_priority = 10
    sources = frozenset(sources_of(RewardState.APPROVED))
    verb = approve_rewards
    question = _("Approve these rewards?")
    explanation = _("Each is given once its hold is over.")
    done_words = ngettext_lazy(
        "%(number)d reward is approved.", "%(number)d rewards are approved.", "number"
    )


class HoldRewards(RewardBulkAction):
    display_name = _("Hold")
    action_type = "hold"
    aria_label = _("Hold the selected rewards")
    action_priority = 20
    sources = frozenset(sources_of(RewardState.HELD))
    verb = hold_rewards
    question = _("Hold these rewards?")
    explanation = _("None of them is given until somebody approves it.")
    done_words = ngettext_lazy(
        "%(number)d reward is held.", "%(number)d rewards are held.", "number"
    )


class VoidBulkForm(BulkForm):
    """As for one reward, and how far it has come."""

    tell = tell_field()


class VoidRewards(RewardBulkAction):
    form_class = VoidBulkForm
    display_name = _("Void")
    action_type = "void"
    aria_label = _("Void the selected rewards")
    action_priority = 30
    classes = {"serious"}
    button_class = "serious"
    sources = frozenset([*sources_of(RewardState.VOIDED), *sources_of(RewardState.CLAWED_BACK)])
    verb = void_rewards
    # Each has its worth to be booked out, in a transaction of its own.
    slice_size = 50
    question = _("Void these rewards?")
    explanation = _(
        "They end. Coupons are void, and what was used or paid already is noted, to be set "
        "against the person's next rewards. This cannot be undone."
    )
    done_words = ngettext_lazy(
        "%(number)d reward is void.", "%(number)d rewards are void.", "number"
    )

    def act(self, rows: list[Any], values: dict[str, Any]) -> set[int]:
        user, tell = self.request.user, values["tell"]
        moved = void_rewards(rows, reason=values["reason"], user=user, tell=tell)
        return {reward.pk for reward in moved}


BULK_ACTIONS: list[type[RewardBulkAction]] = [ApproveRewards, HoldRewards, VoidRewards]
