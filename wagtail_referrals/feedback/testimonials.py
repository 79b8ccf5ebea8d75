"""Words on their way to a page: proposed with the answer, published by editors, withdrawn."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils import timezone

from ..bulk import insert
from ..messages.queue import queue_message
from ..people.consent import new_consent, withdraw
from ..people.models import Consent
from ..rewards.models import Reward
from ..text import clean_line
from ..transactions import retried
from .models import FeedbackResponse
from .testimonial_models import Scope, Testimonial

if TYPE_CHECKING:
    from .submit import Answers

PUBLISHED = "testimonial_published"


def propose_testimonial(
    response: FeedbackResponse, answers: Answers, *, place: str = ""
) -> Testimonial | None:
    """Keep the permission, if it was given, and the words for an editor to look at.

    Call it in the transaction of the answer. Without words there is nothing to publish; without
    a scope they may be published without a name only.
    """
    if not answers.publish or response.person is None:
        return None
    consent = new_consent(
        response.person,
        Consent.Kind.PUBLISH,
        answers.publish,
        place=place,
        at=response.submit_time,
    )
    insert([consent])
    said = answers.words if answers.quotable is None else answers.quotable
    words = said.strip()[:5000]
    if not words:
        return None
    scope = Scope(answers.scope) if answers.scope in Scope.values else Scope.ANONYMOUS
    return Testimonial.objects.create(
        program=response.program,
        person=response.person,
        response=response,
        consent=consent,
        scope=scope,
        **_shown_as(scope, response, answers),
        words=words,
        original=words,
        stars=response.stars,
        stars_of=response.stars_of,
        thanked=_was_thanked(response),
        locale=response.locale,
        live=False,
        has_unpublished_changes=True,
        created_at=response.submit_time,
    )


def _shown_as(scope: Scope, response: FeedbackResponse, answers: Answers) -> dict[str, str]:
    """The name and the town, no more than the scope allows."""
    name = clean_line(answers.name, 120) or response.person.name  # type: ignore[union-attr]
    if scope == Scope.NAME:
        return {"name": name}
    if scope == Scope.TOWN:
        return {"name": name.split(" ")[0], "town": clean_line(answers.town, 120)}
    return {}


def _was_thanked(response: FeedbackResponse) -> bool:
    """Whether they got anything for the answer, for themselves or to hand on."""
    if response.coupon_id:
        return True
    return bool(response.event_id) and Reward.objects.filter(event=response.event_id).exists()


@retried
def withdraw_testimonial(testimonial: Testimonial, *, at: datetime | None = None) -> bool:
    """Take the permission back: from now on the words are on no page. True for the first time.

    A publication that is on its way, or comes later, shows nothing either: see ``public``.
    """
    first = withdraw(testimonial.consent, at=at)
    testimonial.consent.refresh_from_db()
    take_off(testimonial)
    return first


def end_publication(consent: Consent, at: datetime) -> None:
    """A permission was withdrawn: its words are on no page any more."""
    for testimonial in Testimonial.objects.filter(consent=consent.pk):
        take_off(testimonial)


def take_off(testimonial: Testimonial) -> None:
    """Off every page, and whatever would bring it back ends."""
    own = Testimonial.objects.filter(pk=testimonial.pk)
    own.update(live=False, has_unpublished_changes=False, go_live_at=None)
    testimonial.revisions.update(approved_go_live_at=None)
    waiting = testimonial.current_workflow_state
    if waiting:
        waiting.cancel()
    testimonial.refresh_from_db(fields=["live", "has_unpublished_changes", "go_live_at"])


def offer_again(testimonial: Testimonial) -> None:
    """Words that were taken off with their answer wait for an editor as they did at first."""
    may_be_published = Testimonial.objects.filter(consent__withdrawn_at=None).exclude(words="")
    may_be_published.filter(pk=testimonial.pk).update(has_unpublished_changes=True)


def find_by_withdraw_key(key: str) -> Testimonial | None:
    """The testimonial a person's link is about."""
    if not key or "\x00" in key or len(key) > 40:
        return None
    found = Testimonial.objects.select_related("consent", "program__site")
    return found.filter(withdraw_key=key).exclude(words="").first()


def withdraw_path(testimonial: Testimonial) -> str:
    """Where a person sees their words and takes them off."""
    return reverse("wagtail_referrals:withdraw", args=[testimonial.withdraw_key])


def tell_of_publication(testimonial: Testimonial) -> None:
    """Mail the person what is published of theirs and how to take it off; again when it changes."""
    program, person = testimonial.program, testimonial.person
    if program is None or person is None or not person.email:
        return
    digest = hashlib.sha256(testimonial.words.encode()).hexdigest()[:12]
    queue_message(
        PUBLISHED,
        about=f"{testimonial.pk}:{digest}",
        person=person,
        program=program,
        context={
            "words": testimonial.words,
            "byline": testimonial.byline,
            "withdraw_link": f"{program.site.root_url}{withdraw_path(testimonial)}",
        },
    )


def on_published(instance: Any, **kwargs: Any) -> None:
    """Wagtail published something: tell whose words it was."""
    if isinstance(instance, Testimonial) and instance.live and not instance.bar:
        tell_of_publication(instance)


def retire_testimonials(*, at: datetime | None = None, limit: int = 1000) -> int:
    """Take off what was to be shown until a date; how many.

    Pages stop showing them at that moment by themselves; this only says so in the list.
    """
    at = at or timezone.now()
    over = Testimonial.objects.filter(live=True, expire_at__lte=at)
    retired = 0
    for testimonial in over[:limit]:
        # One UPDATE decides which of two that run at once does it.
        if over.filter(pk=testimonial.pk).update(live=False, expired=True):
            retired += 1
    return retired
