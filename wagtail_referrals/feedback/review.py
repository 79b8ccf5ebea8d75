"""What staff decide about answers that look like spam."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone

from ..people.log import MARKED_SPAM, RELEASED, note
from ..rewards.models import Reward
from ..rewards.take_back import end_reward
from ..text import clean_reason
from ..transactions import retried
from .heard_field import Heard
from .models import FeedbackResponse, ResponseState
from .submit import Answers, act_on, reward_for
from .testimonial_models import Testimonial
from .testimonials import take_off


@retried
def release_response(
    response: FeedbackResponse, *, reason: str, user: Any = None, at: datetime | None = None
) -> bool:
    """Let an answer count that was held or taken for spam; False when it counts already.

    What did not follow when it was sent follows now: the coupon, by mail, the testimonial, the
    cases. Raises InvalidInput("invalid_reason").
    """
    reason, at = clean_reason(reason), at or timezone.now()
    aside = FeedbackResponse.objects.filter(pk=response.pk).exclude(state=ResponseState.RECEIVED)
    if not aside.update(state=ResponseState.RECEIVED):
        return False
    stored = FeedbackResponse.objects.select_related("person", "page").get(pk=response.pk)
    note(stored, RELEASED, reason=reason, user=user)
    if stored.kept_answers is not None and stored.person:
        answers = _restored(stored)
        reward_for(stored, at)
        stored.kept_answers = None
        stored.save(update_fields=["event", "coupon", "kept_answers"])
        act_on(stored, answers, at)
    return True


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
) -> bool:
    """Count an answer in no report, and take back what it was given; False when it was done.

    Raises InvalidInput("invalid_reason").
    """
    reason, at = clean_reason(reason), at or timezone.now()
    others = FeedbackResponse.objects.filter(pk=response.pk).exclude(state=ResponseState.SPAM)
    if not others.update(state=ResponseState.SPAM):
        return False
    note(response, MARKED_SPAM, reason=reason, user=user)
    if response.event_id:
        given = Reward.objects.select_related("program__site", "person", "offer")
        for reward in given.filter(event=response.event_id):
            end_reward(reward, reason=reason, user=user, at=at)
    for testimonial in Testimonial.objects.filter(response=response.pk):
        take_off(testimonial)
    return True
