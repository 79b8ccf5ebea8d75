"""Approving, holding and voiding many rewards, a slice of them with each POST.

Without JavaScript somebody presses "Continue" after each slice; with it the page does. What a
slice has done is done: stopping in between leaves the rest as it was.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import PermissionDenied
from django.core.validators import validate_comma_separated_integer_list
from django.db.models import Count, Max, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy
from wagtail.admin import messages
from wagtail.admin.views.bulk_action import BulkAction

from ..exceptions import ReferralsError
from ..rewards.approve import approve_rewards, hold_rewards, void_rewards
from ..rewards.ledger import sources_of
from ..rewards.models import Reward, RewardState
from ..text import clean_line
from .actions import ReasonForm
from .permissions import policy_for
from .records import Text
from .rewards import RewardIndexView, find_rewards
from .rewards_totals import totals_of

# How many rewards a screen names; more than a list's page can hold.
MOST_NAMED = 100


class BulkForm(ReasonForm):
    """The reason, and how far it has come."""

    after = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)
    upto = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)
    total = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)
    done = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)
    refused = forms.CharField(
        required=False,
        max_length=20 * MOST_NAMED,
        validators=[validate_comma_separated_integer_list],
        widget=forms.HiddenInput,
    )


class RewardBulkAction(BulkAction):
    """One of Wagtail's bulk actions, for the rewards a list shows or some that were ticked."""

    models = [Reward]
    form_class = BulkForm
    template_name = "wagtail_referrals/admin/rewards_bulk.html"
    sources: ClassVar[frozenset[RewardState]]
    verb: ClassVar[Callable[..., list[Reward]]]
    slice_size = 500
    button_class = ""
    question: Text
    explanation: Text
    done_words: Any

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        if not policy_for(Reward).user_has_permission(request.user, "change"):
            raise PermissionDenied
        response: HttpResponse = super().dispatch(request, *args, **kwargs)
        return response

    def selected(self) -> QuerySet[Reward]:
        """What was ticked, or all the list holds; of what the user may change."""
        rewards = policy_for(Reward).instances_user_has_permission_for(self.request.user, "change")
        asked = self.request.GET.getlist("id")
        if "all" in asked:
            return self._listed(rewards)
        keys = [int(key) for key in asked if key.isdecimal() and len(key) < 19]
        return rewards.filter(pk__in=keys)

    def _listed(self, rewards: QuerySet[Reward]) -> QuerySet[Reward]:
        filters = RewardIndexView.filterset_class(
            self.request.GET, queryset=rewards, request=self.request
        )
        # The list shows all for a filter it does not understand. That is no basis to act on.
        if not filters.is_valid():
            return rewards.none()
        term = clean_line(self.request.GET.get("q"), 255)
        found = filters.filter_queryset(rewards)
        return found.filter(find_rewards(term)) if term else found

    def form_valid(self, form: Any) -> HttpResponse:
        seen = form.cleaned_data
        movable = self.selected().filter(state__in=self.sources).order_by("pk")
        if not seen["upto"]:
            # What comes in from now on was not on the screen.
            counted = movable.order_by().aggregate(upto=Max("pk"), total=Count("pk"))
            seen.update({key: value or 0 for key, value in counted.items()})
        rows = movable.filter(pk__gt=seen["after"] or 0, pk__lte=seen["upto"])
        rewards = list(rows[: self.slice_size])
        try:
            moved = type(self).verb(rewards, reason=seen["reason"], user=self.request.user)
        except ReferralsError as error:
            form.add_error("reason", str(error))
            return self.form_invalid(form)
        keys = {reward.pk for reward in moved}
        refused = [key for key in seen["refused"].split(",") if key]
        refused += [str(reward.pk) for reward in rewards if reward.pk not in keys]
        seen["done"] = (seen["done"] or 0) + len(moved)
        seen["refused"] = ",".join(refused[:MOST_NAMED])
        if len(rewards) == self.slice_size:
            return self._go_on({**seen, "after": rewards[-1].pk})
        return self._end(seen["done"], refused)

    def _go_on(self, progress: dict[str, Any]) -> HttpResponse:
        form = BulkForm(initial=progress)
        form.fields["reason"].widget = forms.HiddenInput()
        return self.render_to_response(self.get_context_data(form=form, progress=progress))

    def _end(self, done: int, refused: list[str]) -> HttpResponse:
        words = str(self.done_words % {"number": done})
        if not refused:
            messages.success(self.request, words)
            return redirect(self.next_url)
        rewards = policy_for(Reward).instances_user_has_permission_for(self.request.user, "change")
        keys = [int(key) for key in refused if key.isdecimal() and len(key) < 19]
        left = rewards.filter(pk__in=keys).select_related("person")
        return self.render_to_response(
            self.get_context_data(form=None, result=words, refused=list(left))
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = {
            "view": self,
            "next": self.next_url,
            "submit_url": f"{self.request.path}?{self.request.META['QUERY_STRING']}",
        }
        if "progress" not in kwargs and "result" not in kwargs:
            context.update(self._question())
        # The base's own would load and list all that was selected.
        return {**super(BulkAction, self).get_context_data(**kwargs), **context}

    def _question(self) -> dict[str, Any]:
        movable = self.selected().filter(state__in=self.sources)
        others = self.selected().exclude(state__in=self.sources).select_related("person")
        totals = totals_of(movable)
        return {
            "totals": totals,
            "count": sum(total.count for total in totals),
            "named": list(movable.select_related("person").order_by("pk")[: MOST_NAMED // 5]),
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


class VoidRewards(RewardBulkAction):
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


BULK_ACTIONS: list[type[RewardBulkAction]] = [ApproveRewards, HoldRewards, VoidRewards]
