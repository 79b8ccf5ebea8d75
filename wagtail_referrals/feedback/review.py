"""What staff decide about answers that look like spam."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from ..people.log import MARKED_SPAM, RELEASED, note
from ..referrals.models import Referral
from ..rewards.give_again import give_again
from ..rewards.models import Reward
from ..rewards.rule_models import Beneficiary
from ..rewards.take_back import end_reward
from ..text import clean_reason
from ..transactions import retried
from .case_models import CaseState
from .cases import close_case
from .heard import credit_again, take_back_credit
from .heard_field import Heard
from .models import FeedbackResponse, ResponseState
from .submit import Answers, act_on, reward_for
from .testimonial_models import Testimonial
from .testimonials import offer_again, take_off


@dataclass(frozen=True)
class Marked:
    """An answer that was marked as spam now, and the recommendation it brought that had to stay."""

    response: FeedbackResponse
    kept_referral: Referral | None


@retried
def release_response(
    response: FeedbackResponse, *, reason: str, user: Any = None, at: datetime | None = None
) -> bool:
    """Let an answer count that was held or taken for spam; False when it counts already.

    What did not follow when it was sent follows now: the coupon, by mail, the testimonial, the
    cases. What was taken back when it was marked is given again; its closed cases stay closed.
    Raises InvalidInput("invalid_reason").
    """
    reason, at = clean_reason(reason), at or timezone.now()
    aside = FeedbackResponse.objects.filter(pk=response.pk).exclude(state=ResponseState.RECEIVED)
    if not aside.update(state=ResponseState.RECEIVED):
        return False
    stored = FeedbackResponse.objects.select_related("person", "page", "program", "event").get(
        pk=response.pk
    )
    note(stored, RELEASED, reason=reason, user=user)
    if stored.kept_answers is not None and stored.person:
        answers = _restored(stored)
        reward_for(stored, at)
        stored.kept_answers = None
        stored.save(update_fields=["event", "coupon", "kept_answers"])
        act_on(stored, answers, at)
    else:
        _bring_back(stored, reason, user, at)
    return True


def _bring_back(response: FeedbackResponse, reason: str, user: Any, at: datetime) -> None:
    """Undo what ``mark_spam`` did to an answer that had counted."""
    credit_again(response, at)
    for testimonial in Testimonial.objects.filter(response=response.pk):
        offer_again(testimonial)
    if response.event is None:
        return
    for reward in give_again(response.event, reason=reason, user=user, at=at):
        if reward.beneficiary == Beneficiary.HAND_ON and reward.coupon:
            FeedbackResponse.objects.filter(pk=response.pk).update(coupon=reward.coupon)


def _restored(response: FeedbackResponse) -> Answers:
    """The answers as they were when they were sent."""
    kept = dict(response.kept_answers or {})
    named = kept.pop("named")
    if named:
        kept["heard"] = Heard(kept["heard"], **named)
    return Answers(data=response.form_data, **{**kept, "consents": tuple(kept["consents"])})


@retried
def mark_spam(
    response: FeedbackResponse, *, reason: str, user: Any = None, at: datetime | None = None
) -> Marked | None:
    """Count an answer in no report, and take back what it was given; None when it was done.

    A recommendation it brought about is taken back, too, unless something came of it since.
    Raises InvalidInput("invalid_reason").
    """
    reason, at = clean_reason(reason), at or timezone.now()
    others = FeedbackResponse.objects.filter(pk=response.pk).exclude(state=ResponseState.SPAM)
    if not others.update(state=ResponseState.SPAM):
        return None
    note(response, MARKED_SPAM, reason=reason, user=user)
    if response.event_id:
        given = Reward.objects.select_related("program__site", "person", "offer", "event")
        for reward in given.filter(event=response.event_id):
            # The event on the line says why: see give_again.
            end_reward(reward, reason=reason, user=user, at=at, event=reward.event)
    for testimonial in Testimonial.objects.filter(response=response.pk):
        take_off(testimonial)
    for case in response.cases.exclude(state=CaseState.CLOSED):
        close_case(case, reason=reason, user=user, at=at)
    return Marked(response, take_back_credit(response))
