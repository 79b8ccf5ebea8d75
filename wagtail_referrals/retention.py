"""How long we keep what, and the purge of what nobody needs any more."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from .conf import setting
from .events.models import Event
from .feedback.invitation_models import Invitation
from .feedback.models import FeedbackResponse
from .insights.rollup_models import RollupState
from .messages.models import Message, MessageState, Quota
from .partners.introduction_models import Introduction
from .partners.models import Partner
from .people.erase import erase_person
from .people.models import Person
from .referrals.models import Click, Referral, Share
from .rewards.ledger import OPEN_STATES
from .rewards.models import Reward, RewardState

logger = logging.getLogger(__name__)

# So many batches of each kind in one run.
BATCHES = 10


@dataclass(frozen=True)
class Kept:
    """One kind of rows with a time of its own. ``old`` are those to go, older than a time.

    ``purge`` deletes or empties them, and is only given such rows; what it has emptied is not in
    ``old`` any more.
    """

    label: str | Promise
    days: int | None
    old: Callable[[datetime], QuerySet]
    purge: Callable[[QuerySet], Any]
    what: str | Promise
    # Rows that are not in the rollups yet wait for it.
    counted: bool = False
    # So many rows at once, so that nobody waits for a purge; the next run goes on.
    batch: int = 1000


def _delete(rows: QuerySet) -> None:
    rows.delete()


def _empty_mails(rows: QuerySet) -> None:
    rows.update(context={}, person=None, page=None, last_error="")


def _old_mails(before: datetime) -> QuerySet:
    over = (MessageState.SENT, MessageState.FAILED, MessageState.SKIPPED)
    return Message.objects.filter(state__in=over, created_at__lt=before).exclude(
        context={}, person=None
    )


def _idle_people(before: datetime) -> QuerySet:
    """Who has done nothing since, has nothing to come, and is not kept for another reason."""
    me = OuterRef("pk")
    did = (
        Event.objects.filter(person=me, occurred_at__gte=before),
        FeedbackResponse.objects.filter(person=me, submit_time__gte=before),
        Referral.objects.filter(referrer=me, claimed_at__gte=before),
        Referral.objects.filter(friend=me, claimed_at__gte=before),
        Click.objects.filter(advocate__person=me, occurred_at__gte=before),
        Introduction.objects.filter(giver=me, created_at__gte=before),
        Introduction.objects.filter(introduced=me, created_at__gte=before),
        Message.objects.filter(person=me, created_at__gte=before),
        Reward.objects.filter(person=me, state__in=(*OPEN_STATES, RewardState.ISSUED)),
        Reward.objects.filter(person=me, owed__gt=0),
        Partner.objects.filter(advocate__person=me),
    )
    known = Person.objects.filter(erased_at=None, blocked_at=None, user=None)
    return known.filter(*(~Exists(rows.order_by()) for rows in did), created_at__lt=before)


def _erase(people: QuerySet) -> None:
    for person in people:
        erase_person(person, reason=gettext("Nothing was heard of them for long"))


KEPT: dict[str, Kept] = {
    "people": Kept(
        label=_("people of whom nothing is heard any more"),
        days=None,
        old=_idle_people,
        purge=_erase,
        what=_("erased, when nothing was heard of them for so long and nothing is due to them"),
        batch=50,
    ),
    "clicks": Kept(
        label=_("clicks on links"),
        days=395,
        old=lambda before: Click.objects.filter(occurred_at__lt=before),
        purge=_delete,
        what=_("deleted; how many there were stays"),
        counted=True,
    ),
    "shares": Kept(
        label=_("uses of the share buttons"),
        days=395,
        old=lambda before: Share.objects.filter(occurred_at__lt=before),
        purge=_delete,
        what=_("deleted; how many there were stays"),
        counted=True,
    ),
    "messages": Kept(
        label=_("mails that were sent"),
        days=365,
        old=_old_mails,
        purge=_empty_mails,
        what=_("emptied: that there was a mail stays, without whom and what"),
    ),
    "invitations": Kept(
        label=_("invitations to forms nobody answered"),
        days=365,
        old=lambda before: Invitation.objects.filter(answered_at=None, expires_at__lt=before),
        purge=_delete,
        what=_("deleted"),
    ),
    "events_metadata": Kept(
        label=_("details of orders, as the shop reported them"),
        days=None,
        old=lambda before: Event.objects.filter(occurred_at__lt=before).exclude(metadata={}),
        purge=lambda rows: rows.update(metadata={}),
        what=_("emptied: number, amount and time of the order stay"),
    ),
    "quotas": Kept(
        label=_("counts for limits"),
        days=2,
        old=lambda before: Quota.objects.filter(ends_at__lt=before),
        purge=_delete,
        what=_("deleted"),
    ),
}


def retention_days(name: str) -> int | None:
    """For how many days rows of that kind are kept; None for ever."""
    days: int | None = setting("RETENTION_DAYS").get(name, KEPT[name].days)
    return days


def purge(*, at: datetime | None = None) -> int:
    """Let go of what is older than RETENTION_DAYS; how many rows. Safe to run twice at once.

    A kind that fails does not keep the others: the errors come at the end.
    """
    at = at or timezone.now()
    gone, errors = 0, []
    for name, kept in KEPT.items():
        try:
            gone += _purge(name, kept, at)
        except Exception as error:  # the next kind is not to blame
            logger.exception("%s could not be purged", name)
            errors.append(error)
    if errors:
        raise ExceptionGroup("Not all could be purged.", errors)
    return gone


def _purge(name: str, kept: Kept, at: datetime) -> int:
    days = retention_days(name)
    if days is None:
        return 0
    before = at - timedelta(days=days)
    if kept.counted:
        until = RollupState.objects.values_list("counted_until", flat=True).first()
        if until is None:
            return 0
        before = min(before, until)
        if not _say_purged(name, kept.old(before), before):
            return 0
    rows, gone = kept.old(before), 0
    for _number in range(BATCHES):
        # Their keys first: MariaDB limits no subquery.
        keys = list(rows.order_by("pk").values_list("pk", flat=True)[: kept.batch])
        if keys:
            kept.purge(rows.model._default_manager.filter(pk__in=keys))
        gone += len(keys)
        if len(keys) < kept.batch:
            break
    return gone


def _say_purged(name: str, rows: QuerySet, before: datetime) -> bool:
    """Keep what goes now from being counted again; False when nothing goes."""
    if not rows.exists():
        return False
    column = f"{name}_purged"
    earlier = Q(**{column: None}) | Q(**{f"{column}__lt": before})
    states = RollupState.objects.filter(earlier)
    states.update(version=F("version") + 1, **{column: before})
    return True
